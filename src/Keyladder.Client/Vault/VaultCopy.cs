using System.Collections.Concurrent;
using Keyladder.Cryptography;
using Keyladder.Cryptography.Heads;
using Keyladder.Protocol.Keystore;
using Keyladder.Protocol.Vault;

namespace Keyladder.Client;

/// <summary>
/// Everything that the account holds at the Vault, at one head: the leaf of every object, in a tree of its own, and the ciphertext of those
/// that were fetched. It follows the service by what changed since, and believes a change only where its own tree, changed alike, has the root
/// that the account signed: it needs no proof for that.
/// </summary>
/// <param name="trust">Whose signature counts.</param>
/// <param name="calls">Ask the Vault.</param>
/// <param name="watch">Says which head counts.</param>
/// <param name="sealing">Opens items, to name what a false list leaves out.</param>
/// <param name="file">Where it is kept on this device; null where it is not.</param>
/// <param name="isWhole">Whether it has every attribute, and not only those that were asked for.</param>
internal sealed class VaultCopy(VaultTrust trust, VaultCalls calls, VaultWatch watch, ItemSealing sealing, StoreFile? file, bool isWhole)
{
    private const int Tries = 8;
    private const int ObjectsInRecord = 1_000;
    private const int ManyChanges = 4_096;

    private readonly ConcurrentDictionary<ObjectName, Hash256> _leaves = new();
    private readonly ConcurrentDictionary<ObjectName, StoredObject> _objects = new();
    private readonly Dictionary<ObjectName, Hash256> _gone = [];

    /// <summary>The head that the copy stands at; null before the first sync.</summary>
    public SignedHead<VaultHead>? Head { get; private set; }

    public HeadPin At { get; private set; } = HeadPin.None;

    public SparseMerkleTree Tree { get; private set; } = SparseMerkleTree.Empty;

    /// <summary>What the next head signs for (docs/spec/audit.md section 4).</summary>
    public Hash256 Audit { get; private set; }

    /// <summary>The items, as they are stored.</summary>
    public IEnumerable<StoredObject> Items => _objects.Values.Where(stored => stored.Name.Kind == ObjectKind.Item);

    /// <summary>The objects that there are, and their leaves.</summary>
    public IReadOnlyDictionary<ObjectName, Hash256> Leaves => _leaves;

    /// <summary>The object as the account signed for it; null where it is not there, or was not fetched.</summary>
    public StoredObject? Find(ObjectName name) => _objects.GetValueOrDefault(name);

    /// <summary>Brings the copy to the newest head. One at a time: the caller sees to that.</summary>
    /// <returns>The names of what is other than before.</returns>
    public async Task<IReadOnlyCollection<ObjectName>> SyncAsync(CancellationToken cancellationToken)
    {
        for (var tries = 0; tries < Tries; tries++)
        {
            var pin = await watch.GetPinAsync(cancellationToken).ConfigureAwait(false);
            var answer = await calls.GetChangesAsync(At.Number, attributes: isWhole, cancellationToken).ConfigureAwait(false);
            var (head, to) = watch.VerifyDescent(At, answer.Head, answer.Chain);
            if (!await watch.IsNewestAsync(pin, At, to, cancellationToken).ConfigureAwait(false))
                continue;
            trust.RequireOwnSlot(head.Head);
            var changes = ReadChanges(answer.Changes);
            var tree = Tree.With(Paths(changes));
            if (tree.Root != head.Head.Root || tree.Count != head.Head.Count)
                throw await NameLieAsync(head, to, changes, answer.Objects, cancellationToken).ConfigureAwait(false);
            var objects = ReadObjects(answer.Objects, changes);
            if (!await TryFetchMissingAsync(changes, objects, head, cancellationToken).ConfigureAwait(false))
                continue;
            var audit = AuditTail.Continue(trust.Account, head.Head, answer.Events);
            // The copy may be older than the number that another process was shown at its sign-in.
            to = to with { Restored = pin.Restored };
            if (pin.Hash == At.Hash && !await watch.MoveAsync(pin, to, cancellationToken).ConfigureAwait(false))
                continue;

            NoteGone(changes);
            Apply(head, to, tree, audit, changes, objects);
            return [.. changes.Keys];
        }

        throw Failures.Conflict();
    }

    /// <summary>Begins with what this device has kept. Whether that is the newest, the next sync tells.</summary>
    /// <exception cref="IntegrityException">The account did not sign it.</exception>
    /// <exception cref="ArgumentException">It does not fit together.</exception>
    public void Load(LoadedStore loaded)
    {
        if (loaded.Head is not { } kept)
            return;
        var (head, at) = (trust.Read(kept.Head), kept.Pin.ToPin());
        var tree = SparseMerkleTree.Empty.With(loaded.Leaves.ToDictionary(leaf => leaf.Key.Path, leaf => (Hash256?)leaf.Value));
        if (at.Hash != head.Hash || at.Number != head.Head.Number || tree.Root != head.Head.Root || tree.Count != head.Head.Count)
            throw new ArgumentException("These are not the leaves that the account signed.", nameof(loaded));
        foreach (var (name, leaf) in loaded.Leaves)
        {
            _leaves[name] = leaf;
            if (loaded.Objects.TryGetValue(name, out var stored) && stored.Leaf == leaf)
                _objects[name] = stored;
        }

        (Head, At, Tree, Audit) = (head, at, tree, new Hash256(kept.Audit));
    }

    /// <summary>All of it, for when the file is written anew.</summary>
    public IEnumerable<StoreRecord> Snapshot() => Head is null ? [] : ToRecords([.. _leaves.Select(leaf => KeyValuePair.Create(leaf.Key, (Hash256?)leaf.Value))], _objects.Values);

    /// <summary>Follows an own write that has landed.</summary>
    public void Follow(SignedHead<VaultHead> head, HeadPin to, SparseMerkleTree tree, IReadOnlyCollection<SealedChange> changes, AuditEventMessage[] events)
    {
        var audit = AuditTail.Continue(trust.Account, head.Head, events);
        var leaves = changes.ToDictionary(change => change.Name, change => change.Next?.Leaf);
        NoteGone(leaves);
        Apply(head, to, tree, audit, leaves, changes.Select(change => change.Next).OfType<StoredObject>().ToDictionary(stored => stored.Name));
    }

    /// <summary>Holds from here on what another copy holds, whatever history led here: that one was brought to the head that counts.</summary>
    /// <returns>The names of what is other than before.</returns>
    public IReadOnlyCollection<ObjectName> Adopt(VaultCopy other)
    {
        var changes = other._leaves.Where(leaf => !_leaves.TryGetValue(leaf.Key, out var own) || own != leaf.Value).ToDictionary(leaf => leaf.Key, leaf => (Hash256?)leaf.Value);
        foreach (var name in _leaves.Keys.Where(name => !other._leaves.ContainsKey(name)))
            changes.Add(name, null);
        _gone.Clear(); // seen in a history that was given up
        Apply(other.Head!, other.At, other.Tree, other.Audit, changes, other._objects.Where(stored => changes.ContainsKey(stored.Key)).ToDictionary());
        return changes.Keys;
    }

    /// <summary>What the copy holds, without a look at the service.</summary>
    public HeldObjects<VaultHead, StoredObject> Held => new(
        At,
        Head,
        _objects.Where(stored => _leaves.TryGetValue(stored.Key, out var leaf) && leaf == stored.Value.Leaf).ToDictionary(),
        new Dictionary<ObjectName, Hash256>(_gone),
        new HashSet<Hash256>([At.Hash, .. At.Ancestors, .. At.Followed]));

    /// <summary>Fetches those of the objects that are there and whose ciphertext is not here yet, a thousand at a time.</summary>
    /// <returns>False if the account has moved on, so that the copy is to be brought up first.</returns>
    /// <exception cref="IntegrityException">One is withheld, or is not the one that the account signed for.</exception>
    public async Task<bool> TryFetchAsync(IReadOnlyCollection<ObjectName> names, CancellationToken cancellationToken)
    {
        foreach (var page in names.Where(name => _leaves.ContainsKey(name) && !_objects.ContainsKey(name)).Chunk(VaultRoutes.MaxObjects))
        {
            if (await TryFetchAsync(page, page.ToDictionary(name => name, name => (Hash256?)_leaves[name]), Head!, cancellationToken).ConfigureAwait(false) is not { } objects)
                return false;
            foreach (var (name, stored) in objects)
                _objects[name] = stored;
            file?.AppendProven(new StoreRecord(Objects: [.. objects.Values.Select(stored => stored.ToMessage())]));
        }

        return true;
    }

    private static Dictionary<ObjectName, Hash256?> ReadChanges(ObjectChangeMessage[] shown)
    {
        var changes = new Dictionary<ObjectName, Hash256?>(shown.Length);
        foreach (var change in shown)
        {
            var name = ObjectName.Read(change.Kind, change.Id);
            if (change.New is { Length: not Hash256.Size })
                throw Alarms.ObjectInvalid(name, "with a leaf that is no hash");
            if (!changes.TryAdd(name, change.New is null ? null : new Hash256(change.New)))
                throw Alarms.ObjectInvalid(name, "changed twice at once");
        }

        return changes;
    }

    private static Dictionary<Hash256, Hash256?> Paths(Dictionary<ObjectName, Hash256?> changes)
    {
        // A path is a hash: of all objects at once it is worth every core.
        return changes.Count < ManyChanges
            ? changes.ToDictionary(change => change.Key.Path, change => change.Value)
            : changes.AsParallel().Select(change => KeyValuePair.Create(change.Key.Path, change.Value)).ToArray().ToDictionary();
    }

    /// <summary>What is suspected: what the list names, what its items list, and what this device holds and the list is silent about.</summary>
    private Task<IntegrityException> NameLieAsync(
        SignedHead<VaultHead> head, HeadPin to, Dictionary<ObjectName, Hash256?> changes, ObjectMessage[] objects, CancellationToken cancellationToken)
    {
        var shown = _leaves.ToDictionary(leaf => leaf.Key, leaf => (Hash256?)leaf.Value);
        foreach (var (name, leaf) in changes)
            shown[name] = leaf;
        return new FalseList(calls, head, to).NameAsync(shown, [changes.Keys, objects.SelectMany(Listed), _leaves.Keys], cancellationToken);

        IEnumerable<ObjectName> Listed(ObjectMessage message)
        {
            try
            {
                return message.Kind == ObjectKind.Item ? sealing.Open(StoredObject.Read(message)).Overview.Attributes.Select(entry => (ObjectName)entry.Id) : [];
            }
            catch (IntegrityException)
            {
                return [];
            }
        }
    }

    /// <param name="shown">As the service shows them.</param>
    /// <param name="wanted">The leaf of each object that may be among them; null for one that is not there.</param>
    private static Dictionary<ObjectName, StoredObject> ReadObjects(ObjectMessage[] shown, Dictionary<ObjectName, Hash256?> wanted)
    {
        var objects = new Dictionary<ObjectName, StoredObject>(shown.Length);
        var read = new StoredObject[shown.Length];
        AllCores.ForEach(Enumerable.Range(0, shown.Length), index => read[index] = StoredObject.Read(shown[index]));
        foreach (var stored in read)
        {
            if (!wanted.TryGetValue(stored.Name, out var leaf))
                throw Alarms.ObjectInvalid(stored.Name, "which was not asked for");
            if (leaf != stored.Leaf)
                throw Alarms.ObjectInvalid(stored.Name, "which is not what the account signed");
            if (!objects.TryAdd(stored.Name, stored))
                throw Alarms.ObjectInvalid(stored.Name, "twice");
        }

        return objects;
    }

    /// <summary>A list of items is whole or it is none: those that the answer had no room for are fetched; of a whole copy, attributes too.</summary>
    /// <returns>False if the account has moved on meanwhile.</returns>
    private async Task<bool> TryFetchMissingAsync(
        Dictionary<ObjectName, Hash256?> changes, Dictionary<ObjectName, StoredObject> objects, SignedHead<VaultHead> head, CancellationToken cancellationToken)
    {
        var missing = changes.Where(change => (isWhole || change.Key.Kind == ObjectKind.Item) && change.Value is not null && !objects.ContainsKey(change.Key)).Select(change => change.Key);
        foreach (var page in missing.ToList().Chunk(VaultRoutes.MaxObjects))
        {
            if (await TryFetchAsync(page, changes, head, cancellationToken).ConfigureAwait(false) is not { } fetched)
                return false;
            foreach (var (name, stored) in fetched)
                objects[name] = stored;
        }

        return true;
    }

    /// <param name="page">What to fetch; all of it is there.</param>
    /// <param name="wanted">The leaf of each.</param>
    /// <param name="head">Where it is there.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>Null where the service is at a later head; that one counts from here on, so that it cannot go back on it.</returns>
    private async Task<Dictionary<ObjectName, StoredObject>?> TryFetchAsync(
        ObjectName[] page, Dictionary<ObjectName, Hash256?> wanted, SignedHead<VaultHead> head, CancellationToken cancellationToken)
    {
        var answer = await calls.FetchAsync(page, At.Number, cancellationToken).ConfigureAwait(false);
        if (answer.Head != head.Jws)
        {
            var (_, later) = watch.VerifyDescent(At, answer.Head, answer.Chain);
            await watch.MoveAsync(At, later, cancellationToken).ConfigureAwait(false);
            return null;
        }

        var objects = ReadObjects(answer.Objects, wanted);
        foreach (var name in page)
        {
            if (!objects.ContainsKey(name))
                throw Alarms.Withheld(name);
        }

        return objects;
    }

    private void NoteGone(Dictionary<ObjectName, Hash256?> changes)
    {
        foreach (var (name, leaf) in changes)
        {
            if (leaf is null && _leaves.TryGetValue(name, out var last))
                _gone[name] = last;
        }
    }

    private void Apply(
        SignedHead<VaultHead> head, HeadPin to, SparseMerkleTree tree, Hash256 audit, Dictionary<ObjectName, Hash256?> changes, Dictionary<ObjectName, StoredObject> objects)
    {
        foreach (var (name, leaf) in changes)
        {
            if (leaf is { } value)
                _leaves[name] = value;
            else
                _leaves.TryRemove(name, out _);
            if (objects.TryGetValue(name, out var stored))
                _objects[name] = stored;
            else
                _objects.TryRemove(name, out _);
        }

        (Head, At, Tree, Audit) = (head, to, tree, audit);
        file?.AppendProven(ToRecords(changes, objects.Values));
    }

    /// <summary>Objects first, the head last: only with it do the others count.</summary>
    private StoreRecord[] ToRecords(IReadOnlyCollection<KeyValuePair<ObjectName, Hash256?>> changes, IEnumerable<StoredObject> objects) =>
    [
        .. objects.Chunk(ObjectsInRecord).Select(page => new StoreRecord(Objects: [.. page.Select(stored => stored.ToMessage())])),
        new StoreRecord(
            Changes: [.. changes.Select(change => new StoredLeaf(change.Key.Kind, change.Key.Id, change.Value?.ToArray()))],
            Head: new StoredHead(Head!.Jws, PinFile.Of(trust.Account, At), Audit.ToArray())),
    ];
}
