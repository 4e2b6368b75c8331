using Keyladder.Cryptography;
using Keyladder.Cryptography.Heads;
using Keyladder.Cryptography.Secrets;
using Keyladder.Cryptography.Signing;
using Keyladder.Keys.Envelopes;
using Keyladder.Keys.Hierarchy;
using Keyladder.Keys.Vault;

namespace Keyladder.Fuzz.Samples;

/// <summary>What the sample account has at its Vault: the keys, an item, an attribute of each type.</summary>
internal static class SampleVault
{
    public static KeyService Service { get; } = new(Fixed.Origin, new AccountId(Fixed.Uuid(20)));

    public static ItemId ItemId { get; } = new(Fixed.Uuid(21));

    public static AttributeId AttributeId { get; } = new(Fixed.Uuid(22));

    public static Ed25519PrivateKey HeadPrivateKey { get; } = Fixed.Signer(23);

    public static VaultHeadKeypair HeadKey { get; } = new(SampleAccount.Account, new KeyId(Fixed.Uuid(23)), KeyState.Active, Fixed.Signer(23), Service);

    public static VaultSignInKeypair SignIn { get; } = new(SampleAccount.Account, new KeyId(Fixed.Uuid(24)), KeyState.Active, Fixed.Signer(24), Service);

    public static PersonalDataEncryptionKey Dek { get; } = new(SampleAccount.Account, new KeyId(Fixed.Uuid(25)), KeyState.Active, Fixed.Secret(25), Service);

    /// <summary>The second revision: it follows something.</summary>
    public static ItemOverview Item { get; } = new()
    {
        Name = "Bank \u00e9\ud83d\ude00",
        Kind = "login",
        Tags = ["money", "home \\ \""],
        Created = new(2026, 1, 2),
        Changed = new(2026, 1, 3),
        Attributes = [new(AttributeId, 2, Hash256.Of([1])), new(new AttributeId(Fixed.Uuid(26)), 1, Hash256.Of([2]), new(2026, 1, 3))],
        Follows = Hash256.Of([3]),
        Removed = new(2026, 1, 3),
        ConflictOf = new ItemId(Fixed.Uuid(27)),
    };

    public static IReadOnlyList<ItemAttribute> Attributes { get; } =
    [
        ItemAttribute.Text("Name \u00e9", "value"), ItemAttribute.Number("n", -12.50m), ItemAttribute.Date("d", new(2026, 1, 2)), ItemAttribute.Boolean("b", true),
        ItemAttribute.Json("j", """{"a":[1,{"b":"\\ud83d\\ude00"}],"c":null}"""), ItemAttribute.Binary("x", Fixed.Bytes(40)), ItemAttribute.Create("i", "image/png", Fixed.Bytes(10)),
    ];

    public static Attachment Attachment { get; } =
        new(new AttachmentMembers(new AttachmentId(Fixed.Uuid(28)), Fixed.Bytes(32), Fixed.Bytes(57, 1), 1_000, "cat \u00e9.jpg", "image/jpeg"));

    /// <summary>The plaintext sealed as a witness that the Vault keeps.</summary>
    public static byte[] SealWitness(ReadOnlySpan<byte> plaintext)
    {
        using var key = WitnessKey.CopyKeyBytes();
        return Sealed.Envelope(key, Contexts.Witness(SampleAccount.Account, SampleAccount.Kek.Id, Service.Account), plaintext);
    }

    public static WitnessKey WitnessKey { get; } = SampleAccount.Kek.DeriveWitnessKey();

    /// <summary>The plaintext sealed as the item or as the attribute, whatever it is.</summary>
    public static byte[] Seal(bool asItem, ReadOnlySpan<byte> plaintext)
    {
        using var key = Dek.CopyKeyBytes();
        var name = Dek.VaultName!.Value;
        return Sealed.Envelope(
            key, asItem ? Contexts.VaultItem(Service.Account, ItemId, 2, name) : Contexts.VaultAttribute(Service.Account, ItemId, AttributeId, 2, name), plaintext);
    }
}
