using System.Security.Cryptography;
using CsCheck;
using Keyladder.Cryptography.Heads;

namespace Keyladder.Cryptography.Tests.Heads;

/// <summary>The tree of docs/spec/heads.md section 1 as its three lines say it, without pages, sharing or proofs; and what to try it with.</summary>
internal static class TreeModel
{
    /// <summary>Root by the definition alone: every node from all of its leaves.</summary>
    public static Hash256 Root(IEnumerable<KeyValuePair<Hash256, Hash256>> leaves) =>
        new(Subtree([.. leaves.Select(leaf => (leaf.Key.ToArray(), leaf.Value.ToArray()))], depth: 0));

    private static byte[] Subtree(List<(byte[] Path, byte[] Value)> leaves, int depth) => leaves.Count switch
    {
        0 => new byte[32],
        1 => SHA256.HashData([0x00, .. leaves[0].Path, .. leaves[0].Value]),
        _ => SHA256.HashData([
            0x01,
            .. Subtree(leaves.FindAll(leaf => !Bit(leaf.Path, depth)), depth + 1),
            .. Subtree(leaves.FindAll(leaf => Bit(leaf.Path, depth)), depth + 1)]),
    };

    public static bool Bit(byte[] path, int depth) => (path[depth / 8] & (0x80 >> (depth % 8))) != 0;

    public static readonly Gen<Hash256> Value = Gen.Byte.Array[32].Select(bytes => new Hash256(bytes));

    /// <summary>Few paths, many of them close together: neighbours down to the last bit, on both sides of every page's edge.</summary>
    public static readonly Gen<Hash256> Path = Gen.Select(Gen.Int[0, 3], Gen.Int[0, 255], Gen.Int[0, 12]).Select((start, bit, spread) =>
    {
        var path = new byte[32];
        path.AsSpan().Fill((byte)(start * 0x55));
        path[bit / 8] ^= (byte)(0x80 >> (bit % 8));
        path[spread] ^= (byte)(spread * 0x1B);
        return new Hash256(path);
    });

    public static readonly Gen<Dictionary<Hash256, Hash256?>> Changes =
        Gen.Select(Path, Value, Gen.Bool).Select((path, value, put) => (path, put ? value : (Hash256?)null)).Array[0, 40]
            .Select(changes => changes.GroupBy(change => change.path).ToDictionary(group => group.Key, group => group.Last().Item2));

    public static readonly Gen<Dictionary<Hash256, Hash256>> Leaves = Changes.Select(Present);

    public static Dictionary<Hash256, Hash256> Present(Dictionary<Hash256, Hash256?> values) =>
        values.Where(entry => entry.Value is not null).ToDictionary(entry => entry.Key, entry => entry.Value!.Value);

    public static Dictionary<Hash256, Hash256> Apply(Dictionary<Hash256, Hash256> leaves, Dictionary<Hash256, Hash256?> changes)
    {
        var after = new Dictionary<Hash256, Hash256>(leaves);
        foreach (var (path, value) in changes)
        {
            if (value is { } put)
                after[path] = put;
            else
                after.Remove(path);
        }

        return after;
    }

    /// <summary>What the leaves have at these paths.</summary>
    public static Dictionary<Hash256, Hash256?> At(this Dictionary<Hash256, Hash256> leaves, IEnumerable<Hash256> paths) =>
        paths.ToDictionary(path => path, path => leaves.TryGetValue(path, out var value) ? value : (Hash256?)null);

    /// <summary>The pages of a tree with these leaves.</summary>
    public static Dictionary<string, byte[]> Pages(Dictionary<Hash256, Hash256> leaves) =>
        new(new PagedTree(new Dictionary<string, byte[]>()).Apply(leaves.ToDictionary(leaf => leaf.Key, leaf => (Hash256?)leaf.Value)).Changed);

    public static void Store(this Dictionary<string, byte[]> pages, TreeUpdate update)
    {
        foreach (var (name, bytes) in update.Changed)
            pages[name] = bytes;
        foreach (var name in update.Removed)
            Assert.True(pages.Remove(name), $"page '{name}' was not there");
    }
}
