using System.Buffers;

namespace Keyladder.Cryptography.Heads;

/// <summary>
/// A service's tree, kept in rows. A page holds four levels and is named by the hexadecimal digits that lead to it: "" is the root's, "a3" covers
/// the depths 8 to 12. There is a page where two leaves or more share its digits, and the root's where there is a leaf at all; a lone leaf stands on
/// the page above. This object knows the pages that it was given: enough for the paths at hand, seldom all.
/// </summary>
/// <remarks>Not for several threads at once.</remarks>
public sealed class PagedTree
{
    private const int Levels = 4;

    private const byte Version = 0x01;

    // 15 branches above 16 hashes; leaves in their place make a page longer.
    private const int FullPageBytes = 1 + (31 * (1 + Hash256.Size));

    private TreeNode? root;

    /// <param name="pages">Bytes of each page by its name; without the root's the tree is empty. What no page leads to is ignored.</param>
    /// <exception cref="InvalidDataException">A page is damaged, or not of the same state of the tree as the page above it.</exception>
    public PagedTree(IReadOnlyDictionary<string, byte[]> pages)
    {
        ArgumentNullException.ThrowIfNull(pages);
        root = pages.ContainsKey("") ? ReadPage(pages, "", depth: 0, Hash256.Zero) : null;
    }

    /// <summary><see cref="Hash256.Zero"/> if the tree is empty.</summary>
    public Hash256 Root => TreeNode.HashOf(root);

    /// <summary>
    /// The names of pages that exist, are needed for the paths and were not given. Once they are, there can be deeper ones again; who gives every page
    /// that exists under a name of 0 to n digits of the paths lacks none with a chance of about 1 − count / 16^(n + 1) for each path.
    /// </summary>
    public IReadOnlyList<string> MissingPages(IEnumerable<Hash256> paths)
    {
        ArgumentNullException.ThrowIfNull(paths);
        var missing = new HashSet<string>();
        foreach (var path in paths)
        {
            if (Find(path, out var depth) is HashNode)
                missing.Add(path.Prefix(depth / Levels));
        }

        return [.. missing];
    }

    /// <summary>The value of the leaf at this path; null if there is none.</summary>
    /// <exception cref="InvalidOperationException">A page is missing.</exception>
    public Hash256? Get(Hash256 path) => Find(path, out _) switch
    {
        HashNode => throw new InvalidOperationException("A page of the tree is missing."),
        LeafNode leaf when leaf.Path == path => leaf.Value,
        _ => null,
    };

    /// <summary>Proves what the tree holds at these paths.</summary>
    /// <exception cref="InvalidOperationException">A page is missing.</exception>
    public TreeProof Prove(IEnumerable<Hash256> paths)
    {
        ArgumentNullException.ThrowIfNull(paths);
        return TreeProof.Create(root, paths);
    }

    /// <summary>Puts and removes leaves, all at once.</summary>
    /// <param name="changes">The new value of each path, or null for a leaf to remove; removing what is not there changes nothing.</param>
    /// <exception cref="InvalidOperationException">A page is missing; nothing has changed.</exception>
    public TreeUpdate Apply(IReadOnlyDictionary<Hash256, Hash256?> changes)
    {
        ArgumentNullException.ThrowIfNull(changes);
        var added = changes.Sum(change => (change.Value is null ? 0 : 1) - (Get(change.Key) is null ? 0 : 1));
        var before = root;
        root = SparseMerkleTree.Apply(before, SparseMerkleTree.Sort(changes), depth: 0);

        var changed = new Dictionary<string, byte[]>();
        var removed = new List<string>();
        Compare(before, root, depth: 0, Hash256.Zero, changed, removed);
        return new TreeUpdate(Root, added, changed, removed);
    }

    private TreeNode? Find(Hash256 path, out int depth)
    {
        var node = root;
        for (depth = 0; node is BranchNode branch; depth++)
            node = path.GoesRight(depth) ? branch.Right : branch.Left;
        return node;
    }

    private static void Compare(
        TreeNode? before, TreeNode? after, int depth, Hash256 position, Dictionary<string, byte[]> changed, List<string> removed)
    {
        if (ReferenceEquals(before, after))
            return;
        if (depth % Levels == 0)
        {
            if (HasPage(after, depth))
                changed.Add(position.Prefix(depth / Levels), WritePage(after));
            else if (HasPage(before, depth))
                removed.Add(position.Prefix(depth / Levels));
        }

        var (was, becomes) = (before as BranchNode, after as BranchNode);
        if (was is null && becomes is null)
            return;
        Compare(was?.Left, becomes?.Left, depth + 1, position, changed, removed);
        Compare(was?.Right, becomes?.Right, depth + 1, position.WithBit(depth), changed, removed);
    }

    private static bool HasPage(TreeNode? node, int depth) => depth == 0 ? node is not null : node is BranchNode;

    private static byte[] WritePage(TreeNode? node)
    {
        var output = new ArrayBufferWriter<byte>(FullPageBytes);
        output.Write([Version]);
        TreeNodeFormat.Write(output, node, Levels, withHashes: true);
        return output.WrittenSpan.ToArray();
    }

    private static TreeNode ReadPage(IReadOnlyDictionary<string, byte[]> pages, string name, int depth, Hash256 position)
    {
        var page = pages[name].AsSpan();
        var end = depth + Levels;
        if (!page.IsEmpty && page[0] == Version)
        {
            var reader = new TreeNodeFormat.Reader(page[1..], withHashes: true, AtEndOfPage);
            if (reader.TryRead(depth, position, end, out var node) && reader.IsAtEnd && node is not null && HasPage(node, depth))
                return node;
        }

        throw new InvalidDataException($"The tree's page '{name}' is damaged.");

        TreeNode? AtEndOfPage(int at, Hash256 below, Hash256 hash)
        {
            if (at != end || at == Hash256.Bits)
                return null;
            var next = $"{name}{below.Digit(name.Length):x1}";
            if (!pages.ContainsKey(next))
                return new HashNode(hash);
            var node = ReadPage(pages, next, at, below);
            return node.Hash == hash ? node : throw new InvalidDataException($"The tree's page '{next}' is not of the same state as the page above it.");
        }
    }
}

/// <summary>What a change to a tree does to its rows.</summary>
/// <param name="Root">The new root.</param>
/// <param name="Added">How many leaves there are more than before; negative if fewer.</param>
/// <param name="Changed">New bytes of each page that is new or other than before.</param>
/// <param name="Removed">Pages that are no more.</param>
public sealed record TreeUpdate(Hash256 Root, int Added, IReadOnlyDictionary<string, byte[]> Changed, IReadOnlyList<string> Removed);
