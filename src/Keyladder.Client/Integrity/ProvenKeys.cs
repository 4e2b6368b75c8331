using Keyladder.Cryptography;
using Keyladder.Cryptography.Heads;
using Keyladder.Protocol.Keystore;

namespace Keyladder.Client;

/// <summary>
/// What an account holds under some ids at one head, present or absent, shown by one proof (docs/spec/heads.md sections 2 and 5). The same
/// proof gives the root after a change of these ids, so that a write needs nothing else of the tree.
/// </summary>
internal sealed record ProvenKeys
{
    private readonly TreeProof _proof;
    private readonly Dictionary<Hash256, Hash256?> _leaves;

    private ProvenKeys(
        SignedHead<KeystoreHead> head,
        HeadPin pin,
        Dictionary<KeyId, StoredKey> keys,
        TreeProof proof,
        Dictionary<Hash256, Hash256?> leaves) =>
        (Head, Pin, Keys, _proof, _leaves) = (head, pin, keys, proof, leaves);

    public SignedHead<KeystoreHead> Head { get; }

    /// <summary>Of <see cref="Head"/>.</summary>
    public HeadPin Pin { get; }

    /// <summary>What the next head signs for (docs/spec/audit.md section 4).</summary>
    public Hash256 Audit { get; init; }

    /// <summary>Those that are there; the other ids of the set are proven absent.</summary>
    public IReadOnlyDictionary<KeyId, StoredKey> Keys { get; }

    /// <param name="ids">The set that was asked for.</param>
    /// <param name="shown">What the service shows under these ids.</param>
    /// <param name="proof">Its proof.</param>
    /// <param name="head">The head that it shows with them, verified.</param>
    /// <param name="pin">Of that head.</param>
    /// <exception cref="IntegrityException">One is not the one that the account signed for, is withheld or invented.</exception>
    public static ProvenKeys Verify(
        IReadOnlyCollection<KeyId> ids, IEnumerable<KeyMessage> shown, byte[] proof, SignedHead<KeystoreHead> head, HeadPin pin)
    {
        var leaves = ids.ToDictionary(KeyLeaf.Path, _ => (Hash256?)null);
        var keys = new Dictionary<KeyId, StoredKey>();
        foreach (var message in shown)
        {
            var key = StoredKey.Read(message);
            var path = KeyLeaf.Path(key.Id);
            if (!leaves.ContainsKey(path))
                throw Alarms.ObjectInvalid(key.Id, "which was not asked for");
            if (!keys.TryAdd(key.Id, key))
                throw Alarms.ObjectInvalid(key.Id, "twice");
            if (key.Kek != head.Head.KeyEncryptionKey)
                throw Alarms.ObjectInvalid(key.Id, "wrapped by another KEK than the account's");
            leaves[path] = key.Leaf;
        }

        try
        {
            var parsed = TreeProof.Parse(proof);
            if (parsed.ComputeRoot(leaves) != head.Head.Root)
                throw Alarms.ProofInvalid(head.Head.Number);
            return new ProvenKeys(head, pin, keys, parsed, leaves);
        }
        catch (ProofException e)
        {
            throw Alarms.ProofInvalid(head.Head.Number, e);
        }
    }

    /// <summary>Root and number of leaves after a change of ids of this set.</summary>
    public (Hash256 Root, long Count) After(IEnumerable<KeyChange> changes)
    {
        var leaves = new Dictionary<Hash256, Hash256?>(_leaves);
        foreach (var change in changes)
            leaves[KeyLeaf.Path(change.Id)] = change.Next?.Leaf;
        var added = leaves.Values.Count(leaf => leaf is not null) - _leaves.Values.Count(leaf => leaf is not null);
        return (_proof.ComputeRoot(leaves), Head.Head.Count + added);
    }
}
