using System.Security.Cryptography;

namespace Keyladder.Cryptography.Heads;

/// <summary>
/// A subtree that is not empty (docs/spec/heads.md section 1); <c>null</c> stands for the empty one. Nodes never change: a changed tree shares every
/// untouched subtree with the tree it came from, and two references that are the same say that nothing below differs.
/// </summary>
internal abstract class TreeNode
{
    public abstract Hash256 Hash { get; }

    public static Hash256 HashOf(TreeNode? node) => node?.Hash ?? Hash256.Zero;

    protected static Hash256 HashOf(byte kind, Hash256 first, Hash256 second)
    {
        Span<byte> input = stackalloc byte[1 + Hash256.Size + Hash256.Size];
        input[0] = kind;
        first.CopyTo(input[1..]);
        second.CopyTo(input[(1 + Hash256.Size)..]);
        Span<byte> hash = stackalloc byte[Hash256.Size];
        SHA256.HashData(input, hash);
        return new Hash256(hash);
    }
}

/// <summary>A subtree with exactly one leaf, at whatever depth.</summary>
internal sealed class LeafNode(Hash256 path, Hash256 value) : TreeNode
{
    private Hash256? hash;

    public Hash256 Path => path;

    public Hash256 Value => value;

    public override Hash256 Hash => hash ??= HashOf(0x00, path, value);
}

/// <summary>A subtree with two leaves or more.</summary>
/// <param name="left">The subtree of bit 0.</param>
/// <param name="right">The subtree of bit 1.</param>
/// <param name="hash">Its hash where that is known already.</param>
internal sealed class BranchNode(TreeNode? left, TreeNode? right, Hash256? hash = null) : TreeNode
{
    public TreeNode? Left => left;

    public TreeNode? Right => right;

    public override Hash256 Hash => hash ??= HashOf(0x01, HashOf(left), HashOf(right));

    /// <summary>Whether these two halves hold fewer than two leaves, so that no branch may join them.</summary>
    public static bool IsTooSmall(TreeNode? left, TreeNode? right) =>
        (left is null && right is null or LeafNode) || (left is LeafNode && right is null);
}

/// <summary>A subtree with two leaves or more of which only the hash is known: it lies on another page, or outside of what a proof is about.</summary>
internal sealed class HashNode(Hash256 hash) : TreeNode
{
    public override Hash256 Hash => hash;
}
