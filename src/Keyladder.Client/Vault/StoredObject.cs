using Keyladder.Cryptography;
using Keyladder.Cryptography.Heads;
using Keyladder.Protocol.Vault;

namespace Keyladder.Client;

/// <summary>An object of the Vault as the service keeps it: ciphertext, and its place in the tree (docs/spec/vault.md section 2).</summary>
internal sealed record StoredObject(ObjectName Name, Hash256 Dek, long Revision, byte[] Sealed, Guid? Attachment = null)
{
    /// <summary>Computed from all that is read of it.</summary>
    public Hash256 Leaf { get; } = ObjectLeaf.Value(Name.Kind, Name.Id, Dek, Revision, Attachment, Sealed);

    /// <exception cref="IntegrityException">It is not in the form of one.</exception>
    public static StoredObject Read(ObjectMessage message)
    {
        var name = ObjectName.Of(message.Kind, message.Id);
        return message is { Revision: >= 1, Dek.Length: Hash256.Size }
            ? new StoredObject(name, new Hash256(message.Dek), message.Revision, message.Sealed, message.Attachment)
            : throw Alarms.ObjectInvalid(name.ToString(), "which is not in the form of one");
    }

    public ObjectMessage ToMessage() => new(Name.Id, Name.Kind, Dek.ToArray(), Revision, Sealed, Attachment);
}

/// <summary>What an object is, and its id.</summary>
internal readonly record struct ObjectName(string Kind, Guid Id)
{
    public Hash256 Path => ObjectLeaf.Path(Kind, Id);

    /// <exception cref="IntegrityException">There is no such kind.</exception>
    public static ObjectName Of(string kind, Guid id) => kind switch
    {
        // The program's own texts: what came with an answer is one object each.
        ObjectKind.Item => new(ObjectKind.Item, id),
        ObjectKind.Attribute => new(ObjectKind.Attribute, id),
        _ => throw Alarms.ObjectInvalid($"object {id}", "of a kind that there is not"),
    };

    public static ObjectName Of(ItemId id) => new(ObjectKind.Item, id.Value);

    public static ObjectName Of(AttributeId id) => new(ObjectKind.Attribute, id.Value);

    public ObjectNameMessage ToMessage() => new(Kind, Id);

    /// <summary>As alarms name it.</summary>
    public override string ToString() => $"{Kind} {Id}";
}
