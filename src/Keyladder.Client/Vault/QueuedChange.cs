using Keyladder.Cryptography;
using Keyladder.Cryptography.Heads;
using Keyladder.Protocol.Vault;

namespace Keyladder.Client;

/// <summary>What waits to be made of one item.</summary>
/// <param name="Write">The number under which it waits.</param>
/// <param name="Waiting">In ciphertext.</param>
/// <param name="Base">What it began from; null for a new item.</param>
/// <param name="Next">What it is to be; null where it is deleted.</param>
internal sealed record QueuedChange(long Write, QueuedItem Waiting, OpenedItem? Base, OpenedItem? Next)
{
    /// <summary>The item.</summary>
    public ItemId Id => new(Waiting.Id);

    /// <summary>Id for its other version, should both have to be kept.</summary>
    public ItemId Other => new(Waiting.Other);

    /// <summary>What may have been sent, the oldest first.</summary>
    public IEnumerable<ObjectMessage[]> Sent => [.. Waiting.Tried ?? [], .. Waiting.Next.Length > 0 ? [Waiting.Next] : Array.Empty<ObjectMessage[]>()];

    /// <summary>Whether a leaf is that of the item as it began, or as it may have been sent.</summary>
    public bool IsKnown(Hash256 leaf) => leaf == Base?.Item.Stored.Leaf || Sent.Any(sent => sent.Any(message => StoredObject.Read(message).Leaf == leaf));

    /// <summary>The change as it waits.</summary>
    public IReadOnlyList<SealedChange> ToSealed()
    {
        var before = Base?.Item.Overview.Attributes.ToDictionary(entry => (ObjectName)entry.Id, entry => entry.Leaf) ?? [];
        if (Base is not null)
            before.Add(Base.Id, Base.Item.Stored.Leaf);
        return
        [
            .. from next in Waiting.Next.Select(StoredObject.Read)
                select new SealedChange(next.Name, before.TryGetValue(next.Name, out var last) ? last : null, next),
        ];
    }

    public ItemDraft ToDraft() => Next!.Edit() with { Base = Base, ConflictOf = Next.Item.ConflictOf };
}
