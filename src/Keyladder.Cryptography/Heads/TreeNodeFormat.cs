using System.Buffers;

namespace Keyladder.Cryptography.Heads;

/// <summary>
/// A part of a tree as bytes: its subtrees in pre-order, each a kind and what the kind has. Proofs (docs/spec/heads.md section 2) and pages are
/// written in it; only pages carry the hashes of their branches, so that nobody has to compute them again.
/// </summary>
internal static class TreeNodeFormat
{
    private const byte Empty = 0x00, Branch = 0x01, Hash = 0x02, Leaf = 0x03;

    /// <param name="levels">Branches so many levels down are written as their hash.</param>
    /// <param name="withHashes">Whether the branches above them carry theirs.</param>
    public static void Write(IBufferWriter<byte> output, TreeNode? node, int levels, bool withHashes)
    {
        switch (node)
        {
            case null:
                output.Write([Empty]);
                break;
            case LeafNode leaf:
                output.Write([Leaf]);
                Write(output, leaf.Path);
                Write(output, leaf.Value);
                break;
            case BranchNode branch when levels > 0:
                output.Write([Branch]);
                if (withHashes)
                    Write(output, branch.Hash);
                Write(output, branch.Left, levels - 1, withHashes);
                Write(output, branch.Right, levels - 1, withHashes);
                break;
            default:
                output.Write([Hash]);
                Write(output, node.Hash);
                break;
        }
    }

    private static void Write(IBufferWriter<byte> output, Hash256 hash)
    {
        hash.CopyTo(output.GetSpan(Hash256.Size));
        output.Advance(Hash256.Size);
    }

    /// <summary>Reads what <see cref="Write(IBufferWriter{byte}, TreeNode?, int, bool)"/> writes and refuses anything else.</summary>
    /// <param name="withHashes">Whether branches carry their hash.</param>
    /// <param name="atHash">Gives the subtree at a depth and position of which the bytes hold only the hash; null refuses it.</param>
    public ref struct Reader(ReadOnlySpan<byte> input, bool withHashes, Func<int, Hash256, Hash256, TreeNode?> atHash)
    {
        private ReadOnlySpan<byte> rest = input;

        public readonly bool IsAtEnd => rest.IsEmpty;

        /// <param name="depth">Depth of the subtree in the whole tree.</param>
        /// <param name="position">The bits that lead to it, then zeros.</param>
        /// <param name="end">The depth at which no branch may stand any more.</param>
        public bool TryRead(int depth, Hash256 position, int end, out TreeNode? node)
        {
            node = null;
            if (rest.IsEmpty)
                return false;
            var kind = rest[0];
            rest = rest[1..];
            switch (kind)
            {
                case Empty:
                    return true;
                case Branch:
                    Hash256 known = default;
                    if (depth == end || (withHashes && !TryRead(out known))
                        || !TryRead(depth + 1, position, end, out var left)
                        || !TryRead(depth + 1, position.WithBit(depth), end, out var right)
                        || BranchNode.IsTooSmall(left, right))
                        return false;
                    node = new BranchNode(left, right, withHashes ? known : null);
                    return true;
                case Hash:
                    if (TryRead(out var hash) && hash != Hash256.Zero)
                        node = atHash(depth, position, hash);
                    return node is not null;
                case Leaf:
                    if (TryRead(out var path) && TryRead(out var value) && path.SharesPrefix(position, depth))
                        node = new LeafNode(path, value);
                    return node is not null;
                default:
                    return false;
            }
        }

        private bool TryRead(out Hash256 hash)
        {
            hash = default;
            if (rest.Length < Hash256.Size)
                return false;
            hash = new Hash256(rest[..Hash256.Size]);
            rest = rest[Hash256.Size..];
            return true;
        }
    }
}
