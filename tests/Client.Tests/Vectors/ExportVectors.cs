using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Keyladder.Keys.Envelopes;
using Keyladder.Keys.Hierarchy;
using Keyladder.Keys.Passphrases;
using Keyladder.Vectors;

namespace Keyladder.Client.Tests.Vectors;

internal static class ExportVectors
{
    private static readonly ConcurrentDictionary<string, Lazy<Task<PassphraseDerivedKey>>> Derived = [];

    public static async Task<bool> ExportsAsync(VectorCase vector)
    {
        var derived = await DeriveAsync(vector);
        using var login = derived.DeriveLoginKeypair();
        using var mek = derived.DeriveMasterEncryptionKey();
        using var file = new MemoryStream(Encoding.UTF8.GetBytes(vector.Text("export")));
        ExportedAccount export;
        try
        {
            export = await ExportedAccount.ReadAsync(file, mek, Cryptography.Heads.SlotKind.Words, login.PublicKey, Person.Cancellation);
        }
        catch (KeyladderException e) when (e.Reason == FailureReason.NotAllowed)
        {
            return false;
        }

        using (export)
        {
            using var inUse = new KeysInUse();
            var wrapping = new KeyWrapping(export.Trust, inUse);
            vector.Gives("account", export.Account.ToString());
            vector.Gives("number", export.Head);
            vector.GivesJson("keys", JsonSerializer.SerializeToElement(new JsonArray([.. export.Keys.Prepend(export.Identity).Select(key => Describe(key, wrapping, vector))])));
        }

        return true;
    }

    public static Task<PassphraseDerivedKey> DeriveAsync(VectorCase vector) => Derived.GetOrAdd(vector.Text("words"), words => new(() => DeriveAsync(words))).Value;

    private static JsonObject Describe(StoredKey stored, KeyWrapping wrapping, VectorCase vector)
    {
        var key = wrapping.Describe(stored);
        using var opened = wrapping.Unwrap(key);
        using var bytes = opened.CopyKeyBytes();
        var overview = new JsonObject
        {
            ["purpose"] = key.Purpose.ToText(),
            ["type"] = key.Purpose.IsKeypair() ? "ed25519" : "cobblestone-256",
            ["state"] = key.State.ToText(),
            ["created"] = key.Created.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        };
        if (key.Label is not null)
            overview["label"] = key.Label;
        if (opened.PublicKey is { } publicKey)
            overview["public"] = Convert.ToHexStringLower(publicKey.Bytes);
        // An import writes every key in revision 1; the file's revision went into what was opened and into the root.
        var revision = vector.Json("keys").EnumerateArray().Single(expected => expected.GetProperty("id").GetString() == key.Id.ToString()).GetProperty("revision").GetInt64();
        Assert.Equal(1, stored.Revision);
        return new JsonObject { ["id"] = key.Id.ToString(), ["revision"] = revision, ["overview"] = overview, ["content"] = Convert.ToHexStringLower(bytes.DangerousSpan) };
    }

    private static async Task<PassphraseDerivedKey> DeriveAsync(string text)
    {
        Assert.True(Words.TryParse(text, out var words, out _));
        using (words)
        using (var secret = UnlockSecret.FromWords(words))
            return await PassphraseDerivedKey.DeriveAsync(secret);
    }
}
