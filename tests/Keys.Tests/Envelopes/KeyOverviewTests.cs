using System.Text;
using CsCheck;
using Keyladder.Cryptography;
using Keyladder.Cryptography.ChunkedEncryption;
using Keyladder.Keys.Envelopes;
using Keyladder.Keys.Hierarchy;

namespace Keyladder.Keys.Tests.Envelopes;

public sealed class KeyOverviewTests
{
    private static readonly DateOnly Today = new(2026, 2, 28);

    /// <summary>Code points of every length in UTF-8, with those that JSON escapes and that the framework's encoders would.</summary>
    private static readonly string[] Letters = ["a", "\"", "\\", "/", "é", "<", "&", "\u2028", "\u00a0", "\u200d", "€", "\ue000", "😀", "\U0010fffd"];

    private static readonly Gen<string> Labels = Gen.Int[0, Letters.Length - 1].Array[1, 128].Select(letters => string.Concat(letters.Select(letter => Letters[letter])));

    [Fact]
    public void Every_label_that_is_allowed_fits_its_envelope_and_comes_back()
    {
        using var kek = KeyEncryptionKey.Generate(AccountId.Generate());
        using var keypair = IdentityKeypair.Generate(kek.Account);
        Labels.Sample(label =>
        {
            var allowed = Encoding.UTF8.GetByteCount(label) <= KeyOverview.MaxLabelLength;
            Assert.Equal(allowed, KeyOverview.IsLabel(label));
            if (!allowed)
            {
                Assert.Throws<ArgumentException>(() => KeyOverview.Of(keypair, label, Today));
                return;
            }

            var envelope = kek.SealOverview(keypair.Id, KeyOverview.Of(keypair, label, Today), 1);
            Assert.Equal(585, envelope.Length);
            Assert.Equal(label, kek.OpenOverview(keypair.Id, envelope, 1).Label);
        });
    }

    [Fact]
    public void The_longest_overviews_there_are_fit()
    {
        using var keypair = Keypair.Generate(AccountId.Generate());
        foreach (var label in (string[])[new string('"', 128), new string('\\', 128), string.Concat(Enumerable.Repeat("😀", 32)), new string('x', 128)])
            Assert.InRange(KeyOverview.Of(keypair, label, Today).Encode().Length, 1, 511);
    }

    [Theory]
    [InlineData("")]
    [InlineData("a\nb")]
    [InlineData("\u001b[31m")]
    [InlineData("a\u0085")]
    [InlineData("a\0")]
    public void What_a_terminal_would_obey_is_no_label(string label) => Assert.False(KeyOverview.IsLabel(label));

    [Fact]
    public void Half_a_surrogate_pair_is_no_label() => Assert.All((string[])["\ud83d", "a\ude00", "\ude00\ud83d"], label => Assert.False(KeyOverview.IsLabel(label)));

    [Fact]
    public void A_new_label_leaves_the_rest_as_it_was()
    {
        using var keypair = Keypair.Generate(AccountId.Generate());
        var overview = KeyOverview.Of(keypair, "one", Today).WithState(KeyState.Deactivated);
        var relabelled = overview.WithLabel("two");

        Assert.Equal(
            ("two", overview.Purpose, overview.State, overview.Created, overview.PublicKey),
            (relabelled.Label, relabelled.Purpose, relabelled.State, relabelled.Created, relabelled.PublicKey));
        Assert.Null(overview.WithLabel(null).Label);
        Assert.Throws<ArgumentException>(() => overview.WithLabel(""));
    }

    [Fact]
    public void What_opens_and_is_no_overview_looks_like_what_does_not_open()
    {
        // Only the person's own client holds a key that could seal this; a faulty version of it might.
        using var kek = KeyEncryptionKey.Generate(AccountId.Generate());
        var id = KeyId.Generate();
        using var key = kek.CopyKeyBytes();
        var envelope = SealAnything(key, Contexts.KeyOverview(kek.Account, kek.Id, id, 1), "{\"purpose\":\"none\"}"u8);
        Assert.Throws<OpenFailedException>(() => kek.OpenOverview(id, envelope, 1));
    }

    /// <summary>An envelope made by hand from the specification: one chunk, padded to 512.</summary>
    private static byte[] SealAnything(Cryptography.Secrets.SecretBytes key, byte[] context, ReadOnlySpan<byte> content)
    {
        var padded = new byte[512];
        content.CopyTo(padded);
        padded[content.Length] = 0x80;
        var salt = new byte[24];
        byte[] info = [.. "c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM"u8, 0, .. salt, .. context];
        using var derived = Cryptography.Derivation.HkdfSha512.Expand(key.DangerousSpan, info, 76);
        var (ciphertext, tag) = (new byte[padded.Length], new byte[16]);
        using var aes = new System.Security.Cryptography.AesGcm(derived.DangerousSpan[..32], tag.Length);
        aes.Encrypt(derived.DangerousSpan[32..44], padded, ciphertext, tag);
        return [1, .. salt, .. derived.DangerousSpan[44..], .. ciphertext, .. tag];
    }
}
