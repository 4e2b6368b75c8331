using System.Collections.Concurrent;
using System.Globalization;
using Keyladder.Cryptography;

namespace Keyladder.Client;

/// <summary>What the person sees of the Vault: the items of the copy, with what waits on this device to be sent as if it had been.</summary>
internal sealed class VaultView(VaultCopy copy, ItemSealing sealing, ItemReading reading, VaultQueue? queue)
{
    private readonly ConcurrentDictionary<ItemId, VaultItem> _opened = new();

    /// <summary>By name.</summary>
    public IReadOnlyList<VaultItem> List()
    {
        var culture = CultureInfo.CurrentCulture.CompareInfo;
        var items = new ConcurrentBag<VaultItem>();
        AllCores.ForEach(copy.Items.Where(stored => Queued(new ItemId(stored.Name.Id)) is null), stored => items.Add(Describe(stored)));
        return
        [
            .. items.Where(item => item.Kind != RelationshipItem.Kind).Concat(queue?.Changes.Values.Select(change => change.Next?.Item).OfType<VaultItem>() ?? [])
                .OrderBy(item => culture.GetSortKey(item.Name), Comparer<SortKey>.Create(SortKey.Compare)).ThenBy(item => item.Id.Value),
        ];
    }

    /// <summary>The items of a kind that are no other version of one and not in the trash, as the Vault has them.</summary>
    public IEnumerable<VaultItem> ThereOfKind(string kind) =>
        copy.Items.Select(Describe).Where(item => item.Kind == kind && item is { Removed: null, ConflictOf: null });

    /// <exception cref="KeyladderException">There is no such item.</exception>
    public VaultItem Existing(ItemId id) => Find(id) ?? throw Failures.NoSuchItem(id);

    /// <summary>The item as the Vault has it.</summary>
    /// <exception cref="KeyladderException">There is no such item.</exception>
    public VaultItem ExistingThere(ItemId id) => Describe(copy.Find(id) ?? throw Failures.NoSuchItem(id));

    /// <summary>Whether the Vault has an item as it was read.</summary>
    public bool IsThere(VaultItem item) => copy.Find(item.Id) is { } stored && stored.Leaf == item.Stored.Leaf;

    /// <returns>Null where there is no such item.</returns>
    public VaultItem? Find(ItemId id) => Queued(id) is { } change ? change.Next?.Item : copy.Find(id) is { } stored ? Describe(stored) : null;

    /// <summary>Whether an attribute of the item is still at the Vault alone.</summary>
    public bool LacksAttributes(VaultItem item) => Queued(item.Id) is null && item.Overview.Attributes.Any(entry => entry.Removed is null && copy.Find(entry.Id) is null);

    /// <param name="items">As they are shown.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>In the order of <paramref name="items"/>; null where another device has moved the account on meanwhile.</returns>
    public async Task<IReadOnlyList<OpenedItem>?> TryOpenAsync(IReadOnlyList<VaultItem> items, CancellationToken cancellationToken)
    {
        VaultItem[] there = [.. items.Where(item => Queued(item.Id) is null)];
        if (await reading.TryOpenAsync(there, cancellationToken).ConfigureAwait(false) is not { } read)
            return null;
        if (there.Length == items.Count)
            return read;
        var opened = read.DistinctBy(item => item.Id).ToDictionary(item => item.Id); // one may be asked for twice
        return [.. items.Select(item => opened.GetValueOrDefault(item.Id) ?? Queued(item.Id)!.Next!)];
    }

    /// <summary>Forgets items that are other than before.</summary>
    public void Forget(IEnumerable<ItemId> changed)
    {
        foreach (var id in changed)
            _opened.TryRemove(id, out _);
    }

    /// <summary>The Vault is closed: nothing that is open stays here.</summary>
    public void Close()
    {
        _opened.Clear();
        queue?.Close();
    }

    /// <summary>Whether a text is in what an item says of itself. Case and accents make no difference.</summary>
    public static bool Says(VaultItem item, string text) => Has(item.Name, text) || Has(item.Kind, text) || item.Tags.Any(tag => Has(tag, text));

    /// <summary>The same for its attributes.</summary>
    public static bool Says(OpenedItem item, string text) =>
        item.Attributes.Any(attribute => Has(attribute.Content.Name, text) || (attribute.Content.IsText && Has(attribute.Content.GetText(), text)));

    private static bool Has(string where, string text) =>
        CultureInfo.CurrentCulture.CompareInfo.IndexOf(where, text, CompareOptions.IgnoreCase | CompareOptions.IgnoreNonSpace) >= 0;

    private QueuedChange? Queued(ItemId id) => queue?.Changes.GetValueOrDefault(id);

    /// <summary>Opens it once for each revision, however often it is listed.</summary>
    private VaultItem Describe(StoredObject stored)
    {
        var id = new ItemId(stored.Name.Id);
        if (_opened.TryGetValue(id, out var known) && ReferenceEquals(known.Stored, stored))
            return known;
        return _opened[id] = sealing.Open(stored);
    }
}
