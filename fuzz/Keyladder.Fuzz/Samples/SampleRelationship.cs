using System.Buffers.Binary;
using System.Security.Cryptography;
using Keyladder.Cryptography;
using Keyladder.Cryptography.ChunkedEncryption;
using Keyladder.Cryptography.Heads;
using Keyladder.Cryptography.Derivation;
using Keyladder.Cryptography.PublicKeyEncryption;
using Keyladder.Cryptography.Secrets;
using Keyladder.Cryptography.Signing;
using Keyladder.Keys.Envelopes;
using Keyladder.Keys.Hierarchy;
using Keyladder.Keys.Relationships;
using Keyladder.Keys.Vault;

namespace Keyladder.Fuzz.Samples;

/// <summary>The sample account in one relationship: what it holds, and what the other party has signed and sealed for it.</summary>
internal static class SampleRelationship
{
    private static readonly DateOnly Day = new(2026, 1, 2);
    private static readonly SecretBytes InvitationSecret = Fixed.Secret(63);
    private static readonly AttributeId[] Attributes = [new(Fixed.Uuid(64)), new(Fixed.Uuid(65))];

    public static RelationshipKey Own { get; } = Key(61);

    public static RelationshipKey Other { get; } = Key(62);

    /// <summary>Of the other party's DID: signs any payload.</summary>
    public static Ed25519PrivateKey OtherDidKey { get; } = DidKey(62);

    public static RelationshipId Id { get; } = new(Fixed.Uuid(63));

    public static ShareId Share { get; } = new(Fixed.Uuid(66));

    public static ChannelId Channel { get; } = new(Fixed.Uuid(67));

    public static KeyBundle OwnKeys { get; } = Keys(Own);

    public static KeyBundle OtherKeys { get; } = Keys(Other);

    public static RelationshipInvitation Invitation { get; } =
        RelationshipInvitation.Of(Fixed.Origin, Channel, Other.Did, Fixed.Now, SecretBytes.CopyOf(InvitationSecret.DangerousSpan));

    public static IReadOnlyList<SharedContent> Contents { get; } =
    [
        SharedContent.OfItem("Bank \u00e9\ud83d\ude00", "login", [(Attributes[0], SampleVault.Attributes[0]), (Attributes[1], SampleVault.Attributes[1])]),
        SharedContent.OfAttribute(Attributes[0], SampleVault.Attributes[4]),
        SharedContent.OfItem("Album", "note", [(Attributes[0], SampleVault.Attachment.ToAttribute("picture"))]),
    ];

    /// <summary>Under the sharing DEK of the account.</summary>
    public static byte[] Copy { get; } = SealCopy(Sealed.Padded(Contents[0].Encode(), Padding.Shortest));

    public static ShareStatement Given { get; } = new(
        Other.Did, Own.Did, Id, Share, 2, ShareStates.Given, Attributes, Day, Hash256.Of([1]), OwnKeys.SealingKeyName, SampleAccount.Sharing.NameFor(Id, Share),
        Letter.HashOf(Copy), "Delete it \u00e9 \"afterwards\".", new(2026, 2, 3), true);

    public static ShareStatement Ended { get; } = new(Other.Did, Own.Did, Id, Share, 3, ShareStates.Revoked, Attributes, Day, Hash256.Of([2]));

    public static ShareEvent Event { get; } = new(Other.Did, Attributes[0], ShareEvents.Changed, 2);

    public static KeyChange Change { get; } = new(Other.Did, Own.Did, Id, Key(68).Did, Key(68).SignBundle(Id, 2));

    public static Acceptance Acceptance { get; } = new(Other.Did, Own.Did, Id, Fixed.Origin, Channel, Other.SignBundle(Id, 1));

    public static Confirmation Confirmation { get; } = new(Other.Did, Own.Did, Id, Confirmation.HashOf(Own.SignBundle(Id, 1)));

    /// <summary>Contents of letters, padded: one that gives a share, one that ends it.</summary>
    public static IReadOnlyList<byte[]> LetterContents { get; } = MakeContents();

    /// <summary>The plaintext sealed as the copy of the share, whatever it is.</summary>
    public static byte[] SealCopy(ReadOnlySpan<byte> plaintext)
    {
        using var key = SampleAccount.Sharing.CopyKeyBytes();
        return Sealed.Envelope(key, Contexts.SharedCopy(Id, Share, 2, SampleAccount.Sharing.NameFor(Id, Share)), plaintext);
    }

    /// <summary>The plaintext sealed as a letter of the other party, whatever it is.</summary>
    public static byte[] SealLetter(ReadOnlySpan<byte> plaintext, ReadOnlySpan<byte> copy)
    {
        var info = Fields.Encode(
            Labels.Letter, Id, Share.Value.ToByteArray(bigEndian: true), Other.Did.ToString(), Own.Did.ToString(), SHA256.HashData(OwnKeys.SealingKey));
        var box = Hpke.Seal(OwnKeys.SealingKey, info, plaintext, Fixed.Bytes(64));
        var length = new byte[sizeof(int)];
        BinaryPrimitives.WriteInt32BigEndian(length, box.Length);
        return [1, .. OwnKeys.SealingKeyName, .. length, .. box, .. copy];
    }

    /// <summary>The plaintext sealed under the invitation, whatever it is.</summary>
    public static byte[] SealUnderInvitation(bool asOffer, ReadOnlySpan<byte> plaintext)
    {
        using var key = HkdfSha512.Expand(InvitationSecret.DangerousSpan, Fields.Encode(Labels.InvitationSealingKey, Channel, Other.Did.ToString()), 32);
        return Sealed.Envelope(key, asOffer ? Contexts.Offer(Channel, Other.Did) : Contexts.Acceptance(Channel, Other.Did), plaintext);
    }

    private static byte[][] MakeContents()
    {
        using var dek = SampleAccount.Sharing.CopyKeyBytes();
        return
        [
            Sealed.Padded(Fields.Encode(Other.Sign(Given), dek.DangerousSpan.ToArray(), Other.Sign(Event)), Padding.Shortest),
            Sealed.Padded(Fields.Encode(Other.Sign(Ended), Array.Empty<byte>()), Padding.Shortest),
        ];
    }

    private static KeyBundle Keys(RelationshipKey key) =>
        KeyBundle.TryVerify(key.SignBundle(Id, 1), key.Did, out var bundle) ? bundle : throw new InvalidOperationException();

    // Under an id that is the same in every process.
    private static RelationshipKey Key(byte number)
    {
        using var drawn = RelationshipKey.Generate(SampleAccount.Account, SampleVault.Service, Fixed.Secret(number));
        using var bytes = drawn.CopyKeyBytes();
        return RelationshipKey.Read(SampleAccount.Account, new KeyId(Fixed.Uuid(number)), KeyOverview.Of(drawn, null, Day), bytes);
    }

    private static Ed25519PrivateKey DidKey(byte number)
    {
        using var seed = Fixed.Secret(number);
        using var derived = HkdfSha512.Expand(seed.DangerousSpan, Fields.Encode(Labels.DidKeypair), Ed25519PrivateKey.SeedSize);
        return Ed25519PrivateKey.FromSeed(derived.DangerousSpan);
    }
}
