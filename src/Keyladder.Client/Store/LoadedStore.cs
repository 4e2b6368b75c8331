using Keyladder.Cryptography.Heads;

namespace Keyladder.Client;

/// <summary>What the records of a copy come to, one after the other (docs/spec/local-store.md section 2).</summary>
internal sealed class LoadedStore
{
    private readonly Dictionary<ObjectName, Hash256?> _begun = [];

    /// <summary>Null where no head has come yet.</summary>
    public StoredHead? Head { get; private set; }

    /// <summary>Complete at <see cref="Head"/>.</summary>
    public Dictionary<ObjectName, Hash256> Leaves { get; } = [];

    /// <summary>Those of <see cref="Leaves"/> whose ciphertext has come, and others that were there before.</summary>
    public Dictionary<ObjectName, StoredObject> Objects { get; } = [];

    public SortedDictionary<long, QueuedWrite> Queue { get; } = [];

    /// <exception cref="IntegrityException">Something in it is not in the form of what it is.</exception>
    /// <exception cref="ArgumentException">As above.</exception>
    public void Add(StoreRecord record)
    {
        foreach (var (kind, id, leaf) in record.Changes ?? [])
            _begun[ObjectName.Read(kind, id)] = leaf is null ? null : new Hash256(leaf);
        foreach (var message in record.Objects ?? [])
        {
            var stored = StoredObject.Read(message);
            Objects[stored.Name] = stored;
        }

        if (record.Queued is { } queued)
            Queue[queued.Number] = queued;
        if (record.Sent is { } sent)
            Queue.Remove(sent);
        if (record.Head is { } head)
            Complete(head);
    }

    // A list that was cut off before its head counts for nothing.
    private void Complete(StoredHead head)
    {
        foreach (var (name, leaf) in _begun)
        {
            if (leaf is { } value)
            {
                Leaves[name] = value;
            }
            else
            {
                Leaves.Remove(name);
                Objects.Remove(name);
            }
        }

        _begun.Clear();
        Head = head;
    }
}
