using Keyladder.Cryptography.Heads;

namespace Keyladder.Client;

/// <summary>What a copy of the account's objects holds at one moment: ciphertext.</summary>
/// <param name="At">The head it stands at; <see cref="HeadPin.None"/> if it was never brought to one.</param>
/// <param name="Head">That head; null if none.</param>
/// <param name="Objects">At that head: complete at the Keystore, the identity keypair among them; of a Vault all items, and the attributes that were fetched.</param>
/// <param name="Gone">What the copy has held and seen deleted, with its leaf as it was then.</param>
/// <param name="Heads">Hashes of heads that it has met on its way; each is that head or comes before it in its history.</param>
internal sealed record HeldObjects<THead, TObject>(
    HeadPin At,
    SignedHead<THead>? Head,
    IReadOnlyDictionary<ObjectName, TObject> Objects,
    IReadOnlyDictionary<ObjectName, Hash256> Gone,
    IReadOnlySet<Hash256> Heads)
    where THead : Head
    where TObject : class, IStoredObject
{
    /// <summary>Whether a head is known to come before this one: what is there and not here was deleted in between.</summary>
    public bool HasFollowed(HeadPin pin) => Heads.Contains(pin.Hash);
}
