using System.Security.Cryptography;
using System.Text.Json;
using Keyladder.Cryptography.ChunkedEncryption;

namespace Keyladder.Cryptography.Tests.ChunkedEncryption;

public sealed class Aes256GcmTests(ITestOutputHelper output)
{
    public static TheoryData<bool> Implementations => [false, true];

    [Theory]
    [MemberData(nameof(Implementations))]
    public void The_public_vectors_give_what_they_say_where_the_construction_has_their_sizes(bool withLibsodium)
    {
        SkipUnlessHere(withLibsodium);
        var skipped = new SortedDictionary<string, int>(StringComparer.Ordinal);
        var seen = 0;
        foreach (var (group, theCase) in PublicVectors.Wycheproof("aes_gcm_test.json"))
        {
            if (ReasonToSkip(group, theCase) is { } reason)
            {
                skipped[reason] = skipped.GetValueOrDefault(reason) + 1;
                continue;
            }

            var message = theCase.Hex("msg");
            var sealedText = (byte[])[.. theCase.Hex("ct"), .. theCase.Hex("tag")];
            var valid = theCase.Text("result") == "valid";
            using var aes = new Aes256Gcm(theCase.Hex("key"), withLibsodium);

            var opened = new byte[message.Length];
            Assert.Equal(valid, aes.TryDecrypt(theCase.Hex("iv"), sealedText, opened));
            Assert.Equal(valid ? message : new byte[message.Length], opened);

            var resealed = new byte[sealedText.Length];
            aes.Encrypt(theCase.Hex("iv"), message, resealed);
            Assert.Equal(valid, resealed.AsSpan().SequenceEqual(sealedText));
            seen++;
        }

        foreach (var (reason, count) in skipped)
            output.WriteLine($"{count} skipped: {reason}");
        Assert.Equal(48, seen);
        Assert.Equal(316 - 48, skipped.Values.Sum());
    }

    [Theory]
    [MemberData(nameof(Implementations))]
    public void A_text_may_be_sealed_and_opened_where_it_stands_and_a_forged_one_leaves_zeros(bool withLibsodium)
    {
        SkipUnlessHere(withLibsodium);
        using var aes = new Aes256Gcm(RandomNumberGenerator.GetBytes(32), withLibsodium);
        var nonce = RandomNumberGenerator.GetBytes(12);
        var plaintext = RandomNumberGenerator.GetBytes(1_000);
        var buffer = (byte[])[.. plaintext, .. new byte[16]];

        aes.Encrypt(nonce, buffer.AsSpan(0, 1_000), buffer);
        Assert.NotEqual(plaintext, buffer[..1_000]);
        var forged = buffer.ToArray();
        forged[500] ^= 1;

        Assert.True(aes.TryDecrypt(nonce, buffer, buffer.AsSpan(0, 1_000)));
        Assert.Equal(plaintext, buffer[..1_000]);
        Assert.False(aes.TryDecrypt(nonce, forged, forged.AsSpan(0, 1_000)));
        Assert.Equal(new byte[1_000], forged[..1_000]);
    }

    [Fact]
    public void The_two_implementations_are_one()
    {
        SkipUnlessHere(withLibsodium: true);
        var key = RandomNumberGenerator.GetBytes(32);
        var nonce = RandomNumberGenerator.GetBytes(12);
        using var libsodium = new Aes256Gcm(key, withLibsodium: true);
        using var framework = new Aes256Gcm(key, withLibsodium: false);
        foreach (var length in (int[])[0, 1, 15, 16, 17, 1_000, 16_384])
        {
            var plaintext = RandomNumberGenerator.GetBytes(length);
            var one = new byte[length + 16];
            var other = new byte[length + 16];
            libsodium.Encrypt(nonce, plaintext, one);
            framework.Encrypt(nonce, plaintext, other);
            Assert.Equal(one, other);
        }
    }

    [Theory]
    [MemberData(nameof(Implementations))]
    public void Lengths_that_do_not_fit_and_a_disposed_key_are_refused(bool withLibsodium)
    {
        SkipUnlessHere(withLibsodium);
        Assert.Throws<ArgumentOutOfRangeException>(() => new Aes256Gcm(new byte[16], withLibsodium));
        var aes = new Aes256Gcm(new byte[32], withLibsodium);
        Assert.Throws<ArgumentOutOfRangeException>(() => aes.Encrypt(new byte[12], new byte[10], new byte[25]));
        Assert.Throws<ArgumentOutOfRangeException>(() => aes.Encrypt(new byte[11], new byte[10], new byte[26]));
        Assert.Throws<ArgumentOutOfRangeException>(() => aes.TryDecrypt(new byte[12], new byte[15], default));
        aes.Dispose();
        aes.Dispose();
        Assert.Throws<ObjectDisposedException>(() => aes.Encrypt(new byte[12], new byte[10], new byte[26]));
    }

    private static void SkipUnlessHere(bool withLibsodium) =>
        Assert.SkipWhen(withLibsodium && !Aes256Gcm.HasLibsodium, "This processor has no AES instructions; the framework's implementation serves.");

    private static string? ReasonToSkip(JsonElement group, JsonElement theCase) =>
        group.GetProperty("keySize").GetInt32() != 256 ? "Cobblestone-256 has keys of 256 bits"
        : group.GetProperty("ivSize").GetInt32() != 96 ? "Cobblestone-256 has nonces of 96 bits"
        : theCase.Text("aad").Length > 0 ? "Cobblestone-256 has no additional data"
        : null;
}
