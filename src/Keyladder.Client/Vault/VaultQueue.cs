using Keyladder.Cryptography;
using Keyladder.Cryptography.Heads;
using Keyladder.Keys.Vault;
using Keyladder.Protocol.Vault;

namespace Keyladder.Client;

/// <summary>
/// What was written on this device and is not known to be at the Vault: it is sent in the order in which it was written, and shown here as if
/// it were there (docs/spec/local-store.md section 3).
/// </summary>
internal sealed class VaultQueue
{
    private const int MostTried = 16;

    private readonly StoreFile _file;
    private readonly ItemSealing _sealing;
    private readonly VaultCopy _copy;
    private readonly TimeProvider _time;
    private readonly SortedDictionary<long, QueuedWrite> _writes;
    private readonly HashSet<long> _tried; // what an earlier run of the program has left may have been sent
    private readonly HashSet<long> _deleted = [];
    private Dictionary<ItemId, QueuedChange> _changes = [];
    private IReadOnlyList<(long Number, QueuedItem[] Items)> _displaced = [];
    private long _last;

    /// <exception cref="IntegrityException">What it held does not open.</exception>
    public VaultQueue(StoreFile file, ItemSealing sealing, VaultCopy copy, TimeProvider time)
    {
        (_file, _sealing, _copy, _time) = (file, sealing, copy, time);
        _writes = file.Loaded.Queue;
        _last = _writes.Keys.LastOrDefault();
        _tried = [.. _writes.Keys];
        Show();
    }

    /// <summary>The items that are other here than at the Vault.</summary>
    public IReadOnlyDictionary<ItemId, QueuedChange> Changes => _changes;

    /// <summary>The numbers of what waits, the oldest first.</summary>
    public IReadOnlyList<long> Writes => [.. _writes.Keys];

    public IReadOnlyList<QueuedChange> ChangesOf(long write) => [.. _changes.Values.Where(change => change.Write == write)];

    /// <summary>Notes that a write is about to be sent: from now on it may be at the Vault, whatever is heard of it.</summary>
    public void Try(long write) => _tried.Add(write);

    /// <summary>Whether a write may have been sent before.</summary>
    public bool IsTried(long write) => _tried.Contains(write);

    /// <summary>
    /// Notes that the Vault takes new items of a write no more, though they are not there: they were, and another device has deleted them. An id does
    /// not return, so they go under that of their other version.
    /// </summary>
    /// <returns>False where that cannot be, or was noted before.</returns>
    public bool GiveUpIds(long write) =>
        ChangesOf(write).Any(change => change is { Base: null, Next: not null } && _copy.Find(change.Id) is null) && _deleted.Add(write);

    /// <summary>Whether that was noted.</summary>
    public bool HasGivenUpIds(long write) => _deleted.Contains(write);

    /// <summary>Takes drafts, all of them or none; they are on this device's disk when it returns.</summary>
    /// <param name="drafts">Each with the item as it is shown here; null for none.</param>
    /// <returns>What became of each, and the number under which they wait; null where there is nothing to send.</returns>
    /// <exception cref="KeyladderException">A draft breaks a rule of the format, or the disk takes nothing.</exception>
    public (IReadOnlyList<WrittenItem> Results, long? Write) Add(IReadOnlyList<(ItemDraft Draft, OpenedItem? Shown)> drafts)
    {
        var (results, items) = (new List<WrittenItem>(), new List<QueuedItem>());
        foreach (var (draft, shown) in drafts)
        {
            var planned = PlannedItem.Of(draft, shown, ItemId.Generate());
            results.Add(planned.Result);
            if (planned.Draft is not { } next)
                continue;
            // What has not been sent yet goes with what comes on top of it: the Vault sees one change.
            var before = _changes.GetValueOrDefault(next.Id);
            var began = before is null ? planned.Present : before.Base;
            next = next with { ConflictOf = before?.Next?.Item.ConflictOf ?? next.ConflictOf };
            items.Add(new QueuedItem(
                next.Id.Value,
                ItemId.Generate().Value,
                before?.Waiting.Base ?? Objects(began),
                [.. from change in _sealing.Seal(next, began, Today()) select change.Next!.ToMessage()],
                TriedWith(before)));
        }

        return (results, Add(items));
    }

    /// <summary>Takes deletions of items as they are shown here, all of them or none.</summary>
    /// <returns>As for <see cref="Add(IReadOnlyList{ValueTuple{ItemDraft, OpenedItem}})"/>.</returns>
    public long? AddDeletions(IReadOnlyList<OpenedItem> shown) => Add(
    [
        .. from item in shown
            let before = _changes.GetValueOrDefault(item.Id)
            select new QueuedItem(item.Id.Value, ItemId.Generate().Value, before?.Waiting.Base ?? Objects(item), [], TriedWith(before)),
    ]);

    /// <summary>Puts a change on top of what the Vault has by now. To be called before it is sent, so that what may have landed is known here.</summary>
    /// <param name="change">As it waits.</param>
    /// <param name="present">What is there; null for nothing.</param>
    /// <param name="objects">The change, sealed as what follows that.</param>
    public void Rebase(QueuedChange change, OpenedItem? present, IEnumerable<StoredObject> objects)
    {
        var next = change.Waiting with { Base = Objects(present), Next = [.. objects.Select(stored => stored.ToMessage())], Tried = null };
        Exchange(
        [
            .. from write in _writes
                select write.Key == change.Write
                    ? KeyValuePair.Create(write.Key, write.Value with { Items = [.. write.Value.Items.Select(item => item == change.Waiting ? next : item)] })
                    : write,
        ]);
    }

    /// <summary>Forgets what waits under a number: it is at the Vault, or will never be.</summary>
    public void Remove(long write)
    {
        Exchange([.. _writes.Where(waiting => waiting.Key != write)]);
    }

    /// <summary>Forgets what was added last: it was refused at once. What had waited before waits again.</summary>
    public void Undo(long write)
    {
        if (write != _last || !_writes.ContainsKey(write))
            return;
        // Only what it had taken the place of: what was sent since is not to be sent again.
        var next = new SortedDictionary<long, QueuedWrite>(_writes);
        next.Remove(write);
        foreach (var (number, items) in _displaced)
            next[number] = next.TryGetValue(number, out var left) ? left with { Items = [.. left.Items, .. items] } : new QueuedWrite(number, items);
        Exchange([.. next]);
    }

    /// <summary>Forgets what waits of an item.</summary>
    /// <returns>False where nothing does.</returns>
    public bool Discard(ItemId id)
    {
        if (!_changes.ContainsKey(id))
            return false;
        Exchange([.. from write in _writes
                     let left = write.Value with { Items = [.. write.Value.Items.Where(item => item.Id != id.Value)] }
                     where left.Items.Length > 0
                     select KeyValuePair.Create(write.Key, left)]);
        return true;
    }

    /// <summary>Lets go of what is open; what waits is on the disk.</summary>
    public void Close() => _changes = [];

    /// <summary>What is in it, for when the file is written anew.</summary>
    public IEnumerable<StoreRecord> Snapshot() => _writes.Values.Select(write => new StoreRecord(Queued: write));

    private long? Add(List<QueuedItem> items)
    {
        if (items.Count == 0)
            return null;
        _displaced =
        [
            .. from waiting in _writes
                let taken = waiting.Value.Items.Where(item => items.Exists(next => next.Id == item.Id)).ToArray()
                where taken.Length > 0
                select (waiting.Key, taken),
        ];
        var write = new QueuedWrite(_last + 1, [.. items]);
        Exchange(
        [
            .. from waiting in _writes
                let left = waiting.Value with { Items = [.. waiting.Value.Items.Where(item => items.TrueForAll(next => next.Id != item.Id))] }
                where left.Items.Length > 0
                select KeyValuePair.Create(waiting.Key, left),
            KeyValuePair.Create(write.Number, write),
        ]);
        return _last = write.Number;
    }

    /// <summary>Puts other writes in the place of those that are there, here and on the disk: all of it or, where that fails, nothing.</summary>
    private void Exchange(IReadOnlyList<KeyValuePair<long, QueuedWrite>> next)
    {
        var before = _writes.ToList();
        List<StoreRecord> records =
        [
            .. from write in next
                where !_writes.TryGetValue(write.Key, out var waiting) || !waiting.Items.SequenceEqual(write.Value.Items)
                select new StoreRecord(Queued: write.Value),
            .. from write in before where next.All(left => left.Key != write.Key) select new StoreRecord(Sent: write.Key),
        ];
        Set(next);
        try
        {
            _file.Append(records);
        }
        catch
        {
            Set(before);
            throw;
        }
    }

    private void Set(IReadOnlyList<KeyValuePair<long, QueuedWrite>> writes)
    {
        _writes.Clear();
        foreach (var (number, write) in writes)
            _writes.Add(number, write);
        Show();
    }

    private void Show()
    {
        var before = _changes;
        _changes = [];
        foreach (var write in _writes.Values)
        {
            foreach (var item in write.Items)
            {
                var id = new ItemId(item.Id);
                // Opened once, however much waits beside it.
                _changes[id] = before.TryGetValue(id, out var known) && known.Waiting == item
                    ? known with { Write = write.Number }
                    : new QueuedChange(write.Number, item, Open(id, item.Base, []), Open(id, item.Next, item.Base));
            }
        }
    }

    // Was sent, perhaps, and is about to be overtaken.
    private ObjectMessage[][]? TriedWith(QueuedChange? before) => before is not null && before.Next is not null && _tried.Contains(before.Write)
        ? [.. (before.Waiting.Tried ?? []).TakeLast(MostTried - 1), before.Waiting.Next]
        : before?.Waiting.Tried;

    /// <summary>What may have been sent of a change, and what of that is at the Vault.</summary>
    /// <param name="change">As it waits.</param>
    /// <param name="there">The item as the Vault has it.</param>
    /// <returns>The item as it was sent; null where nothing shows that it has landed.</returns>
    public OpenedItem? Landed(QueuedChange change, OpenedItem there)
    {
        // A later write may be there as well: it says which it follows, and lists what it has left as it was.
        HashSet<Hash256> leaves = [there.Item.Stored.Leaf, .. there.Item.Overview.Attributes.Select(entry => entry.Leaf)];
        if (there.Item.Overview.Follows is { } follows)
            leaves.Add(follows);
        return change.Sent.LastOrDefault(sent => sent.Any(message => leaves.Contains(StoredObject.Read(message).Leaf))) is { } landed
            ? Open(change.Id, landed, change.Waiting.Base)
            : null;
    }

    /// <summary>The item with its attributes; those that it has from before lie with what it began from.</summary>
    private OpenedItem? Open(ItemId id, ObjectMessage[] own, ObjectMessage[] before)
    {
        if (own.Length == 0)
            return null;
        var objects = new Dictionary<ObjectName, StoredObject>();
        foreach (var stored in before.Concat(own).Select(StoredObject.Read))
            objects[stored.Name] = stored;
        var item = _sealing.Open(objects.GetValueOrDefault(id) ?? throw Alarms.Withheld(id));
        return new OpenedItem(
            item,
            [.. from entry in item.Overview.Attributes
                where entry.Removed is null
                select objects.TryGetValue(entry.Id, out var stored) && stored.Leaf == entry.Leaf
                    ? _sealing.Open(id, stored)
                    : throw Alarms.ObjectInvalid(entry.Id, "which is not the one that its item lists")]);
    }

    /// <param name="from">As the copy has it now.</param>
    private ObjectMessage[] Objects(OpenedItem? from) => from is null
        ? []
        : [from.Item.Stored.ToMessage(), .. from.Item.Overview.Attributes.Where(entry => entry.Removed is null).Select(entry => _copy.Find(entry.Id)!.ToMessage())];

    private DateOnly Today() => DateOnly.FromDateTime(_time.GetUtcNow().UtcDateTime);
}
