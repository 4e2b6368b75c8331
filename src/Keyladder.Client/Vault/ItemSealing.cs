using Keyladder.Cryptography;
using Keyladder.Cryptography.ChunkedEncryption;
using Keyladder.Cryptography.Heads;
using Keyladder.Keys.Hierarchy;
using Keyladder.Keys.Vault;

namespace Keyladder.Client;

/// <summary>What the Vault's DEKs do: open items and attributes, each in its place, and seal the next version of an item.</summary>
internal sealed class ItemSealing(VaultKeys keys)
{
    /// <exception cref="IntegrityException">It does not open as that item.</exception>
    public VaultItem Open(StoredObject stored)
    {
        var id = new ItemId(stored.Name.Id);
        try
        {
            return new VaultItem(id, stored, Dek(stored).Open(id, stored.Sealed, stored.Revision));
        }
        catch (OpenFailedException e)
        {
            throw Alarms.DoesNotOpen($"{stored.Name}", e);
        }
    }

    /// <exception cref="IntegrityException">It does not open as that attribute of the item.</exception>
    public OpenedAttribute Open(ItemId item, StoredObject stored)
    {
        var id = new AttributeId(stored.Name.Id);
        try
        {
            var content = Dek(stored).Open(item, id, stored.Sealed, stored.Revision);
            // Or the service would keep another than the one that is meant.
            return content.GetAttachment()?.Id.Value == stored.Attachment
                ? new OpenedAttribute(id, content)
                : throw Alarms.ObjectInvalid(stored.Name, "beside another attachment than it names");
        }
        catch (OpenFailedException e)
        {
            throw Alarms.DoesNotOpen($"{stored.Name}", e);
        }
    }

    /// <summary>Whether it is sealed by the key that seals what is new.</summary>
    public bool IsCurrent(VaultItem item) => item.Stored.Dek == keys.Sealing.VaultName;

    /// <summary>The objects that make the draft the next version of the item.</summary>
    /// <param name="draft">What is to be.</param>
    /// <param name="present">What it replaces; null for a new item.</param>
    /// <param name="today">In UTC.</param>
    /// <exception cref="KeyladderException">The draft breaks a rule of the format.</exception>
    public IReadOnlyList<SealedChange> Seal(ItemDraft draft, OpenedItem? present, DateOnly today)
    {
        var dek = keys.Sealing;
        var listed = present?.Item.Overview.Attributes.ToDictionary(entry => entry.Id) ?? [];
        var open = present?.Attributes.ToDictionary(attribute => attribute.Id, attribute => attribute.Content) ?? [];
        var changes = new List<SealedChange>();
        var entries = new List<AttributeEntry>();
        try
        {
            foreach (var (id, content) in draft.Attributes)
            {
                var last = listed.GetValueOrDefault(id);
                if (last is not null && open.TryGetValue(id, out var before) && ItemMerge.SameAttribute(before, content))
                {
                    entries.Add(last);
                    continue;
                }

                var revision = (last?.Revision ?? 0) + 1;
                var next = new StoredObject(id, dek.VaultName!.Value, revision, dek.Seal(draft.Id, id, content, revision), content.GetAttachment()?.Id.Value);
                changes.Add(new SealedChange(next.Name, last?.Leaf, next));
                entries.Add(new AttributeEntry(id, revision, next.Leaf));
            }

            var kept = draft.Attributes.Select(attribute => attribute.Id).ToHashSet();
            entries.AddRange(
                from entry in present?.Item.Overview.Attributes ?? []
                where !kept.Contains(entry.Id)
                select entry with { Removed = entry.Removed ?? today });
            changes.Insert(0, SealOverview(draft, present, today, dek, entries));
            return changes;
        }
        catch (ArgumentException e)
        {
            throw Failures.NotAllowed($"The item cannot be stored. {e.Message}", "Change it and try again; nothing was sent.", e);
        }
    }

    private static SealedChange SealOverview(
        ItemDraft draft, OpenedItem? present, DateOnly today, PersonalDataEncryptionKey dek, IReadOnlyList<AttributeEntry> entries)
    {
        var overview = new ItemOverview
        {
            Name = draft.Name,
            Kind = draft.Kind,
            Tags = draft.Tags,
            Created = present?.Item.Created ?? draft.Origin?.Created ?? today,
            Changed = draft.Origin?.Changed ?? today,
            Attributes = entries,
            Follows = present?.Item.Stored.Leaf,
            Removed = draft.IsRemoved ? present?.Item.Removed ?? draft.Origin?.Removed ?? today : null,
            ConflictOf = present?.Item.ConflictOf ?? draft.ConflictOf,
        };
        var revision = (present?.Item.Revision ?? 0) + 1;
        var next = new StoredObject(draft.Id, dek.VaultName!.Value, revision, dek.Seal(draft.Id, overview, revision));
        return new SealedChange(next.Name, overview.Follows, next);
    }

    private PersonalDataEncryptionKey Dek(StoredObject stored) =>
        keys.Find(stored.Dek) ?? throw Alarms.ObjectInvalid(stored.Name, "sealed by a key that the account does not have");
}

/// <summary>What one object is before and after a write; null for nothing.</summary>
internal sealed record SealedChange(ObjectName Name, Hash256? Last, StoredObject? Next);
