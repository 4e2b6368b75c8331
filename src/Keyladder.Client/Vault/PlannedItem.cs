using Keyladder.Cryptography;
using Keyladder.Keys.Vault;

namespace Keyladder.Client;

/// <summary>What a draft comes to where the item is as it is by now (docs/spec/vault.md section 5).</summary>
/// <param name="Result">What the caller is told.</param>
/// <param name="Draft">What is to be written; null for nothing.</param>
/// <param name="Present">What that is written on top of; null for a new item.</param>
internal sealed record PlannedItem(WrittenItem Result, ItemDraft? Draft = null, OpenedItem? Present = null)
{
    /// <param name="draft">What is to be.</param>
    /// <param name="present">The item as it is; null where there is none.</param>
    /// <param name="other">Id for the other version, should both have to stay.</param>
    public static PlannedItem Of(ItemDraft draft, OpenedItem? present, ItemId other)
    {
        var done = new PlannedItem(new WrittenItem(draft.Id, null));
        if (ItemMerge.IsUnchanged(draft))
            return done;
        if (present is null)
            return draft.Base is null ? done with { Draft = draft } : OtherVersion(draft, other);
        if (draft.Base?.Item.Stored.Leaf == present.Item.Stored.Leaf)
            return done with { Draft = draft, Present = present };
        // A new item that is there already: written before an answer was lost, if it says the same; else another of the same id.
        if (draft.Base is null && ItemMerge.IsUnchanged(draft with { Base = present }))
            return done;
        if (draft.Base is null || ItemMerge.TryMerge(draft, present) is not { } merged)
            return OtherVersion(draft, other);
        return ItemMerge.IsUnchanged(merged) ? done : done with { Draft = merged, Present = present };
    }

    /// <summary>The draft as an item of its own, beside one that is there or was.</summary>
    public static PlannedItem OtherVersion(ItemDraft draft, ItemId other) => new(
        new WrittenItem(draft.Id, other),
        draft with
        {
            Id = other,
            Base = null,
            ConflictOf = draft.Id,
            Attributes = [.. draft.Attributes.Select(attribute => attribute with { Id = AttributeId.Generate() })],
        });
}

/// <summary>What became of a draft.</summary>
/// <param name="Id">The item.</param>
/// <param name="Conflict">
/// The item that now holds the draft: another device had changed the same thing otherwise, so that both versions were kept. Null where there
/// was no conflict.
/// </param>
/// <param name="IsQueued">Whether the Vault could not be reached: it is kept on this device, and sent as soon as that is possible.</param>
public sealed record WrittenItem(ItemId Id, ItemId? Conflict, bool IsQueued = false);
