using Keyladder.Cryptography;
using Keyladder.Cryptography.ChunkedEncryption;
using Keyladder.Cryptography.Heads;
using Keyladder.Cryptography.Secrets;
using Keyladder.Cryptography.Signing;
using Keyladder.Keys.Envelopes;
using Keyladder.Keys.Hierarchy;
using Keyladder.Protocol.Keystore;

namespace Keyladder.Fuzz.Samples;

/// <summary>One account as its client knows it and as its Keystore keeps it: keys of every role, some more, a tree and thirteen heads.</summary>
internal static class SampleAccount
{
    private const int Newest = 13;

    private static readonly DateOnly Day = new(2026, 1, 2);
    private static readonly SecretBytes MekBytes = Fixed.Secret(11);
    private static readonly SecretBytes KekBytes = Fixed.Secret(12);

    public static AccountId Account { get; } = new(Fixed.Uuid(1));

    public static SlotId Slot { get; } = new(Fixed.Uuid(3));

    public static byte[] Locator { get; } = Fixed.Bytes(32, 90);

    public static Ed25519PrivateKey Login { get; } = Fixed.Signer(13);

    public static Ed25519PrivateKey IdentityKey { get; } = Fixed.Signer(14);

    public static MasterEncryptionKey Mek { get; } = new(SecretBytes.CopyOf(MekBytes.DangerousSpan));

    public static KeyEncryptionKey Kek { get; } = new(Account, new KeyEncryptionKeyId(Fixed.Uuid(4)), SecretBytes.CopyOf(KekBytes.DangerousSpan));

    public static IdentityKeypair Identity { get; } = new(Account, new KeyId(Fixed.Uuid(5)), KeyState.Active, Fixed.Signer(14));

    public static PersonalDataEncryptionKey Personal { get; } = new(Account, new KeyId(Fixed.Uuid(6)), KeyState.Active, Fixed.Secret(15));

    public static SharingDataEncryptionKey Sharing { get; } = new(Account, new KeyId(Fixed.Uuid(7)), KeyState.Active, Fixed.Secret(16));

    public static Keypair Signing { get; } = new(Account, new KeyId(Fixed.Uuid(8)), KeyState.Active, Fixed.Signer(17));

    public static byte[] WrappedKek { get; } = Sealed.Envelope(
        MekBytes, Contexts.WrappedKek(Account, Slot, Kek.Id), Sealed.Padded(KekBytes.DangerousSpan, Padding.Fixed(128)));

    /// <summary>The identity keypair first; a head more has a key more.</summary>
    public static IReadOnlyList<KeyMessage> Keys { get; } =
    [
        Message(Identity, "identity"), Message(Personal, "photos"), Message(Sharing, "with Bob \u00e9\ud83d\ude00"), Message(Signing, null),
        .. Enumerable.Range(100, Newest - 4).Select(number =>
            new KeyMessage(Fixed.Uuid(number), Kek.Id.Value, 1, Fixed.Bytes(585, 1), Fixed.Bytes(201, (byte)number))),
    ];

    /// <summary>By number, from 1; index 0 is empty.</summary>
    public static IReadOnlyList<SignedHead<KeystoreHead>> Heads { get; } = MakeHeads();

    public static SlotMessage SlotMessage => new(Slot.Value, SlotKind.Words, Login.PublicKey.Bytes.ToArray(), WrappedKek);

    public static HeadPin Pin(int number) =>
        number == 0 ? HeadPin.None : HeadChain.Verify(HeadPin.None, Heads[number], Chain(number, 0), Account, IdentityKey.PublicKey);

    public static List<SignedHead<KeystoreHead>> Chain(int newest, int pinned) =>
        [.. HeadChain.NumbersBetween(newest, pinned).Select(number => Heads[(int)number])];

    /// <summary>The tree of a head, as rows.</summary>
    public static Dictionary<string, byte[]> Pages(int number) =>
        new(new PagedTree(new Dictionary<string, byte[]>()).Apply(Leaves(Keys.Take(number))).Changed);

    public static byte[] Proof(int number, params IEnumerable<KeyId> ids) => new PagedTree(Pages(number)).Prove(ids.Select(KeyLeaf.Path)).Encode();

    public static Dictionary<Hash256, Hash256?> Leaves(IEnumerable<KeyMessage> keys) =>
        keys.ToDictionary(key => KeyLeaf.Path(new KeyId(key.Id)), key => (Hash256?)Leaf(key));

    public static Hash256 Leaf(KeyMessage key) =>
        KeyLeaf.Value(new KeyId(key.Id), new KeyEncryptionKeyId(key.Kek), key.Revision, key.Overview, key.Wrapped);

    /// <summary>The plaintext sealed as a wrapped key, whatever it is.</summary>
    public static byte[] Wrap(KeyId id, KeyPurpose purpose, KeyType? type, ReadOnlySpan<byte> plaintext) =>
        Sealed.Envelope(KekBytes, Contexts.WrappedKey(Account, Kek.Id, id, purpose, type), plaintext);

    /// <summary>The plaintext sealed as an overview of revision 1, whatever it is.</summary>
    public static byte[] SealOverview(KeyId id, ReadOnlySpan<byte> plaintext) =>
        Sealed.Envelope(KekBytes, Contexts.KeyOverview(Account, Kek.Id, id, 1), plaintext);

    public static byte[] Overview(KeystoreKey key, string? label) => KeyOverview.Of(key, label, Day).Encode();

    public static KeyMessage Message(KeystoreKey key, string? label)
    {
        using var bytes = key.CopyKeyBytes();
        return new KeyMessage(
            key.Id.Value,
            Kek.Id.Value,
            1,
            SealOverview(key.Id, Sealed.Padded(Overview(key, label), Padding.Fixed(512))),
            Wrap(key.Id, key.Purpose, key.PublicKey?.Type, Sealed.Padded(bytes.DangerousSpan, Padding.Fixed(128))));
    }

    private static LostHead Lost(int follows) => new(7, Hash256.Of(Fixed.Bytes(32, (byte)follows)), [Hash256.Zero, Hash256.Zero], follows);

    private static List<SignedHead<KeystoreHead>> MakeHeads()
    {
        var heads = new List<SignedHead<KeystoreHead>> { null! };
        for (var number = 1; number <= Newest; number++)
        {
            heads.Add(new KeystoreHead
            {
                Account = Account,
                Number = number,
                Day = Day,
                Count = number,
                Root = new PagedTree(Pages(number)).Root,
                Links = [.. HeadChain.LinkedNumbers(number).Select(linked => heads[(int)linked].Hash)],
                Lost = number < 5 ? null : number < 9 ? [Lost(4)] : [Lost(8), Lost(4)],
                KeyEncryptionKey = Kek.Id,
                Epoch = 1,
                Identity = new HeadIdentity(Identity.Id, IdentityKey.PublicKey),
                Slots = [new HeadSlot(Slot, SlotKind.Words, Login.PublicKey, Hash256.Of(WrappedKek))],
            }.Sign(IdentityKey));
        }

        return heads;
    }
}
