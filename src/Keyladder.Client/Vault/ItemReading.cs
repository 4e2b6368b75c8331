using System.Collections.Concurrent;
using Keyladder.Cryptography.Heads;

namespace Keyladder.Client;

/// <summary>Opens items with their attributes, fetched in one call for all that are not here yet.</summary>
internal sealed class ItemReading(VaultCopy copy, ItemSealing sealing)
{
    /// <param name="items">As the copy has them now.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>In the order of <paramref name="items"/>; null where another device has moved the account on meanwhile.</returns>
    /// <exception cref="IntegrityException">An attribute is not the one that its item lists.</exception>
    public async Task<IReadOnlyList<OpenedItem>?> TryOpenAsync(IReadOnlyList<VaultItem> items, CancellationToken cancellationToken)
    {
        var missing = new ConcurrentDictionary<ObjectName, bool>();
        AllCores.ForEach(items, item =>
        {
            foreach (var entry in item.Overview.Attributes)
            {
                // Item and attributes are written together: whatever else the service shows of one is older, or another's.
                if (!copy.Leaves.TryGetValue(entry.Id, out var leaf) || leaf != entry.Leaf)
                    throw Alarms.ObjectInvalid(entry.Id, "which is not the one that its item lists");
                if (entry.Removed is null && copy.Find(entry.Id) is null)
                    missing[entry.Id] = true;
            }
        });
        return missing.IsEmpty || await copy.TryFetchAsync([.. missing.Keys], cancellationToken).ConfigureAwait(false) ? OpenAll(items) : null;
    }

    private OpenedItem[] OpenAll(IReadOnlyList<VaultItem> items)
    {
        var opened = new OpenedItem[items.Count];
        AllCores.ForEach(Enumerable.Range(0, items.Count), index => opened[index] = Open(items[index]));
        return opened;
    }

    private OpenedItem Open(VaultItem item) => new(
        item,
        [.. from entry in item.Overview.Attributes
            where entry.Removed is null
            let stored = copy.Find(entry.Id)!
            select stored.Revision == entry.Revision
                ? sealing.Open(item.Id, stored)
                : throw Alarms.ObjectInvalid(stored.Name, "in another revision than its item lists")]);
}
