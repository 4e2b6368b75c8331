using Keyladder.Cryptography;
using Keyladder.Cryptography.Heads;
using Keyladder.Protocol.Keystore;

namespace Keyladder.Client;

/// <summary>
/// What changed between two heads, shown complete by one proof: with the old leaves it gives the old root, with the new ones the new root.
/// </summary>
internal sealed class Delta
{
    private Delta(Dictionary<KeyId, Hash256?> leaves) => Leaves = leaves;

    /// <summary>The new leaf of each changed id; null where it has gone.</summary>
    public IReadOnlyDictionary<KeyId, Hash256?> Leaves { get; }

    /// <param name="from">The head that the copy stands at, or none: then everything is a change.</param>
    /// <param name="to">The head it leads to, accepted.</param>
    /// <param name="changes">As the service shows them.</param>
    /// <param name="proof">As the service shows it.</param>
    /// <exception cref="IntegrityException">It does not lead from the one to the other.</exception>
    public static Delta Verify(HeadPin from, SignedHead<KeystoreHead> to, ChangeMessage[] changes, byte[] proof)
    {
        var leaves = new Dictionary<KeyId, Hash256?>();
        var before = new Dictionary<Hash256, Hash256?>();
        var after = new Dictionary<Hash256, Hash256?>();
        var count = from.Count;
        foreach (var change in changes)
        {
            var id = new KeyId(change.Id);
            if (!leaves.TryAdd(id, Leaf(id, change.New)))
                throw Alarms.ObjectInvalid(id, "changed twice at once");
            var path = KeyLeaf.Path(id);
            (before[path], after[path]) = (Leaf(id, change.Old), leaves[id]);
            count += (after[path] is null ? 0 : 1) - (before[path] is null ? 0 : 1);
        }

        try
        {
            var parsed = TreeProof.Parse(proof);
            if (parsed.ComputeRoot(before) != from.Root || parsed.ComputeRoot(after) != to.Head.Root || count != to.Head.Count)
                throw Alarms.ProofInvalid(to.Head.Number);
            return new Delta(leaves);
        }
        catch (ProofException e)
        {
            throw Alarms.ProofInvalid(to.Head.Number, e);
        }
    }

    private static Hash256? Leaf(KeyId id, byte[]? bytes) =>
        bytes is null ? null
        : bytes.Length == Hash256.Size ? new Hash256(bytes)
        : throw Alarms.ObjectInvalid(id, "with a leaf that is no hash");
}
