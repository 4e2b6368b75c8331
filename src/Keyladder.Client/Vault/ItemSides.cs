using Keyladder.Cryptography;
using Keyladder.Cryptography.Heads;
using HeldItems = Keyladder.Client.HeldObjects<Keyladder.Cryptography.Heads.VaultHead, Keyladder.Client.StoredObject>;

namespace Keyladder.Client;

/// <summary>The two sides of a restore: what this device holds of a Vault, and what the Vault shows. No call is made.</summary>
/// <param name="Sealing">Opens both.</param>
/// <param name="Held">Null where this device holds nothing.</param>
/// <param name="Restored">What the Vault showed right after the restore, before anything was written here; null where that is not known.</param>
internal sealed record ItemSides(ItemSealing Sealing, HeldItems? Held, HeldItems? Restored)
{
    public bool IsAnyHeld => Held?.Head is not null;

    /// <summary>
    /// Whether what the Vault showed right after the restore is known to come before what is held. If not, somebody may have written since the
    /// restore: then an item that is not held may be new.
    /// </summary>
    public bool IsPast => Held is not null && Restored is not null && Held.HasFollowed(Restored.At);

    /// <param name="now">What the Vault shows.</param>
    /// <returns>By name.</returns>
    /// <exception cref="IntegrityException">Something in it does not open.</exception>
    public IReadOnlyList<ItemDifference> Compare(HeldItems now)
    {
        if (Held is not { Head: not null } held)
            return [];
        var differences = new List<ItemDifference>();
        foreach (var mine in held.Objects.Values.Where(IsItem))
        {
            var there = now.Objects.GetValueOrDefault(mine.Name);
            // What was there right after the restore as it is here has not gone back: another device has changed it since.
            if (there?.Leaf == mine.Leaf || Restored?.Objects.GetValueOrDefault(mine.Name)?.Leaf == mine.Leaf)
                continue;
            if (there is null)
                differences.Add(new(RestoreChange.Missing, Sealing.Open(mine), Shown: null));
            else if (!SaysTheSame(mine, there, now))
                differences.Add(new(IsPast || there.Revision <= mine.Revision ? RestoreChange.Older : RestoreChange.Unknown, Sealing.Open(mine), Sealing.Open(there)));
        }

        foreach (var there in now.Objects.Values.Where(stored => IsItem(stored) && !held.Objects.ContainsKey(stored.Name)))
        {
            if (WasDeleted(there))
                differences.Add(new(RestoreChange.Returned, Held: null, Sealing.Open(there)));
            else if (Restored is null || Restored.Objects.ContainsKey(there.Name))
                differences.Add(new(RestoreChange.Unknown, Held: null, Sealing.Open(there)));
        }

        return [.. differences.OrderBy(each => (each.Held ?? each.Shown)!.Name, StringComparer.CurrentCulture).ThenBy(each => each.Id.Value)];
    }

    /// <summary>Whether an item that is not held is known to have been deleted, and not to have been changed since the restore.</summary>
    public bool WasDeleted(StoredObject there) =>
        (IsPast && Restored!.Objects.GetValueOrDefault(there.Name)?.Leaf == there.Leaf)
        || (Held!.Gone.TryGetValue(there.Name, out var last) && last == there.Leaf);

    /// <summary>Opens an item with its attributes, from what is held or shown.</summary>
    /// <param name="item">As either side has it.</param>
    /// <param name="now">What the Vault shows.</param>
    /// <returns>Null where an attribute of it is on neither side.</returns>
    public OpenedItem? TryOpen(StoredObject item, HeldItems now)
    {
        var opened = Sealing.Open(item);
        var attributes = new List<OpenedAttribute>();
        foreach (var entry in opened.Overview.Attributes.Where(entry => entry.Removed is null))
        {
            if (FindAttribute(entry.Id, entry.Leaf, now) is not { } stored)
                return null;
            attributes.Add(Sealing.Open(opened.Id, stored));
        }

        return new OpenedItem(opened, attributes);
    }

    /// <summary>The object with this leaf, from whichever side has it.</summary>
    public StoredObject? FindAttribute(ObjectName name, Hash256 leaf, HeldItems now) =>
        new[] { now, Held, Restored }.Select(side => side?.Objects.GetValueOrDefault(name)).FirstOrDefault(stored => stored?.Leaf == leaf);

    private bool SaysTheSame(StoredObject mine, StoredObject there, HeldItems now) =>
        TryOpen(mine, now) is { } held && TryOpen(there, now) is { } shown && ItemMerge.IsUnchanged(held.Edit() with { Base = shown });

    private static bool IsItem(StoredObject stored) => stored.Name.Kind == ObjectKind.Item;
}
