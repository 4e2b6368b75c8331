using Keyladder.Cryptography;
using Keyladder.Cryptography.Heads;

namespace Keyladder.Client;

/// <summary>What a copy of the account's keys holds at one moment: ciphertext.</summary>
/// <param name="At">The head it stands at; <see cref="HeadPin.None"/> if it was never brought to one.</param>
/// <param name="Head">That head; null if none.</param>
/// <param name="Keys">Complete at that head, the identity keypair among them.</param>
/// <param name="Gone">Ids that the copy has held and seen deleted.</param>
/// <param name="Heads">Hashes of heads that it has met on its way; each is that head or comes before it in its history.</param>
internal sealed record HeldKeys(
    HeadPin At, SignedHead<KeystoreHead>? Head, IReadOnlyDictionary<KeyId, StoredKey> Keys, IReadOnlySet<KeyId> Gone, IReadOnlySet<Hash256> Heads)
{
    /// <summary>Whether a head is known to come before this one: what is there and not here was deleted in between.</summary>
    public bool HasFollowed(HeadPin pin) => Heads.Contains(pin.Hash);

    public IEnumerable<HeadSlot> Slots => Head?.Head.Slots ?? [];
}
