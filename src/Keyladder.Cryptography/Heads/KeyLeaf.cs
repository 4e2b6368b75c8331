namespace Keyladder.Cryptography.Heads;

/// <summary>A key of the Keystore as a leaf of its account's tree (docs/spec/heads.md section 1): client and service compute the same.</summary>
public static class KeyLeaf
{
    /// <summary>Where the key stands in the tree; it follows from the id alone.</summary>
    public static Hash256 Path(KeyId id) => Hash256.Of(Fields.Encode("keystore/v1/tree-path", id));

    /// <summary>Covers every field that a client reads.</summary>
    /// <param name="revision">From 1.</param>
    /// <param name="overview">The envelope with the overview.</param>
    /// <param name="wrapped">The envelope with the wrapped key.</param>
    public static Hash256 Value(KeyId id, KeyEncryptionKeyId kek, long revision, ReadOnlyMemory<byte> overview, ReadOnlyMemory<byte> wrapped) =>
        Hash256.Of(Fields.Encode("keystore/v1/key-leaf", id, kek, revision, overview, wrapped));
}
