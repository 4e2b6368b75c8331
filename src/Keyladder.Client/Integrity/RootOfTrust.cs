using Keyladder.Cryptography;
using Keyladder.Cryptography.ChunkedEncryption;
using Keyladder.Cryptography.Heads;
using Keyladder.Cryptography.Signing;
using Keyladder.Keys.Hierarchy;
using Keyladder.Protocol.Keystore;

namespace Keyladder.Client;

/// <summary>
/// What the unlock secret itself settled about the account (docs/spec/heads.md section 5, "Root of trust"): MEK opens KEK, KEK opens the
/// identity keypair, and the public half computed from that verifies heads. No service had a say in it, and every later head is held
/// against it.
/// </summary>
internal sealed class RootOfTrust(KeyEncryptionKey kek, IdentityKeypair identity, HeadSlot ownSlot) : IDisposable
{
    // From which head on: a change of the own secret is not yet in the heads before it, which calls that were under way may still bring.
    private volatile OwnSlots _ownSlots = new(ownSlot, Since: 0, Before: null);

    public AccountId Account => Kek.Account;

    public KeyEncryptionKey Kek { get; } = kek;

    public IdentityKeypair Identity { get; } = identity;

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
    public static RootOfTrust Open(AccountId account, MasterEncryptionKey mek, string kind, Ed25519PublicKey login, AccountResponse shown)
    {
        var slot = new HeadSlot(new SlotId(shown.Slot.Id), kind, login, Hash256.Of(shown.Slot.Wrapped));
        var stored = StoredKey.Read(shown.Identity);
        KeyEncryptionKey? kek = null;
        try
        {
            kek = mek.Unwrap(new Wrapped<KeyEncryptionKey>(shown.Slot.Wrapped), account, slot.Id, stored.Kek);
            var overview = kek.OpenOverview(stored.Id, stored.Overview, stored.Revision);
            return new RootOfTrust(kek, kek.Unwrap(new Wrapped<IdentityKeypair>(stored.Wrapped), stored.Id, overview), slot);
        }
        catch (Exception e) when (e is OpenFailedException or ArgumentException)
        {
            // The second for a key of the account's that has another purpose.
            kek?.Dispose();
            throw Alarms.DoesNotOpen(kek is null ? "the wrapped KEK" : "the identity keypair", e);
        }
    }

    /// <summary>
    /// Reads a head that this account's identity signed and that names the account's keys. Whether it counts is for its descent to say, and
    /// only if it does, <see cref="RequireOwnSlot"/>: an older head may well be from before the own slot.
    /// </summary>
    /// <exception cref="IntegrityException">It is not such a head.</exception>
    public SignedHead<KeystoreHead> Read(string jws)
    {
        if (!KeystoreHead.TryRead(jws, out var signed))
            throw Alarms.HeadInvalid("a head", "is not in the form of one");
        var head = signed.Head;
        var name = $"head {head.Number}";
        if (!signed.IsSignedBy(Identity.PublicKey))
            throw Alarms.HeadInvalid(name, "the account did not sign");
        if (head.Account != Account)
            throw Alarms.HeadInvalid(name, "is another account's");
        if (head.KeyEncryptionKey != Kek.Id)
            throw Alarms.HeadInvalid(name, "names another KEK than the one that opened");
        if (head.Identity.Id != Identity.Id || !head.Identity.Public.Equals(Identity.PublicKey))
            throw Alarms.HeadInvalid(name, "names another identity keypair than the one that opened");
        return signed;
    }

    /// <param name="head">One that counts.</param>
    /// <exception cref="IntegrityException">It describes the way to unlock otherwise than it is.</exception>
    /// <exception cref="KeyladderException">This way to unlock is no longer among the account's.</exception>
    public void RequireOwnSlot(KeystoreHead head)
    {
        var own = OwnSlotAt(head.Number);
        var shown = head.Slots.FirstOrDefault(slot => slot.Id == own.Id) ?? throw Failures.UnlockMethodRemoved();
        if (shown != own)
            throw Alarms.HeadInvalid($"head {head.Number}", "describes the way it was unlocked here otherwise than it is");
    }

    public void Dispose()
    {
        Identity.Dispose();
        Kek.Dispose();
    }

    private sealed record OwnSlots(HeadSlot Slot, long Since, HeadSlot? Before);
}
