using System.Text;
using CsCheck;
using Keyladder.Cryptography;
using Keyladder.Cryptography.ChunkedEncryption;
using Keyladder.Cryptography.Signing;
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
        {
            Assert.InRange(KeyOverview.Of(keypair, label, Today).Encode().Length, 1, 511);
            using var dek = PersonalDataEncryptionKey.Generate(AccountId.Generate(), Vault(72));
            var overview = Encoding.UTF8.GetString(KeyOverview.Of(dek, label, Today).Encode()).Replace("\"active\"", "\"pre-activation\"");
            Assert.InRange(Encoding.UTF8.GetByteCount(overview), 1, 511);
            Assert.True(KeyOverview.TryDecode(Encoding.UTF8.GetBytes(overview), out _));
        }
    }

    [Fact]
    public void What_a_key_is_for_stays_with_it()
    {
        using var kek = KeyEncryptionKey.Generate(AccountId.Generate());
        var vault = Vault(30);
        using var dek = PersonalDataEncryptionKey.Generate(kek.Account, vault);
        using var signIn = VaultSignInKeypair.Generate(kek.Account, vault);
        using var head = VaultHeadKeypair.Generate(kek.Account, vault);
        KeyOverview Kept(KeystoreKey key, string? label) => kek.OpenOverview(key.Id, kek.SealOverview(key.Id, KeyOverview.Of(key, label, Today), 1), 1);

        var ofDek = Kept(dek, "mine");
        Assert.Equal(vault, ofDek.Service);
        Assert.Equal(vault, ofDek.WithLabel("still mine").WithState(KeyState.Deactivated).Service);
        using var again = kek.Unwrap(kek.Wrap(dek), dek.Id, ofDek);
        Assert.Equal((vault, dek.VaultName), (again.Service, again.VaultName));
        using var signInAgain = kek.Unwrap(kek.Wrap(signIn), signIn.Id, Kept(signIn, null));
        using var headAgain = kek.Unwrap(kek.Wrap(head), head.Id, Kept(head, null));
        Assert.Equal((vault, vault), (signInAgain.Service, headAgain.Service));
        Assert.Equal((signIn.PublicKey, head.PublicKey), (signInAgain.PublicKey, headAgain.PublicKey));
    }

    [Fact]
    public void A_keypair_of_a_Vault_has_no_label_and_no_key_an_origin_that_has_no_room()
    {
        using var signIn = VaultSignInKeypair.Generate(AccountId.Generate(), Vault(72));
        using var head = VaultHeadKeypair.Generate(AccountId.Generate(), Vault(73));
        Assert.Throws<ArgumentException>(() => KeyOverview.Of(signIn, "bank", Today));
        Assert.Throws<ArgumentException>(() => KeyOverview.Of(signIn, null, Today).WithLabel("bank"));
        Assert.Null(KeyOverview.Of(signIn, null, Today).WithLabel(null).Label);
        Assert.Throws<ArgumentException>(() => KeyOverview.Of(head, null, Today));
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
        var envelope = ByHand.Seal(key, Contexts.KeyOverview(kek.Account, kek.Id, id, 1), "{\"purpose\":\"none\"}"u8, 512);
        Assert.Throws<OpenFailedException>(() => kek.OpenOverview(id, envelope, 1));
    }

    private static KeyService Vault(int originLength)
    {
        var host = string.Concat(Enumerable.Repeat("long-", 20))[..(originLength - "https://.example".Length)];
        Assert.True(Origin.TryParse($"https://{host}.example", out var origin));
        Assert.Equal(originLength, origin.ToString().Length);
        return new KeyService(origin, AccountId.Generate());
    }
}
