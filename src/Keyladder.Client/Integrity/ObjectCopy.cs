using Keyladder.Cryptography.Heads;

namespace Keyladder.Client;

/// <summary>
/// All objects of the account at one head, complete (docs/spec/heads.md section 5, "A delta"): ciphertext, in memory only. It follows the
/// service by what changed since.
/// </summary>
internal abstract class ObjectCopy<THead, TObject>(RootOfTrust<THead> trust, HeadWatch<THead> watch, Ledger<THead, TObject> ledger)
    where THead : Head, IHead<THead>
    where TObject : class, IStoredObject
{
    private const int Tries = 8;

    // Both services take and give as many.
    private const int PageSize = 1_000;

    private readonly Lock _lock = new();
    private readonly Dictionary<ObjectName, TObject> _objects = [];
    private readonly Dictionary<ObjectName, Hash256> _gone = [];
    private readonly HashSet<Hash256> _heads = [];
    private HeadPin _at = HeadPin.None;
    private SignedHead<THead>? _head;

    /// <summary>Brings the copy to the newest head.</summary>
    /// <returns>Every object.</returns>
    public async Task<IReadOnlyList<TObject>> SyncAsync(CancellationToken cancellationToken)
    {
        var fetched = new Dictionary<Hash256, TObject>();
        for (var tries = 0; tries < Tries; tries++)
        {
            var from = At();
            var pin = await watch.GetPinAsync(cancellationToken).ConfigureAwait(false);
            var answer = await ShowAsync(from.Number, cancellationToken).ConfigureAwait(false);
            var (head, to) = watch.VerifyDescent(from, answer.Head, answer.Chain);
            if (!await watch.IsNewestAsync(pin, from, to, cancellationToken).ConfigureAwait(false))
                continue;
            trust.RequireOwnSlot(head.Head);

            var delta = Delta.Verify(from, head.Head, answer.Changes, answer.Proof);
            if (!await TryCollectAsync(delta, answer.Objects, fetched, cancellationToken).ConfigureAwait(false))
                continue;
            // The copy may be older than the number that another process was shown at its sign-in.
            to = to with { Restored = pin.Restored };
            if (pin.Hash == from.Hash && !await watch.MoveAsync(pin, to, cancellationToken).ConfigureAwait(false))
                continue;
            if (TryApply(from, to, [head, .. answer.Chain.Select(HeadWatch<THead>.ReadLink)], pin, delta, fetched) is { } objects)
                return objects;
        }

        throw Failures.Conflict();
    }

    /// <summary>Follows an own write, if it was made at the head of the copy; otherwise the next sync brings it.</summary>
    public void Follow(Written<THead, TObject> written)
    {
        lock (_lock)
        {
            if (_at.Hash != written.From.Hash)
                return;
            foreach (var change in written.Changes)
                Set(change.Name, change.Next);
            Move(written.To, [written.Head]);
        }
    }

    /// <summary>What the copy holds, without a look at the service.</summary>
    public HeldObjects<THead, TObject> Held
    {
        get
        {
            lock (_lock)
            {
                return new HeldObjects<THead, TObject>(
                    _at, _head, new Dictionary<ObjectName, TObject>(_objects), new Dictionary<ObjectName, Hash256>(_gone), new HashSet<Hash256>(_heads));
            }
        }
    }

    /// <summary>Asks for what has changed since a head, and for the way there.</summary>
    protected abstract Task<ShownChanges<TObject>> ShowAsync(long since, CancellationToken cancellationToken);

    /// <summary>Whether an answer may leave objects for the client to fetch.</summary>
    /// <param name="changed">How many names have changed.</param>
    /// <param name="shown">How many objects the answer holds.</param>
    protected abstract bool MayLeaveOut(int changed, int shown);

    private HeadPin At()
    {
        lock (_lock)
            return _at;
    }

    private List<TObject>? TryApply(
        HeadPin from, HeadPin to, IReadOnlyList<SignedHead<THead>> way, HeadPin pin, Delta delta, Dictionary<Hash256, TObject> fetched)
    {
        lock (_lock)
        {
            if (_at.Hash != from.Hash)
                return null;
            foreach (var (name, leaf) in delta.Leaves)
                Set(name, leaf is { } value ? fetched[value] : null);
            Move(to, way);
            if (pin.Number > 0)
                _heads.UnionWith([pin.Hash, .. pin.Ancestors, .. pin.Followed]); // the newest head follows what this device had seen
            return [.. _objects.Values];
        }
    }

    private void Set(ObjectName name, TObject? next)
    {
        if (next is not null)
            _objects[name] = next;
        else if (_objects.Remove(name, out var last))
            _gone[name] = last.Leaf;
    }

    /// <param name="to">Where the copy stands from here on.</param>
    /// <param name="way">The head there, first, and those on the way to it: what they link to comes before it too.</param>
    private void Move(HeadPin to, IReadOnlyList<SignedHead<THead>> way)
    {
        (_at, _head) = (to, way[0]);
        _heads.Add(to.Hash);
        _heads.UnionWith(to.Ancestors);
        foreach (var head in way)
            _heads.UnionWith(head.Head.Links);
    }

    /// <summary>Finds an object for every new leaf: in the answer, or, where there are too many for one, a thousand at a time.</summary>
    /// <returns>False if the account has moved on and the delta is no longer that to the newest head.</returns>
    private async Task<bool> TryCollectAsync(
        Delta delta, IEnumerable<TObject> shown, Dictionary<Hash256, TObject> collected, CancellationToken cancellationToken)
    {
        var names = new HashSet<ObjectName>();
        foreach (var next in shown)
        {
            if (!names.Add(next.Name))
                throw Alarms.ObjectInvalid(next.Name, "twice");
            if (!delta.Leaves.TryGetValue(next.Name, out var leaf) || leaf != next.Leaf)
                throw Alarms.ObjectInvalid(next.Name, "which is not what the account signed");
            collected[next.Leaf] = next;
        }

        List<ObjectName> missing =
            [.. from entry in delta.Leaves where entry.Value is { } leaf && !collected.ContainsKey(leaf) select entry.Key];
        if (missing.Count > 0 && !MayLeaveOut(delta.Leaves.Count, names.Count))
            throw Alarms.Withheld(missing[0]);
        foreach (var page in missing.Chunk(PageSize))
        {
            var there = await ledger.FetchAsync(page, cancellationToken).ConfigureAwait(false);
            foreach (var next in there.Objects.Values)
                collected[next.Leaf] = next;
            if (!page.All(name => there.Objects.TryGetValue(name, out var next) && delta.Leaves[name] == next.Leaf))
                return false;
        }

        return true;
    }
}
