using System.Runtime.InteropServices;

namespace Keyladder.Cryptography.Heads;

/// <summary>
/// The tree of docs/spec/heads.md section 1: 256-bit paths, SHA-256, one root for one set of leaves in whatever order they came. An object is
/// one state of it, whole and in memory, and never changes; the next state shares with it what both have.
/// </summary>
public sealed class SparseMerkleTree
{
    // So many hashes take long enough to be spread over the cores: those of up to 2^6 subtrees.
    private const int ManyChanges = 4_096;
    private const int HashedTogether = 6;

    private readonly TreeNode? root;

    private SparseMerkleTree(TreeNode? root, long count) => (this.root, Count) = (root, count);

    /// <summary>The tree without leaves; its root is <see cref="Hash256.Zero"/>.</summary>
    public static SparseMerkleTree Empty { get; } = new(null, 0);

    /// <summary>Number of leaves.</summary>
    public long Count { get; }

    public Hash256 Root => TreeNode.HashOf(root);

    /// <summary>The tree after leaves were put and removed.</summary>
    /// <param name="changes">The new value of each path, or null for a leaf to remove; removing what is not there changes nothing.</param>
    public SparseMerkleTree With(IReadOnlyDictionary<Hash256, Hash256?> changes)
    {
        ArgumentNullException.ThrowIfNull(changes);
        var added = changes.Sum(change => (change.Value is null ? 0L : 1L) - (Get(change.Key) is null ? 0L : 1L));
        var next = Apply(root, Sort(changes), depth: 0);
        if (changes.Count >= ManyChanges)
            Parallel.ForEach(SubtreesAt(next, HashedTogether), static subtree => _ = subtree.Hash);
        return new SparseMerkleTree(next, Count + added);
    }

    /// <summary>The value of the leaf at this path; null if there is none.</summary>
    public Hash256? Get(Hash256 path)
    {
        var node = root;
        for (var depth = 0; node is BranchNode branch; depth++)
            node = path.GoesRight(depth) ? branch.Right : branch.Left;
        return node is LeafNode leaf && leaf.Path == path ? leaf.Value : null;
    }

    /// <summary>The root over exactly these leaves; <see cref="Hash256.Zero"/> if there are none.</summary>
    /// <param name="leaves">The value at each path.</param>
    public static Hash256 ComputeRoot(IReadOnlyDictionary<Hash256, Hash256> leaves)
    {
        ArgumentNullException.ThrowIfNull(leaves);
        return TreeNode.HashOf(Apply(node: null, Sort(leaves.Select(leaf => KeyValuePair.Create(leaf.Key, (Hash256?)leaf.Value))), depth: 0));
    }

    /// <summary>A leaf to put or, without a value, to remove. To remove what is not there changes nothing.</summary>
    internal readonly record struct Change(Hash256 Path, Hash256? Value);

    /// <summary>Changes as <see cref="Apply"/> takes them.</summary>
    internal static Change[] Sort(IEnumerable<KeyValuePair<Hash256, Hash256?>> changes)
    {
        Change[] sorted = [.. changes.Select(change => new Change(change.Key, change.Value))];
        Array.Sort(sorted, static (a, b) => a.Path.CompareTo(b.Path));
        return sorted;
    }

    /// <summary>The subtree at <paramref name="depth"/> after the changes; the same object if nothing in it differs.</summary>
    /// <param name="node">The subtree before. Where changes lead it must be known down to its leaves.</param>
    /// <param name="changes">Ascending by path, no path twice, each of them below this subtree.</param>
    /// <exception cref="InvalidOperationException">A change leads to a <see cref="HashNode"/>.</exception>
    internal static TreeNode? Apply(TreeNode? node, ReadOnlySpan<Change> changes, int depth)
    {
        if (changes.IsEmpty)
            return node;
        if (node is HashNode)
            throw new InvalidOperationException("The part of the tree that is to change is not known.");
        if (node is not BranchNode branch)
            return Replace((LeafNode?)node, changes, depth);

        var middle = FirstRight(changes, depth);
        var left = Apply(branch.Left, changes[..middle], depth + 1);
        var right = Apply(branch.Right, changes[middle..], depth + 1);
        if (ReferenceEquals(left, branch.Left) && ReferenceEquals(right, branch.Right))
            return branch;

        // One leaf that stays behind moves up to where it is alone: the root tells nothing of what has been here before.
        return BranchNode.IsTooSmall(left, right) ? left ?? right : new BranchNode(left, right);
    }

    /// <summary>Where the changes begin whose bit <paramref name="depth"/> leads right.</summary>
    internal static int FirstRight(ReadOnlySpan<Change> changes, int depth)
    {
        var (low, high) = (0, changes.Length);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = changes[middle].Path.GoesRight(depth) ? (low, middle) : (middle + 1, high);
        }

        return low;
    }

    private static IEnumerable<TreeNode> SubtreesAt(TreeNode? node, int depth) => node switch
    {
        null => [],
        BranchNode branch when depth > 0 => SubtreesAt(branch.Left, depth - 1).Concat(SubtreesAt(branch.Right, depth - 1)),
        _ => [node],
    };

    private static TreeNode? Replace(LeafNode? leaf, ReadOnlySpan<Change> changes, int depth)
    {
        var leaves = new List<LeafNode>(changes.Length + 1);
        var untouched = leaf;
        foreach (var (path, value) in changes)
        {
            var isThisLeaf = leaf is not null && leaf.Path == path;
            if (isThisLeaf)
                untouched = null;
            if (value is { } put)
                leaves.Add(isThisLeaf && leaf!.Value == put ? leaf : new LeafNode(path, put));
        }

        if (untouched is not null)
        {
            var next = leaves.FindIndex(other => other.Path > untouched.Path);
            leaves.Insert(next < 0 ? leaves.Count : next, untouched);
        }

        return Build(CollectionsMarshal.AsSpan(leaves), depth);
    }

    private static TreeNode? Build(ReadOnlySpan<LeafNode> sorted, int depth)
    {
        if (sorted.Length <= 1)
            return sorted.IsEmpty ? null : sorted[0];
        var middle = 0;
        while (middle < sorted.Length && !sorted[middle].Path.GoesRight(depth))
            middle++;
        return new BranchNode(Build(sorted[..middle], depth + 1), Build(sorted[middle..], depth + 1));
    }
}
