using System.Buffers;

namespace Keyladder.Cryptography.Heads;

/// <summary>
/// What a tree holds besides the leaves of a set of paths (docs/spec/heads.md section 2). With the values that the set has it gives the root, so that
/// inclusion, absence and change are shown by one proof: with the values before a change the root before it, with those after it the root after it.
/// </summary>
/// <remarks>Not for several threads at once.</remarks>
public sealed class TreeProof
{
    private readonly TreeNode? others;

    private TreeProof(TreeNode? others) => this.others = others;

    /// <param name="tree">Known down to the leaves on the paths.</param>
    internal static TreeProof Create(TreeNode? tree, IEnumerable<Hash256> paths)
    {
        var set = SparseMerkleTree.Sort(paths.Distinct().Select(path => KeyValuePair.Create(path, (Hash256?)null)));
        return new TreeProof(Prune(SparseMerkleTree.Apply(tree, set, depth: 0), set, depth: 0));
    }

    /// <exception cref="ProofException">The bytes are not exactly one proof.</exception>
    public static TreeProof Parse(ReadOnlySpan<byte> encoded)
    {
        var reader = new TreeNodeFormat.Reader(encoded, withHashes: false, static (_, _, hash) => new HashNode(hash));
        if (!reader.TryRead(depth: 0, Hash256.Zero, end: Hash256.Bits, out var others) || !reader.IsAtEnd)
            throw new ProofException();
        return new TreeProof(others);
    }

    /// <summary>The one encoding of docs/spec/heads.md section 2.</summary>
    public byte[] Encode()
    {
        var output = new ArrayBufferWriter<byte>();
        TreeNodeFormat.Write(output, others, levels: Hash256.Bits, withHashes: false);
        return output.WrittenSpan.ToArray();
    }

    /// <summary>The root of the tree in which the paths of the set have these values: to be compared with one that is trusted.</summary>
    /// <param name="set">Every path that the proof was made for, with its value, or null where no leaf is.</param>
    /// <exception cref="ProofException">The proof was made for another set.</exception>
    public Hash256 ComputeRoot(IReadOnlyDictionary<Hash256, Hash256?> set)
    {
        ArgumentNullException.ThrowIfNull(set);
        var sorted = SparseMerkleTree.Sort(set);
        CheckFits(others, sorted, depth: 0);
        return TreeNode.HashOf(SparseMerkleTree.Apply(others, sorted, depth: 0));
    }

    // Of what no path of the set leads to, the hash is enough.
    private static TreeNode? Prune(TreeNode? node, ReadOnlySpan<SparseMerkleTree.Change> set, int depth)
    {
        if (node is null or LeafNode)
            return node;
        if (set.IsEmpty || node is not BranchNode branch)
            return new HashNode(node.Hash);
        var middle = SparseMerkleTree.FirstRight(set, depth);
        return new BranchNode(Prune(branch.Left, set[..middle], depth + 1), Prune(branch.Right, set[middle..], depth + 1));
    }

    private static void CheckFits(TreeNode? others, ReadOnlySpan<SparseMerkleTree.Change> set, int depth)
    {
        switch (others)
        {
            case BranchNode when set.IsEmpty:
                throw new ProofException("The proof opens what no path of the set leads to.");
            case HashNode when !set.IsEmpty:
                throw new ProofException("The proof does not open what a path of the set leads to.");
            case LeafNode leaf:
                foreach (var (path, _) in set)
                {
                    if (path == leaf.Path)
                        throw new ProofException("The proof holds a leaf of the set.");
                }

                break;
            case BranchNode branch:
                var middle = SparseMerkleTree.FirstRight(set, depth);
                CheckFits(branch.Left, set[..middle], depth + 1);
                CheckFits(branch.Right, set[middle..], depth + 1);
                break;
        }
    }
}
