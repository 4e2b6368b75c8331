using System.Buffers.Binary;
using System.Text.Json;
using System.Text.Json.Nodes;
using Keyladder.Cryptography;
using Keyladder.Cryptography.ChunkedEncryption;
using Keyladder.Cryptography.Secrets;
using Keyladder.Keys.Envelopes;
using Keyladder.Keys.Hierarchy;
using Keyladder.Vectors;

namespace Keyladder.Keys.Tests.Vectors;

/// <summary>What one service keeps of another's heads, through the key that the KEK derives.</summary>
internal static class WitnessVectors
{
    public static bool Witnesses(VectorCase vector)
    {
        Assert.True(AccountId.TryParse(vector.Text("account"), out var account));
        Assert.True(AccountId.TryParse(vector.Text("keeper"), out var keeper));
        Assert.True(KeyEncryptionKeyId.TryParse(vector.Text("kek"), out var id));
        using var kek = new KeyEncryptionKey(account, id, SecretBytes.CopyOf(vector.Bytes("kekKey")));
        using var key = kek.DeriveWitnessKey();
        try
        {
            var heads = key.Open(keeper, vector.Bytes("envelope"));
            using var bytes = key.CopyKeyBytes();
            vector.Gives("witnessKey", bytes.DangerousSpan);
            vector.GivesJson("heads", JsonSerializer.SerializeToElement(new JsonArray([.. heads.Select(Shown)])));
            Assert.Equal(heads, key.Open(keeper, key.Seal(keeper, heads)));
            return true;
        }
        catch (OpenFailedException)
        {
            return false;
        }
    }

    /// <returns>The context as the library encodes it, and the content.</returns>
    public static (byte[] Context, byte[] Content) Open(AccountId account, KeyEncryptionKeyId kek, AccountId keeper, byte[] key, byte[] envelope)
    {
        using var witnessKey = new WitnessKey(account, kek, SecretBytes.CopyOf(key));
        return (Contexts.Witness(account, kek, keeper), Content(witnessKey.Open(keeper, envelope)));
    }

    /// <summary>As docs/spec/witness.md section 1 has it, written a second time.</summary>
    public static byte[] Content(IEnumerable<WitnessedHead> heads) => [.. heads.SelectMany(head =>
    {
        var number = new byte[8];
        BinaryPrimitives.WriteInt64BigEndian(number, head.Number);
        return (byte[])[.. head.Account.Value.ToByteArray(bigEndian: true), .. number, .. head.Hash.ToArray()];
    })];

    private static JsonObject Shown(WitnessedHead head) => new()
    {
        ["account"] = head.Account.ToString(),
        ["number"] = head.Number,
        ["hash"] = Convert.ToHexStringLower(head.Hash.ToArray()),
    };
}
