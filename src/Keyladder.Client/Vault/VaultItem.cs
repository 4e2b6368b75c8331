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
    internal OpenedItem(VaultItem item, IReadOnlyList<OpenedAttribute> attributes, IReadOnlyList<AttributeId>? missing = null) =>
        (Item, Attributes, Missing) = (item, attributes, missing ?? []);

    public VaultItem Item { get; }

    public ItemId Id => Item.Id;

    public string Name => Item.Name;

    /// <summary>In the person's order, without those that were removed.</summary>
    public IReadOnlyList<OpenedAttribute> Attributes { get; }

    /// <summary>Of an earlier version: the attributes that it had and that the service no longer keeps as they were; empty for the present one.</summary>
    public IReadOnlyList<AttributeId> Missing { get; }

    /// <summary>The first attribute with this name; null if there is none.</summary>
    public ItemAttribute? Find(string name) => Attributes.FirstOrDefault(attribute => attribute.Content.Name == name)?.Content;

    /// <summary>To be changed and put back. A change of an earlier version is one of what the item is now: see <see cref="GoBackTo"/>.</summary>
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

    /// <summary>
    /// To be put: this item with all that an earlier version of it said, on top of what it is now. Attributes that were removed since come
    /// back, later ones are removed, and those that are <see cref="Missing"/> there stay as they are here. It leaves the trash.
    /// </summary>
    /// <exception cref="ArgumentException">It is a version of another item.</exception>
    public ItemDraft GoBackTo(OpenedItem version)
    {
        ArgumentNullException.ThrowIfNull(version);
        if (version.Id != Id)
            throw new ArgumentException("That is a version of another item.", nameof(version));
        return Edit() with
        {
            Name = version.Item.Name,
            Kind = version.Item.Kind,
            Tags = version.Item.Tags,
            Attributes = [.. version.Attributes, .. Attributes.Where(attribute => version.Missing.Contains(attribute.Id))],
            IsRemoved = false,
        };
    }

    public override string ToString() => Item.ToString();
}

/// <summary>An attribute and its id.</summary>
public sealed record OpenedAttribute(AttributeId Id, ItemAttribute Content);
