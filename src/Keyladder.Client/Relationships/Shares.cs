using Keyladder.Cryptography;
using Keyladder.Keys.Relationships;

namespace Keyladder.Client;

/// <summary>What this person shares with another one.</summary>
public sealed class GivenShare
{
    internal GivenShare(RelationshipItem relationship, AttributeId recordId, GivenRecord record, ShareStatement statement) =>
        (Relationship, RecordId, Record, Statement) = (relationship.LocalId, recordId, record, statement);

    public ShareId Id => Record.Share;

    /// <summary>With whom.</summary>
    public RelationshipId Relationship { get; }

    public ItemId Item => Record.Item;

    /// <summary>Of the item; null for all of it.</summary>
    public AttributeId? Attribute => Record.Attribute;

    /// <summary>One of <see cref="ShareStates"/>.</summary>
    public string State => Statement.State;

    public string? Terms => Statement.Terms;

    /// <summary>The last day that it is good for, in UTC; null for no end.</summary>
    public DateOnly? Expires => Statement.Expires;

    /// <summary>Attributes of the item that the holder's copy has.</summary>
    public IReadOnlyList<AttributeId> Attributes => [.. Record.Ids.Select(id => id.Own)];

    /// <summary>Revision of the item that the holder's copy was made of.</summary>
    public long Revision => Record.Revision;

    /// <summary>Whether the holder has accepted the terms of the present copy, as he says.</summary>
    public bool IsAccepted => Record.Accepted == Statement.Number;

    /// <summary>Whether the holder has opened the present copy, as he says.</summary>
    public bool IsRead => Record.Read == Statement.Number;

    /// <summary>Whether the holder's program tells when it is opened: without that, nothing says whether it was.</summary>
    public bool TellsWhenRead => Statement.Receipts == true;

    /// <summary>Whether the holder's copy has what the item is now, as far as it is shared: else <see cref="Relationships.UpdateAsync"/> gives that.</summary>
    /// <param name="item">The one that it is of.</param>
    /// <exception cref="ArgumentException">It is of another item.</exception>
    public bool IsCurrent(VaultItem item)
    {
        ArgumentNullException.ThrowIfNull(item);
        return item.Id == Item ? Record.Shows(item) : throw new ArgumentException("The share is of another item.", nameof(item));
    }

    internal AttributeId RecordId { get; }

    internal GivenRecord Record { get; }

    internal ShareStatement Statement { get; }

    public override string ToString() => $"share {Id}";
}

/// <summary>What another person shares with this one.</summary>
public sealed class HeldShare
{
    internal HeldShare(RelationshipItem relationship, AttributeId recordId, HeldRecord record, ShareStatement statement) =>
        (Relationship, RecordId, Record, Statement) = (relationship.LocalId, recordId, record, statement);

    /// <summary>Its sharer chose it: unique within <see cref="Relationship"/> only.</summary>
    public ShareId Id => Statement.Share;

    /// <summary>Of whom.</summary>
    public RelationshipId Relationship { get; }

    /// <summary>One of <see cref="ShareStates"/>.</summary>
    public string State => Statement.State;

    /// <summary>Whether it is an item with all that it has, and not an attribute alone.</summary>
    public bool IsWhole => Record.Whole == true;

    /// <summary>Ids of what is shared, in this relationship alone: the handles for an app's rules.</summary>
    public IReadOnlyList<AttributeId> Attributes => Statement.Attributes;

    /// <summary>
    /// Of the item, or of the attribute where it is one alone. Null where that may not be opened, or not yet, and until it is for the first time where it has terms or
    /// tells when it is opened.
    /// </summary>
    public string? Name { get; internal init; }

    public string? Terms => Statement.Terms;

    /// <summary>Whether the person has accepted the terms; where there are none, there is nothing to accept.</summary>
    public bool IsAccepted => Terms is null || Record.Accepted == Statement.Number;

    /// <summary>The last day that it is good for, in UTC; null for no end.</summary>
    public DateOnly? Expires => Statement.Expires;

    /// <summary>Whether the other one is told when it is opened.</summary>
    public bool TellsWhenRead => Statement.Receipts == true;

    internal AttributeId RecordId { get; }

    internal HeldRecord Record { get; }

    internal ShareStatement Statement { get; }

    public override string ToString() => $"share {Id}";
}

/// <summary>On what conditions something is shared.</summary>
/// <param name="Text">What the holder agrees to by opening it, at most <see cref="ShareStatement.MaxTermsLength"/> characters; null for nothing.</param>
/// <param name="Expires">The last day that it is good for, in UTC; null for no end.</param>
/// <param name="TellWhenRead">Whether the holder's program tells when it is opened.</param>
public sealed record ShareTerms(string? Text = null, DateOnly? Expires = null, bool TellWhenRead = false);
