using System.Text;
using System.Text.Json;
using Keyladder.Cryptography;
using Keyladder.Cryptography.Heads;
using Keyladder.Cryptography.Secrets;
using Keyladder.Cryptography.Signing;
using Keyladder.Keys.Envelopes;
using Keyladder.Keys.Hierarchy;
using Keyladder.Keys.Passphrases;
using Keyladder.Keys.Recovery;
using Keyladder.Keys.Relationships;
using Keyladder.Keys.Tests.Passphrases;

namespace Keyladder.Keys.Tests.Hierarchy;

/// <summary>Attack J05: a secret that is printed, serialized or formatted by accident.</summary>
public sealed class RedactionTests
{
    private static readonly JsonSerializerOptions WithFields = new() { IncludeFields = true };

    private static readonly byte[] Canary = [.. Enumerable.Range(0, 32).Select(i => (byte)(0xC0 ^ (i * 7)))];

    public static TheoryData<string> Types() => [.. Secrets().Select(secret => secret.GetType().Name)];

    [Theory]
    [MemberData(nameof(Types))]
    public void J05_neither_text_nor_JSON_holds_anything_of_it(string type)
    {
        var secret = Secrets().Single(one => one.GetType().Name == type);
        var shown = new StringBuilder();
        shown.AppendLine(secret.ToString());
        try
        {
            shown.AppendLine(JsonSerializer.Serialize(secret, secret.GetType(), WithFields));
        }
        catch (NotSupportedException refused)
        {
            shown.AppendLine(refused.ToString());
        }

        var text = shown.ToString();
        Assert.All(Traces(), trace => Assert.DoesNotContain(trace, text, StringComparison.OrdinalIgnoreCase));
        secret.Dispose();
    }

    [Fact]
    public void J05_every_public_type_that_holds_a_secret_is_tried()
    {
        var holders = typeof(KeyEncryptionKey).Assembly.GetExportedTypes()
            .Where(type => !type.IsAbstract && typeof(IDisposable).IsAssignableFrom(type))
            .Select(type => type.Name);
        Assert.Equal(holders.Order(), Secrets().Select(secret => secret.GetType().Name).Order());
    }

    /// <summary>One of each, made of the canary.</summary>
    private static IDisposable[] Secrets()
    {
        var (account, id) = (AccountId.Generate(), KeyId.Generate());
        var words = Words.FromEntropy(Canary.AsSpan(0, 16));
        var secretKey = SecretKey.FromSecret(Canary);
        Assert.True(Passphrase.TryParse(Convert.ToHexString(Canary), out var passphrase, out _));
        Assert.True(Origin.TryParse("https://vault.example.org", out var origin));
        var vault = new KeyService(origin, account);
        Assert.True(RecoveryPassword.TryParse(Convert.ToHexString(Canary), out var password, out _));
        var place = new RecoveryPlace(origin, RecoveryRecordId.Generate());
        var relationship = RelationshipKey.Generate(account, vault, Copy());
        Assert.True(KeyBundle.TryVerify(relationship.SignBundle(RelationshipId.Generate(), 1), relationship.Did, out var keys));
        var letter = Letter.Seal(keys, relationship.Did, account.Value, ["statement"], new SharingDataEncryptionKey(account, id, KeyState.Active, Copy()), new byte[1]);
        return
        [
            relationship, relationship.Open(keys, account.Value, letter),
            RelationshipInvitation.Of(origin, ChannelId.Generate(), relationship.Did, DateTimeOffset.UnixEpoch, Copy()),
            words, secretKey, Device(), new KeyFile(origin, account, Device()), passphrase, UnlockSecret.FromPassphrase(passphrase, secretKey),
            new PassphraseDerivedKey(Copy()), new MasterEncryptionKey(Copy()), new KeyEncryptionKey(account, KeyEncryptionKeyId.Generate(), Copy()),
            new PersonalDataEncryptionKey(account, id, KeyState.Active, Copy()), new SharingDataEncryptionKey(account, id, KeyState.Active, Copy()),
            new Keypair(account, id, KeyState.Active, Ed25519PrivateKey.FromSeed(Canary)), new IdentityKeypair(account, id, KeyState.Active, Ed25519PrivateKey.FromSeed(Canary)),
            new LoginKeypair(Ed25519PrivateKey.FromSeed(Canary)), new VaultSignInKeypair(account, id, KeyState.Active, Ed25519PrivateKey.FromSeed(Canary), vault),
            new VaultHeadKeypair(account, id, KeyState.Active, Ed25519PrivateKey.FromSeed(Canary), vault), new WitnessKey(account, KeyEncryptionKeyId.Generate(), Copy()),
            password, new StretchedPassword(Copy()), new PasswordSlotKey(Copy(), place), new ResetSecret(Copy()), RecoveryCode.FromSecret(Canary), new RecoveryKey(Copy()),
            new RecoveryKit(origin, account, Hash256.Zero, Words.FromEntropy(Canary.AsSpan(0, 16))),
        ];
    }

    private static DeviceSecret Device()
    {
        Assert.True(DeviceSecret.TryImport(Canary, out var secret));
        return secret;
    }

    private static SecretBytes Copy() => SecretBytes.CopyOf(Canary);

    /// <summary>Six bytes of the canary in a row, in every form that text has for bytes; and what a person would type.</summary>
    private static IEnumerable<string> Traces()
    {
        for (var start = 0; start + 6 <= Canary.Length; start++)
        {
            var run = Canary[start..(start + 6)];
            yield return Convert.ToHexString(run);
            yield return Convert.ToBase64String(run);
            yield return Base64UrlText.Encode(run);
            yield return string.Join(',', run);
            yield return string.Join("-", Convert.ToHexString(run).Chunk(2).Select(pair => new string(pair)));
        }

        using var words = Words.FromEntropy(Canary.AsSpan(0, 16));
        using var secretKey = SecretKey.FromSecret(Canary);
        yield return WordsTests.Write(words).Split(' ').MaxBy(word => word.Length)!;
        foreach (var group in SecretKeyTests.Write(secretKey).Split('-').Skip(1))
            yield return group;
    }
}
