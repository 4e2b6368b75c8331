using Keyladder.Cryptography;
using Keyladder.Keys.Vault;

namespace Keyladder.Client;

/// <summary>
/// An item as it is to be: a new one from <see cref="New"/>, or a changed one from <see cref="OpenedItem.Edit"/>. It knows what it began from,
/// so that a change that another device has made meanwhile is merged and never overwritten.
/// </summary>
public sealed record ItemDraft
{
    internal ItemDraft()
    {
    }

    public required ItemId Id { get; init; }

    /// <summary>1 to 256 bytes of UTF-8 without control characters.</summary>
    public required string Name { get; init; }

    /// <summary>What the item is, such as <c>login</c>: 1 to 64 bytes as above.</summary>
    public required string Kind { get; init; }

    /// <summary>At most 64 of 1 to 64 bytes as above, none twice.</summary>
    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>In the order that they are to have. One that is not among them any more is removed.</summary>
    public IReadOnlyList<OpenedAttribute> Attributes { get; init; } = [];

    /// <summary>Whether it is to be in the trash.</summary>
    public bool IsRemoved { get; init; }

    /// <summary>What it began from; null for a new item.</summary>
    internal OpenedItem? Base { get; init; }

    /// <summary>Of the other version of an item: which one; else null. What it began from says it again.</summary>
    internal ItemId? ConflictOf { get; init; }

    /// <summary>Of an item that is brought from elsewhere: what it said of itself there; null for the others.</summary>
    internal ItemOrigin? Origin { get; init; }

    /// <param name="name">1 to 256 bytes of UTF-8 without control characters.</param>
    /// <param name="kind">What the item is, such as <c>login</c>: 1 to 64 bytes as above.</param>
    public static ItemDraft New(string name, string kind = "item") => new() { Id = ItemId.Generate(), Name = name, Kind = kind };

    /// <summary>With one more attribute, or another value in the place of the one with this name.</summary>
    public ItemDraft With(ItemAttribute attribute)
    {
        ArgumentNullException.ThrowIfNull(attribute);
        var at = Attributes.Index().Where(each => each.Item.Content.Name == attribute.Name).Select(each => (int?)each.Index).FirstOrDefault();
        return this with
        {
            Attributes = at is { } index
                ? [.. Attributes.Select((each, position) => position == index ? each with { Content = attribute } : each)]
                : [.. Attributes, new OpenedAttribute(AttributeId.Generate(), attribute)],
        };
    }

    /// <summary>Without the attributes of this name.</summary>
    public ItemDraft Without(string name) => this with { Attributes = [.. Attributes.Where(each => each.Content.Name != name)] };

    /// <summary>Shows the id: the rest is the person's own.</summary>
    public override string ToString() => $"item {Id}";
}

/// <param name="Created">In UTC.</param>
/// <param name="Changed">In UTC.</param>
/// <param name="Removed">The day it was put into the trash; null while it was not.</param>
internal sealed record ItemOrigin(DateOnly Created, DateOnly Changed, DateOnly? Removed);
