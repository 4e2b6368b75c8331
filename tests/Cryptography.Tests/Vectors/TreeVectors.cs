using System.Text.Json;
using Keyladder.Cryptography.Heads;
using Keyladder.Cryptography.Tests.Heads;
using Keyladder.Vectors;

namespace Keyladder.Cryptography.Tests.Vectors;

internal static class TreeVectors
{
    public static bool Leaves(VectorCase vector)
    {
        var key = vector.Json("key");
        Assert.True(KeyId.TryParse(key.GetProperty("id").GetString(), out var id));
        Assert.True(KeyEncryptionKeyId.TryParse(key.GetProperty("kek").GetString(), out var kek));
        vector.Gives("path", KeyLeaf.Path(id).ToString());
        vector.Gives("value", KeyLeaf.Value(id, kek, key.GetProperty("revision").GetInt64(), Bytes("overview"), Bytes("wrapped")).ToString());
        return true;

        byte[] Bytes(string member) => VectorCase.ReadBytes(key.GetProperty(member));
    }

    public static bool VaultLeaves(VectorCase vector)
    {
        var shown = vector.Json("object");
        var kind = shown.GetProperty("kind").GetString()!;
        Assert.True(ObjectKind.IsKnown(kind));
        var id = shown.GetProperty("id").GetGuid();
        Guid? attachment = shown.GetProperty("attachment") is { ValueKind: JsonValueKind.String } named ? named.GetGuid() : null;
        var (dek, envelope) = (Hash(shown.GetProperty("dek")), VectorCase.ReadBytes(shown.GetProperty("sealed")));
        vector.Gives("path", ObjectLeaf.Path(kind, id).ToString());
        vector.Gives("value", ObjectLeaf.Value(kind, id, dek, shown.GetProperty("revision").GetInt64(), attachment, envelope).ToString());
        return true;
    }

    /// <summary>The service's way, page by page, and the definition's, from all leaves at once.</summary>
    public static bool Trees(VectorCase vector)
    {
        var pages = new Dictionary<string, byte[]>();
        var leaves = new Dictionary<Hash256, Hash256>();
        var (steps, roots) = (vector.Json("steps").EnumerateArray().ToList(), vector.Json("roots").EnumerateArray().ToList());
        Assert.Equal(steps.Count, roots.Count);
        foreach (var (step, expected) in steps.Zip(roots))
        {
            var changes = ReadLeaves(step);
            var update = new PagedTree(pages).Apply(changes);
            pages.Store(update);
            leaves = TreeModel.Apply(leaves, changes);
            Assert.Equal(Hash(expected.GetProperty("root")), update.Root);
            Assert.Equal(update.Root, SparseMerkleTree.ComputeRoot(leaves));
            Assert.Equal(expected.GetProperty("count").GetInt32(), leaves.Count);
        }

        return true;
    }

    public static bool Proofs(VectorCase vector)
    {
        var set = vector.Json("set").EnumerateArray().ToList();
        var old = set.ToDictionary(entry => Hash(entry.GetProperty("path")), entry => Value(entry.GetProperty("old")));
        var next = set.ToDictionary(entry => Hash(entry.GetProperty("path")), entry => Value(entry.GetProperty("new")));
        var (oldRoot, newRoot) = (Hash(vector.Json("oldRoot")), Hash(vector.Json("newRoot")));
        try
        {
            var proof = TreeProof.Parse(vector.Bytes("proof"));
            vector.Gives("proof", proof.Encode());
            if (proof.ComputeRoot(old) != oldRoot || proof.ComputeRoot(next) != newRoot)
                return vector.RefusedFor("root");
        }
        catch (ProofException)
        {
            return false;
        }

        if (vector.Has("tree"))
        {
            var pages = TreeModel.Pages(TreeModel.Present(ReadLeaves(vector.Json("tree"))));
            vector.Gives("proof", new PagedTree(pages).Prove(old.Keys).Encode());
        }

        return true;
    }

    private static Dictionary<Hash256, Hash256?> ReadLeaves(JsonElement leaves) =>
        leaves.EnumerateArray().ToDictionary(leaf => Hash(leaf.GetProperty("path")), leaf => Value(leaf.GetProperty("value")));

    private static Hash256 Hash(JsonElement hex) => new(Convert.FromHexString(hex.GetString()!));

    private static Hash256? Value(JsonElement hex) => hex.ValueKind == JsonValueKind.Null ? null : Hash(hex);
}
