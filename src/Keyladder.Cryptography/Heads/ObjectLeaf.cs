namespace Keyladder.Cryptography.Heads;

/// <summary>An object of a Vault as a leaf of its account's tree (docs/spec/vault.md section 2): client and service compute the same.</summary>
public static class ObjectLeaf
{
    /// <summary>Where the object stands in the tree. Its kind is part of it: shown as the other kind, it is not there.</summary>
    /// <param name="kind">One of <see cref="ObjectKind"/>.</param>
    /// <param name="id">Names the object.</param>
    public static Hash256 Path(string kind, Guid id) => Hash256.Of(Fields.Encode("vault/v1/tree-path", kind, Bytes(id)));

    /// <summary>Covers every field that a client reads.</summary>
    /// <param name="kind">One of <see cref="ObjectKind"/>.</param>
    /// <param name="id">Names the object.</param>
    /// <param name="dek">Name of the DEK at this Vault.</param>
    /// <param name="revision">From 1.</param>
    /// <param name="attachment">Of the attribute; null where it names none.</param>
    /// <param name="sealedContent">The envelope.</param>
    public static Hash256 Value(string kind, Guid id, Hash256 dek, long revision, Guid? attachment, ReadOnlyMemory<byte> sealedContent) =>
        Hash256.Of(Fields.Encode("vault/v1/object-leaf", kind, Bytes(id), dek, revision, attachment is { } named ? Bytes(named) : [], sealedContent));

    private static byte[] Bytes(Guid id) => id.ToByteArray(bigEndian: true);
}

/// <summary>The kinds of objects as messages and leaves write them.</summary>
public static class ObjectKind
{
    /// <summary>What an item says of itself, and which attributes it has.</summary>
    public const string Item = "item";

    /// <summary>One attribute of an item.</summary>
    public const string Attribute = "attribute";

    public static bool IsKnown(string? kind) => kind is Item or Attribute;
}
