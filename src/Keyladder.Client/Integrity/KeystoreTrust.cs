using Keyladder.Cryptography;
using Keyladder.Cryptography.ChunkedEncryption;
using Keyladder.Cryptography.Heads;
using Keyladder.Cryptography.Signing;
using Keyladder.Keys.Hierarchy;
using Keyladder.Protocol.Keystore;

namespace Keyladder.Client;

/// <summary>
/// What the unlock secret itself settled about an account of the Keystore: MEK opens KEK, KEK opens the identity keypair, and the public half
/// computed from that verifies heads.
/// </summary>
internal sealed class KeystoreTrust(KeyEncryptionKey kek, IdentityKeypair identity, HeadSlot ownSlot) : RootOfTrust<KeystoreHead>
{
    // From which head on: a change of the own secret is not yet in the heads before it, which calls that were under way may still bring.
    private volatile OwnSlots _ownSlots = new(ownSlot, Since: 0, Before: null);

    public override AccountId Account => Kek.Account;

    public override Ed25519PublicKey Signer => Identity.PublicKey;

    public KeyEncryptionKey Kek { get; } = kek;

    public IdentityKeypair Identity { get; } = identity;

    /// <summary>The day of the identity keypair, as the account noted it at sign-up; null where it was not read.</summary>
    public DateOnly? Created { get; private init; }

    /// <summary>The slot that this client unlocked; after a change of passphrase, the new one.</summary>
    public HeadSlot OwnSlot => _ownSlots.Slot;

    public void ReplaceOwnSlot(long sinceHead, HeadSlot slot) => _ownSlots = new(slot, sinceHead, _ownSlots.Slot);

    /// <summary>As the head with this number must name it.</summary>
    public HeadSlot OwnSlotAt(long head) => _ownSlots is { Before: { } before } slots && head < slots.Since ? before : _ownSlots.Slot;

    /// <param name="account">Whose keys the service says these are. Under a lie about it nothing opens.</param>
    /// <param name="mek">From the unlock secret.</param>
    /// <param name="kind">Of the slot, as the unlock secret has it.</param>
    /// <param name="login">Of the slot, as derived from the unlock secret.</param>
    /// <param name="shown">What the service shows.</param>
    /// <exception cref="IntegrityException">It does not open.</exception>
    public static KeystoreTrust Open(AccountId account, MasterEncryptionKey mek, string kind, Ed25519PublicKey login, AccountResponse shown)
    {
        var slot = new HeadSlot(new SlotId(shown.Slot.Id), kind, login, Hash256.Of(shown.Slot.Wrapped));
        var stored = StoredKey.Read(shown.Identity);
        KeyEncryptionKey? kek = null;
        try
        {
            kek = mek.Unwrap(new Wrapped<KeyEncryptionKey>(shown.Slot.Wrapped), account, slot.Id, stored.Kek);
            var overview = kek.OpenOverview(stored.Id, stored.Overview, stored.Revision);
            return new KeystoreTrust(kek, kek.Unwrap(new Wrapped<IdentityKeypair>(stored.Wrapped), stored.Id, overview), slot) { Created = overview.Created };
        }
        catch (Exception e) when (e is OpenFailedException or ArgumentException)
        {
            // The second for a key of the account's that has another purpose.
            kek?.Dispose();
            throw Alarms.DoesNotOpen(kek is null ? "the wrapped KEK" : "the identity keypair", e);
        }
    }

    /// <summary>Reads a key as it is stored under the account's KEK.</summary>
    /// <exception cref="IntegrityException">It is stored under another one, or not in the form of a key.</exception>
    public StoredKey Read(KeyMessage message)
    {
        var key = StoredKey.Read(message);
        return key.Kek == Kek.Id ? key : throw Alarms.ObjectInvalid(key.Id, "wrapped by another KEK than the account's");
    }

    public override void RequireOwnSlot(KeystoreHead head)
    {
        var own = OwnSlotAt(head.Number);
        var shown = head.Slots.FirstOrDefault(slot => slot.Id == own.Id) ?? throw Failures.UnlockMethodRemoved();
        if (shown != own)
            throw Alarms.HeadInvalid(head.Number, "describes the way it was unlocked here otherwise than it is");
    }

    public override SignedHead<KeystoreHead> Sign(KeystoreHead head) => Identity.Sign(head);

    public override string Sign(AccountDeletion deletion) => Identity.Sign(deletion);

    public override void Dispose()
    {
        Identity.Dispose();
        Kek.Dispose();
    }

    protected override void RequireKeys(KeystoreHead head)
    {
        if (head.KeyEncryptionKey != Kek.Id)
            throw Alarms.HeadInvalid(head.Number, "names another KEK than the one that opened");
        if (head.Identity.Id != Identity.Id || !head.Identity.Public.Equals(Identity.PublicKey))
            throw Alarms.HeadInvalid(head.Number, "names another identity keypair than the one that opened");
    }

    private sealed record OwnSlots(HeadSlot Slot, long Since, HeadSlot? Before);
}
