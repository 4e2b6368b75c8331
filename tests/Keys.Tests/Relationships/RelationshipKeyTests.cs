using System.Security.Cryptography;
using Keyladder.Cryptography;
using Keyladder.Cryptography.ChunkedEncryption;
using Keyladder.Cryptography.PublicKeyEncryption;
using Keyladder.Cryptography.Signing;
using Keyladder.Keys.Envelopes;
using Keyladder.Keys.Hierarchy;
using Keyladder.Keys.Relationships;
using Keyladder.Keys.Vault;

namespace Keyladder.Keys.Tests.Relationships;

/// <summary>What the keys of two parties do for each other, and for nobody else.</summary>
public sealed class RelationshipKeyTests
{
    private const int Later = 1_000;

    private static readonly AccountId Account = AccountId.Generate();
    private static readonly KeyService Vault = new(Parse("https://vault.example.org"), AccountId.Generate());
    private static readonly RelationshipId Relationship = RelationshipId.Generate();

    [Fact]
    public void What_one_seals_the_other_opens_and_the_copy_with_it()
    {
        using var alice = RelationshipKey.Generate(Account, Vault);
        using var bob = RelationshipKey.Generate(AccountId.Generate(), Vault);
        var (alices, bobs) = (BundleOf(alice), BundleOf(bob));
        var (share, content) = (ShareId.Generate(), SharedContent.OfItem("Bank", "account", [(AttributeId.Generate(), ItemAttribute.Text("iban", "DE01"))]));
        var sealedLetter = Give(alice, bobs, Relationship, share, content);

        Assert.True(bob.IsAddressee(sealedLetter));
        Assert.False(alice.IsAddressee(sealedLetter));
        using var letter = bob.Open(alices, share.Value, sealedLetter);
        Assert.True(ShareStatement.TryVerify(letter.Statements[0], alices, bob.Did, letter, out var statement));
        using var dek = letter.TakeDek(AccountId.Generate());
        Assert.Equal(statement.Dek, dek.NameFor(Relationship, share));
        var opened = dek.Open(Relationship, share, letter.Copy.Span, statement.Number);
        Assert.Equal(("Bank", "account", "DE01"), (opened.Name, opened.Kind, opened.Attributes[0].Content.GetText()));
        Assert.Equal(content.Attributes[0].Id, opened.Attributes[0].Id);
    }

    [Fact]
    public void A07_a_DEK_of_the_account_s_own_comes_under_its_KEK_and_in_no_other_way()
    {
        using var kek = KeyEncryptionKey.Generate(Account);
        using var dek = PersonalDataEncryptionKey.Generate(Account);
        using var own = RelationshipKey.Generate(Account, Vault);
        var overview = KeyOverview.Of(dek, null, new DateOnly(2026, 1, 31));
        using (var bytes = dek.CopyKeyBytes())
        {
            // Whoever knows a public key of the account can seal to it, under any context; even the bytes of the key that is there.
            var context = Contexts.WrappedKey(Account, kek.Id, dek.Id, KeyPurpose.PersonalDek, type: null);
            byte[][] offered = [Hpke.Seal(BundleOf(own).SealingKey, context, bytes.DangerousSpan), Hpke.Seal(BundleOf(own).SealingKey, [], bytes.DangerousSpan), bytes.DangerousSpan.ToArray()];
            Assert.All(offered, wrapped => Assert.Throws<OpenFailedException>(() => kek.Unwrap(new Wrapped<PersonalDataEncryptionKey>(wrapped), dek.Id, overview)));
        }

        using var again = kek.Unwrap(new Wrapped<PersonalDataEncryptionKey>(kek.Wrap(dek).Envelope), dek.Id, overview);
        Assert.Equal(dek.Id, again.Id);
    }

    /// <summary>Bob had a share, and keeps his keys, the DEK and every byte that he ever saw.</summary>
    [Fact]
    public void A11_who_was_removed_opens_none_of_a_thousand_later_objects()
    {
        using var alice = RelationshipKey.Generate(Account, Vault);
        using var bob = RelationshipKey.Generate(AccountId.Generate(), Vault);
        var (alices, bobs, share) = (BundleOf(alice), BundleOf(bob), ShareId.Generate());
        using var letter = bob.Open(alices, share.Value, Give(alice, bobs, Relationship, share, Content()));
        using var dek = letter.TakeDek(AccountId.Generate());

        var opened = 0;
        for (var number = 0; number < Later; number++)
        {
            // To Carol, in Alice's other relationship; and, every tenth, a new share in the place of the old one's id, as if the service mixed them up.
            using var hers = RelationshipKey.Generate(Account, Vault);
            using var carol = RelationshipKey.Generate(AccountId.Generate(), Vault);
            var (relationship, later) = (RelationshipId.Generate(), number % 10 == 0 ? share : ShareId.Generate());
            var given = Give(hers, BundleOf(carol, relationship), relationship, later, Content());
            opened += Opens(() => bob.Open(alices, later.Value, given).Dispose()) ? 1 : 0;
            using var forCarol = carol.Open(BundleOf(hers, relationship), later.Value, given);
            opened += Opens(() => dek.Open(relationship, later, forCarol.Copy.Span, 1)) ? 1 : 0;
            opened += Opens(() => dek.Open(Relationship, share, forCarol.Copy.Span, 1)) ? 1 : 0;
        }

        Assert.Equal(0, opened);
        Assert.True(Opens(() => dek.Open(Relationship, share, letter.Copy.Span, 1))); // the control
    }

    [Fact]
    public void A17_a_relationship_key_whose_public_half_is_another_is_refused()
    {
        using var kek = KeyEncryptionKey.Generate(Account);
        using var key = RelationshipKey.Generate(Account, Vault);
        using var other = RelationshipKey.Generate(Account, Vault);
        var wrapped = kek.Wrap(key);
        using var again = kek.Unwrap(wrapped, key.Id, KeyOverview.Of(key, null, new DateOnly(2026, 1, 31)));
        Assert.Equal(key.Did, again.Did);
        Assert.Throws<OpenFailedException>(() => kek.Unwrap(wrapped, key.Id, KeyOverview.Of(other, null, new DateOnly(2026, 1, 31))));
    }

    [Fact]
    public void I12_all_that_is_secret_of_an_invitation_stands_behind_its_fragment()
    {
        using var key = RelationshipKey.Generate(Account, Vault);
        using var invitation = RelationshipInvitation.Generate(Parse("https://vault.example.org"), ChannelId.Generate(), key.Did, DateTimeOffset.UtcNow);
        var link = invitation.DangerousToLink(new Uri("https://app.example.org/join"));
        Assert.Equal("https://app.example.org/join", link.GetLeftPart(UriPartial.Query));
        Assert.True(RelationshipInvitation.TryParse(link.ToString(), out var read));
        using (read)
            Assert.Equal((invitation.Origin, invitation.Channel, invitation.Inviter, invitation.Expires), (read.Origin, read.Channel, read.Inviter, read.Expires));
        Assert.Throws<ArgumentException>(() => invitation.DangerousToLink(new Uri("https://app.example.org/join#here")));
        Assert.Equal(nameof(RelationshipInvitation), invitation.ToString());
    }

    [Fact]
    public void Of_an_invitation_that_was_changed_in_any_character_nothing_is_left_or_another_one()
    {
        using var key = RelationshipKey.Generate(Account, Vault);
        using var invitation = RelationshipInvitation.Generate(Parse("https://vault.example.org"), ChannelId.Generate(), key.Did, DateTimeOffset.UtcNow);
        var link = invitation.DangerousToLink(new Uri("https://app.example.org/join")).ToString();
        var offer = invitation.SealOffer("offer");
        for (var at = link.IndexOf('#', StringComparison.Ordinal); at < link.Length; at++)
        {
            var changed = $"{link[..at]}{(link[at] == 'A' ? 'B' : 'A')}{link[(at + 1)..]}";
            if (!RelationshipInvitation.TryParse(changed, out var read))
                continue;
            using (read)
            {
                var isSame = read.Channel == invitation.Channel && read.Inviter.Equals(invitation.Inviter) && Opens(() => read.OpenOffer(offer));
                // What the keys do not depend on: where the Vault is, and until when.
                Assert.True(!isSame || read.Origin != invitation.Origin || read.Expires != invitation.Expires);
            }
        }

        Assert.All((string[])["", "#", link[..^1], link + "A", link.Replace('#', '?'), "https://app.example.org/#" + new string('A', 3_000)], text => Assert.False(RelationshipInvitation.TryParse(text, out _)));
    }

    [Fact]
    public void Safety_words_are_the_same_on_both_sides_and_others_for_other_keys()
    {
        using var alice = RelationshipKey.Generate(Account, Vault);
        using var bob = RelationshipKey.Generate(AccountId.Generate(), Vault);
        var words = SafetyWords.Of(Relationship, alice.Did, bob.Did);
        Assert.Equal(words, SafetyWords.Of(Relationship, bob.Did, alice.Did));
        Assert.NotEqual(words, SafetyWords.Of(RelationshipId.Generate(), alice.Did, bob.Did));
        Assert.NotEqual(words, SafetyWords.Of(Relationship, alice.Did, alice.Did));
        Assert.Equal(SafetyWords.Count, words.Split(' ').Length);
    }

    [Fact]
    public void A_statement_follows_the_one_before_or_leaves_some_out_and_none_follows_an_end()
    {
        using var alice = RelationshipKey.Generate(Account, Vault);
        using var bob = RelationshipKey.Generate(AccountId.Generate(), Vault);
        var first = new ShareStatement(
            alice.Did, bob.Did, Relationship, ShareId.Generate(), 1, ShareStates.Given, [AttributeId.Generate()], new DateOnly(2026, 1, 31), null, new byte[16], default(Cryptography.Heads.Hash256), default(Cryptography.Heads.Hash256));
        var jws = alice.Sign(first);
        var second = first with { Number = 2, Previous = ShareStatement.HashOf(jws) };
        Assert.True(first.Follows(null));
        Assert.True(second.Follows(jws));
        Assert.True((second with { Number = 5, Previous = default(Cryptography.Heads.Hash256) }).Follows(jws));
        Assert.False(first.Follows(jws));
        Assert.False((second with { Previous = default(Cryptography.Heads.Hash256) }).Follows(jws));
        Assert.False((second with { Share = ShareId.Generate() }).Follows(jws));
        Assert.False(first.Follows(alice.Sign(second)));
        var end = alice.Sign(second with { State = ShareStates.Revoked, Key = null, Dek = null, Copy = null });
        Assert.False((second with { Number = 3, Previous = ShareStatement.HashOf(end) }).Follows(end));
        Assert.False((second with { Previous = null }).Follows(jws));
        Assert.Throws<ArgumentException>(() => alice.Sign(first with { Previous = default(Cryptography.Heads.Hash256) }));
        Assert.Throws<ArgumentException>(() => alice.Sign(second with { Attributes = [] }));
        Assert.Throws<ArgumentException>(() => bob.Sign(first));
    }

    private static SharedContent Content() => SharedContent.OfAttribute(AttributeId.Generate(), ItemAttribute.Text("iban", "DE01"));

    private static byte[] Give(RelationshipKey from, KeyBundle to, RelationshipId relationship, ShareId share, SharedContent content)
    {
        using var dek = SharingDataEncryptionKey.Generate(Account);
        var copy = dek.Seal(relationship, share, content, 1);
        var statement = from.Sign(new ShareStatement(
            from.Did,
            to.Subject,
            relationship,
            share,
            1,
            ShareStates.Given,
            [.. content.Attributes.Select(attribute => attribute.Id)],
            new DateOnly(2026, 1, 31),
            null,
            to.SealingKeyName,
            dek.NameFor(relationship, share),
            Letter.HashOf(copy)));
        return Letter.Seal(to, from.Did, share.Value, [statement], dek, copy);
    }

    private static bool Opens(Action open)
    {
        try
        {
            open();
            return true;
        }
        catch (OpenFailedException)
        {
            return false;
        }
    }

    private static KeyBundle BundleOf(RelationshipKey key, RelationshipId? relationship = null) =>
        KeyBundle.TryVerify(key.SignBundle(relationship ?? Relationship, 1), key.Did, out var bundle) ? bundle : throw new CryptographicException();

    private static Origin Parse(string text) => Origin.TryParse(text, out var origin) ? origin : throw new ArgumentException(text);
}
