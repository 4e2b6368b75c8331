using Keyladder.Cryptography.Heads;

namespace Keyladder.Client;

/// <summary>
/// What an account holds under some names at one head, present or absent, shown by one proof (docs/spec/heads.md sections 2 and 5). The same
/// proof gives the root after a change of these names, so that a write needs nothing else of the tree.
/// </summary>
internal sealed record ProvenObjects<THead, TObject>
    where THead : Head
    where TObject : class, IStoredObject
{
    private readonly TreeProof _proof;
    private readonly Dictionary<Hash256, Hash256?> _leaves;

    private ProvenObjects(
        SignedHead<THead> head,
        HeadPin pin,
        Dictionary<ObjectName, TObject> objects,
        TreeProof proof,
        Dictionary<Hash256, Hash256?> leaves) =>
        (Head, Pin, Objects, _proof, _leaves) = (head, pin, objects, proof, leaves);

    public SignedHead<THead> Head { get; }

    /// <summary>Of <see cref="Head"/>.</summary>
    public HeadPin Pin { get; }

    /// <summary>What the next head signs for (docs/spec/audit.md section 4).</summary>
    public Hash256 Audit { get; init; }

    /// <summary>Those that are there; the other names of the set are proven absent.</summary>
    public IReadOnlyDictionary<ObjectName, TObject> Objects { get; }

    /// <param name="names">The set that was asked for.</param>
    /// <param name="shown">What the service shows under these names.</param>
    /// <param name="proof">Its proof.</param>
    /// <param name="head">The head that it shows with them, verified.</param>
    /// <param name="pin">Of that head.</param>
    /// <exception cref="IntegrityException">One is not the one that the account signed for, is withheld or invented.</exception>
    public static ProvenObjects<THead, TObject> Verify(
        IEnumerable<ObjectName> names, IEnumerable<TObject> shown, byte[] proof, SignedHead<THead> head, HeadPin pin)
    {
        var leaves = names.ToDictionary(name => name.Path, _ => (Hash256?)null);
        var objects = new Dictionary<ObjectName, TObject>();
        foreach (var next in shown)
        {
            var path = next.Name.Path;
            if (!leaves.ContainsKey(path))
                throw Alarms.ObjectInvalid(next.Name, "which was not asked for");
            if (!objects.TryAdd(next.Name, next))
                throw Alarms.ObjectInvalid(next.Name, "twice");
            leaves[path] = next.Leaf;
        }

        try
        {
            var parsed = TreeProof.Parse(proof);
            if (parsed.ComputeRoot(leaves) != head.Head.Root)
                throw Alarms.ProofInvalid(head.Head.Number);
            return new ProvenObjects<THead, TObject>(head, pin, objects, parsed, leaves);
        }
        catch (ProofException e)
        {
            throw Alarms.ProofInvalid(head.Head.Number, e);
        }
    }

    /// <summary>Root and number of leaves after a change of names of this set.</summary>
    public (Hash256 Root, long Count) After(IEnumerable<ObjectChange<TObject>> changes)
    {
        var leaves = new Dictionary<Hash256, Hash256?>(_leaves);
        foreach (var change in changes)
            leaves[change.Name.Path] = change.Next?.Leaf;
        var added = leaves.Values.Count(leaf => leaf is not null) - _leaves.Values.Count(leaf => leaf is not null);
        return (_proof.ComputeRoot(leaves), Head.Head.Count + added);
    }
}
