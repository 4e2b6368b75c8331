using Keyladder.Cryptography;
using Keyladder.Cryptography.Heads;
using Keyladder.Protocol.Vault;

namespace Keyladder.Client;

/// <summary>An object of the Vault as the service keeps it: ciphertext, and its place in the tree (docs/spec/vault.md section 2).</summary>
internal sealed record StoredObject(ObjectName Name, Hash256 Dek, long Revision, byte[] Sealed, Guid? Attachment = null) : IStoredObject
{
    /// <summary>Computed from all that is read of it.</summary>
    public Hash256 Leaf { get; } = ObjectLeaf.Value(Name.Kind, Name.Id, Dek, Revision, Attachment, Sealed);

    /// <exception cref="IntegrityException">It is not in the form of one.</exception>
    public static StoredObject Read(ObjectMessage message)
    {
        var name = ObjectName.Read(message.Kind, message.Id);
        return message is { Revision: >= 1, Dek.Length: Hash256.Size }
            ? new StoredObject(name, new Hash256(message.Dek), message.Revision, message.Sealed, message.Attachment)
            : throw Alarms.ObjectInvalid(name, "which is not in the form of one");
    }

    public ObjectMessage ToMessage() => new(Name.Id, Name.Kind, Dek.ToArray(), Revision, Sealed, Attachment);
}
