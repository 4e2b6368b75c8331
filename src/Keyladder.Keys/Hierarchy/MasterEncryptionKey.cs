using Keyladder.Cryptography;
using Keyladder.Cryptography.ChunkedEncryption;
using Keyladder.Cryptography.Secrets;
using Keyladder.Keys.Envelopes;

namespace Keyladder.Keys.Hierarchy;

/// <summary>MEK: derived from what unlocks a slot, never stored, never sent. It wraps the KEK and nothing else.</summary>
public sealed class MasterEncryptionKey : IDisposable
{
    private readonly SecretBytes key;

    internal MasterEncryptionKey(SecretBytes key) => this.key = key;

    /// <param name="slot">Whose secret this MEK is derived from.</param>
    public Wrapped<KeyEncryptionKey> Wrap(KeyEncryptionKey kek, SlotId slot)
    {
        ArgumentNullException.ThrowIfNull(kek);
        using var bytes = kek.CopyKeyBytes();
        return Wrapped<KeyEncryptionKey>.Seal(bytes, key, Contexts.WrappedKek(kek.Account, slot, kek.Id));
    }

    /// <exception cref="OpenFailedException">
    /// This MEK did not wrap it as that KEK of that account in that slot, or it was altered.
    /// </exception>
    public KeyEncryptionKey Unwrap(Wrapped<KeyEncryptionKey> wrapped, AccountId account, SlotId slot, KeyEncryptionKeyId id)
    {
        ArgumentNullException.ThrowIfNull(wrapped);
        return new KeyEncryptionKey(account, id, wrapped.Open(key, Contexts.WrappedKek(account, slot, id), KeyEncryptionKey.KeySize));
    }

    public void Dispose() => key.Dispose();
}
