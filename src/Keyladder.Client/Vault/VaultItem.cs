using Keyladder.Cryptography;
using Keyladder.Keys.Vault;

namespace Keyladder.Client;

/// <summary>An item of a Vault as a list shows it: what it says of itself, proven and decrypted; its attributes are still sealed.</summary>
public sealed class VaultItem
{
    internal VaultItem(ItemId id, StoredObject stored, ItemOverview overview) => (Id, Stored, Overview) = (id, stored, overview);

    public ItemId Id { get; }

    /// <summary>From 1; grows with each change.</summary>
    public long Revision => Stored.Revision;

    public string Name => Overview.Name;

    /// <summary>What the item is, such as <c>login</c>.</summary>
    public string Kind => Overview.Kind;

    public IReadOnlyList<string> Tags => Overview.Tags;

    /// <summary>In UTC.</summary>
    public DateOnly Created => Overview.Created;

    /// <summary>In UTC.</summary>
    public DateOnly Changed => Overview.Changed;

    /// <summary>Attributes that are not removed.</summary>
    public int AttributeCount => Overview.Attributes.Count(entry => entry.Removed is null);

    /// <summary>The day it was put into the trash; null while it was not.</summary>
    public DateOnly? Removed => Overview.Removed;

    /// <summary>The item that this is the other version of: two devices changed it at once, and both versions were kept. Null for the others.</summary>
    public ItemId? ConflictOf => Overview.ConflictOf;

    internal StoredObject Stored { get; }

    internal ItemOverview Overview { get; }

    public override string ToString() => $"item {Id}";
}

/// <summary>An item with its attributes open.</summary>
public sealed class OpenedItem
{
    internal OpenedItem(VaultItem item, IReadOnlyList<OpenedAttribute> attributes) => (Item, Attributes) = (item, attributes);

    public VaultItem Item { get; }

    public ItemId Id => Item.Id;

    public string Name => Item.Name;

    /// <summary>In the person's order, without those that were removed.</summary>
    public IReadOnlyList<OpenedAttribute> Attributes { get; }

    /// <summary>The first attribute with this name; null if there is none.</summary>
    public ItemAttribute? Find(string name) => Attributes.FirstOrDefault(attribute => attribute.Content.Name == name)?.Content;

    /// <summary>To be changed and put back.</summary>
    public ItemDraft Edit() => new()
    {
        Id = Id,
        Base = this,
        Name = Item.Name,
        Kind = Item.Kind,
        Tags = Item.Tags,
        Attributes = Attributes,
        IsRemoved = Item.Removed is not null,
    };

    public override string ToString() => Item.ToString();
}

/// <summary>An attribute and its id.</summary>
public sealed record OpenedAttribute(AttributeId Id, ItemAttribute Content);
