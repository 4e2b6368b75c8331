using Keyladder.Cryptography;
using Keyladder.Cryptography.Heads;
using Keyladder.Protocol.Keystore;

namespace Keyladder.Client;

/// <summary>A key as the Keystore keeps it: ciphertext, and the value of its leaf.</summary>
internal sealed record StoredKey(KeyId Id, KeyEncryptionKeyId Kek, long Revision, byte[] Overview, byte[] Wrapped) : IStoredObject
{
    public ObjectName Name => Id;

    public Hash256 Leaf { get; } = KeyLeaf.Value(Id, Kek, Revision, Overview, Wrapped);

    /// <exception cref="IntegrityException">The revision is none.</exception>
    public static StoredKey Read(KeyMessage message) =>
        message.Revision >= 1
            ? new StoredKey(new KeyId(message.Id), new KeyEncryptionKeyId(message.Kek), message.Revision, message.Overview, message.Wrapped)
            : throw Alarms.ObjectInvalid(new KeyId(message.Id), "in a revision that there is not");

    public KeyMessage ToMessage() => new(Id.Value, Kek.Value, Revision, Overview, Wrapped);
}
