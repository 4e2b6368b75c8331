using Keyladder.Cryptography;
using Keyladder.Cryptography.Heads;

namespace Keyladder.Client;

/// <summary>Which object of an account: a key of the Keystore, or an object of a Vault. Alarms name it so.</summary>
/// <param name="Kind">One of <see cref="ObjectKind"/>; <see cref="Key"/> for a key, which no service says of anything.</param>
/// <param name="Id">Its id there.</param>
internal readonly record struct ObjectName(string Kind, Guid Id)
{
    public const string Key = "key";

    /// <summary>Where it stands in the account's tree: a key by its id, an object of a Vault by its kind too.</summary>
    public Hash256 Path => Kind == Key ? KeyLeaf.Path(new KeyId(Id)) : ObjectLeaf.Path(Kind, Id);

    public static implicit operator ObjectName(KeyId id) => new(Key, id.Value);

    public static implicit operator ObjectName(ItemId id) => new(ObjectKind.Item, id.Value);

    public static implicit operator ObjectName(AttributeId id) => new(ObjectKind.Attribute, id.Value);

    /// <summary>As a Vault says it.</summary>
    /// <exception cref="IntegrityException">There is no such kind.</exception>
    public static ObjectName Read(string kind, Guid id) => kind switch
    {
        // The program's own texts: those of an answer are one object each.
        ObjectKind.Item => new ItemId(id),
        ObjectKind.Attribute => new AttributeId(id),
        _ => throw Alarms.ObjectInvalid(new ObjectName("object", id), "of a kind that there is not"),
    };

    /// <summary>Ids are random: no two kinds have one in common, unless somebody lies.</summary>
    public override int GetHashCode() => Id.GetHashCode();

    public override string ToString() => $"{Kind} {Id:D}";
}
