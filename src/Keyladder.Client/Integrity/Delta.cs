using Keyladder.Cryptography.Heads;

namespace Keyladder.Client;

/// <summary>
/// What changed between two heads, shown complete by one proof: with the old leaves it gives the old root, with the new ones the new root.
/// </summary>
internal sealed class Delta
{
    private Delta(Dictionary<ObjectName, Hash256?> leaves) => Leaves = leaves;

    /// <summary>The new leaf of each changed name; null where it has gone.</summary>
    public IReadOnlyDictionary<ObjectName, Hash256?> Leaves { get; }

    /// <param name="from">The head that the copy stands at, or none: then everything is a change.</param>
    /// <param name="to">The head it leads to, accepted.</param>
    /// <param name="changes">As the service shows them.</param>
    /// <param name="proof">As the service shows it.</param>
    /// <exception cref="IntegrityException">It does not lead from the one to the other.</exception>
    public static Delta Verify(HeadPin from, Head to, IEnumerable<(ObjectName Name, byte[]? Old, byte[]? New)> changes, byte[] proof)
    {
        var leaves = new Dictionary<ObjectName, Hash256?>();
        var before = new Dictionary<Hash256, Hash256?>();
        var after = new Dictionary<Hash256, Hash256?>();
        var count = from.Count;
        foreach (var (name, last, next) in changes)
        {
            if (!leaves.TryAdd(name, Leaf(name, next)))
                throw Alarms.ObjectInvalid(name, "changed twice at once");
            var path = name.Path;
            (before[path], after[path]) = (Leaf(name, last), leaves[name]);
            count += (after[path] is null ? 0 : 1) - (before[path] is null ? 0 : 1);
        }

        try
        {
            var parsed = TreeProof.Parse(proof);
            if (parsed.ComputeRoot(before) != from.Root || parsed.ComputeRoot(after) != to.Root || count != to.Count)
                throw Alarms.ProofInvalid(to.Number);
            return new Delta(leaves);
        }
        catch (ProofException e)
        {
            throw Alarms.ProofInvalid(to.Number, e);
        }
    }

    private static Hash256? Leaf(ObjectName name, byte[]? bytes) =>
        bytes is null ? null
        : bytes.Length == Hash256.Size ? new Hash256(bytes)
        : throw Alarms.ObjectInvalid(name, "with a leaf that is no hash");
}
