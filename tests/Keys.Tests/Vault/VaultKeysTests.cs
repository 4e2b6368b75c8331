using Keyladder.Cryptography;
using Keyladder.Cryptography.ChunkedEncryption;
using Keyladder.Cryptography.Heads;
using Keyladder.Cryptography.Signing;
using Keyladder.Keys.Envelopes;
using Keyladder.Keys.Hierarchy;
using Keyladder.Keys.Tests.Envelopes;
using Keyladder.Keys.Vault;

namespace Keyladder.Keys.Tests.Vault;

/// <summary>What the keys of an account do for its Vault, and refuse to do.</summary>
public sealed class VaultKeysTests
{
    private static readonly DateOnly Today = new(2026, 2, 28);
    private static readonly AccountId Account = AccountId.Generate();
    private static readonly KeyService Vault = new(Parse("https://vault.example.org"), AccountId.Generate());
    private static readonly ItemId Item = ItemId.Generate();
    private static readonly AttributeId Attribute = AttributeId.Generate();
    private static readonly ItemOverview First = new() { Name = "Bicycle", Kind = "thing", Tags = [], Created = Today, Changed = Today, Attributes = [] };

    [Fact]
    public void A_DEK_that_is_for_no_Vault_has_no_name_there_and_seals_and_opens_nothing_for_one()
    {
        using var dek = PersonalDataEncryptionKey.Generate(Account);
        Assert.Null(dek.VaultName);
        Assert.Throws<InvalidOperationException>(() => dek.Seal(Item, First, 1));
        Assert.Throws<InvalidOperationException>(() => dek.Open(Item, new byte[200], 1));
        Assert.Throws<InvalidOperationException>(() => dek.Seal(Item, Attribute, ItemAttribute.Boolean("n", true), 1));
        Assert.Throws<InvalidOperationException>(() => dek.Open(Item, Attribute, new byte[200], 1));
    }

    [Fact]
    public void A_DEK_that_is_for_a_Vault_still_seals_data_and_files_of_the_account()
    {
        using var dek = PersonalDataEncryptionKey.Generate(Account, Vault);
        var data = DataId.Generate();
        Assert.Equal("x"u8, dek.Open(data, dek.Seal(data, "x"u8)));
    }

    [Fact]
    public void An_item_follows_something_from_its_second_revision_on_and_nothing_else_is_sealed()
    {
        using var dek = PersonalDataEncryptionKey.Generate(Account, Vault);
        var second = First with { Follows = Hash256.Of([1]) };
        Assert.Equal("Bicycle", dek.Open(Item, dek.Seal(Item, First, 1), 1).Name);
        Assert.Equal(second.Follows, dek.Open(Item, dek.Seal(Item, second, 2), 2).Follows);
        Assert.Throws<ArgumentException>(() => dek.Seal(Item, second, 1));
        Assert.Throws<ArgumentException>(() => dek.Seal(Item, First, 2));
    }

    [Fact]
    public void Revisions_start_at_one()
    {
        using var dek = PersonalDataEncryptionKey.Generate(Account, Vault);
        var attribute = ItemAttribute.Boolean("n", true);
        Assert.Throws<ArgumentOutOfRangeException>(() => dek.Seal(Item, First, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => dek.Open(Item, new byte[200], 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => dek.Seal(Item, Attribute, attribute, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => dek.Open(Item, Attribute, new byte[200], -1));
    }

    [Fact]
    public void An_object_has_at_most_64_KiB_sealed()
    {
        using var dek = PersonalDataEncryptionKey.Generate(Account, Vault);
        // Padmé: 63,488 is the longest padded length that leaves room for header and tags.
        var most = 63_488 - 1 - Fields.Encode("n", "binary", Array.Empty<byte>()).Length;
        var envelope = dek.Seal(Item, Attribute, ItemAttribute.Binary("n", new byte[most]), 1);
        Assert.InRange(envelope.Length, 1, ItemOverview.MaxSealedLength);
        Assert.Equal(most, dek.Open(Item, Attribute, envelope, 1).Value.Length);

        var larger = ItemAttribute.Binary("n", new byte[most + 1]);
        Assert.Throws<ArgumentException>(() => dek.Seal(Item, Attribute, larger, 1));
        using var key = dek.CopyKeyBytes();
        byte[] ByAFaultyClient(ItemAttribute attribute, int length) =>
            ByHand.Seal(key, Contexts.VaultAttribute(Vault.Account, Item, Attribute, 1, dek.VaultName!.Value), attribute.Encode(), length);
        Assert.Equal(most, dek.Open(Item, Attribute, ByAFaultyClient(ItemAttribute.Binary("n", new byte[most]), 63_488), 1).Value.Length);
        Assert.Throws<OpenFailedException>(() => dek.Open(Item, Attribute, ByAFaultyClient(larger, 65_536), 1));

        AttributeEntry[] entries = [.. Enumerable.Range(0, 256).Select(_ => new AttributeEntry(AttributeId.Generate(), (1L << 53) - 1, Hash256.Of([1]), Today))];
        var fullest = First with { Name = new string('"', 256), Kind = new string('"', 64), Tags = [.. Enumerable.Range(0, 64).Select(number => $"{number:00}".PadLeft(64, '"'))], Attributes = entries };
        Assert.Equal(256, dek.Open(Item, dek.Seal(Item, fullest, 1), 1).Attributes.Count);
    }

    [Fact]
    public void A_DEK_has_another_name_at_each_account_of_a_Vault_and_the_same_wherever_the_Vault_is()
    {
        using var dek = PersonalDataEncryptionKey.Generate(Account, Vault);
        PersonalDataEncryptionKey For(KeyService vault) => new(AccountId.Generate(), KeyId.Generate(), KeyState.Active, dek.CopyKeyBytes(), vault);
        using var moved = For(Vault with { Origin = Parse("https://elsewhere.example") });
        using var other = For(Vault with { Account = AccountId.Generate() });
        Assert.Equal(dek.VaultName, moved.VaultName);
        Assert.NotEqual(dek.VaultName, other.VaultName);
        Assert.Throws<OpenFailedException>(() => other.Open(Item, dek.Seal(Item, First, 1), 1));
    }

    [Fact]
    public void The_sign_in_keypair_signs_in_as_the_key_that_its_overview_shows_and_both_are_one_key()
    {
        using var keypair = VaultSignInKeypair.Generate(Account, Vault);
        using var login = keypair.OpenLogin();
        Assert.Equal(keypair.PublicKey, login.PublicKey);
        var challenge = new LoginProof(Vault.Origin, "nonce", new byte[32], 1, new byte[32]);
        Assert.True(LoginProof.TryVerify(login.Sign(challenge), keypair.PublicKey, out _));

        keypair.Dispose();
        Assert.Throws<ObjectDisposedException>(() => login.Sign(challenge));
    }

    [Fact]
    public void The_head_keypair_signs_for_its_account_at_the_Vault_under_its_own_name_and_for_no_other()
    {
        using var keypair = VaultHeadKeypair.Generate(Account, Vault);
        using var signIn = VaultSignInKeypair.Generate(Account, Vault);
        var head = new VaultHead { Account = Vault.Account, Number = 1, Day = Today, Count = 0, Root = Hash256.Zero, Links = [], Key = keypair.PublicKey, SignIn = signIn.PublicKey };
        var deletion = new AccountDeletion(Vault.Origin, Vault.Account, 2, Today, Hash256.Zero, keypair.PublicKey);

        Assert.True(keypair.Sign(head).IsSignedBy(keypair.PublicKey));
        Assert.True(AccountDeletion.TryVerify<VaultHead>(keypair.Sign(deletion), out _));
        Assert.False(AccountDeletion.TryVerify<KeystoreHead>(keypair.Sign(deletion), out _));
        Assert.Throws<ArgumentException>(() => keypair.Sign(head with { Account = Account }));
        Assert.Throws<ArgumentException>(() => keypair.Sign(head with { Key = signIn.PublicKey, SignIn = keypair.PublicKey }));
        Assert.Throws<ArgumentException>(() => keypair.Sign(head with { SignIn = keypair.PublicKey }));
        Assert.Throws<ArgumentException>(() => keypair.Sign(head with { Count = 1 }));
        Assert.Throws<ArgumentException>(() => keypair.Sign(deletion with { Account = Account }));
        Assert.Throws<ArgumentException>(() => keypair.Sign(deletion with { Identity = signIn.PublicKey }));
    }

    [Fact]
    public void A_keypair_of_a_Vault_is_not_unwrapped_in_the_role_of_the_other()
    {
        using var kek = KeyEncryptionKey.Generate(Account);
        using var head = VaultHeadKeypair.Generate(Account, Vault);
        var overview = KeyOverview.Of(head, null, Today);
        Assert.Throws<ArgumentException>(() => kek.Unwrap(new Wrapped<VaultSignInKeypair>(kek.Wrap(head).Envelope), head.Id, overview));
        Assert.Throws<ArgumentException>(() => kek.Unwrap(new Wrapped<IdentityKeypair>(kek.Wrap(head).Envelope), head.Id, overview));
    }

    private static Origin Parse(string text) => Origin.TryParse(text, out var origin) ? origin : throw new InvalidOperationException();
}
