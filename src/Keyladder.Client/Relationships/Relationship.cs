using Keyladder.Cryptography;
using Keyladder.Cryptography.Dids;
using Keyladder.Keys.Relationships;

namespace Keyladder.Client;

/// <summary>What has become of a relationship.</summary>
public enum RelationshipStatus
{
    /// <summary>This person has invited, and nobody has accepted yet.</summary>
    Invited,

    /// <summary>This person has accepted, and the other one has not confirmed yet.</summary>
    Accepted,

    /// <summary>Both have each other's keys.</summary>
    Established,

    /// <summary>This person hears nothing more from the other one, and the other one gets nothing more from here.</summary>
    Blocked,
}

/// <summary>A relationship with another person or an application, as this person's Vault holds it.</summary>
public sealed class Relationship
{
    internal Relationship(RelationshipItem item, Did did)
    {
        (Item, Did) = (item, did);
        var other = item.OtherKeys();
        OtherDid = other?.Subject;
        SafetyWords = other is null ? null : Keys.Relationships.SafetyWords.Of(item.State.Relationship, did, other.Subject);
        InvitationExpires = Inviting.ExpiryOf(item.State);
    }

    /// <summary>As both parties call it; no service knows it.</summary>
    public RelationshipId Id => Item.State.Relationship;

    /// <summary>What this person calls the other one, who does not hear of it.</summary>
    public string Name => Item.Name;

    public RelationshipStatus Status => Item.State switch
    {
        { Blocked: true } => RelationshipStatus.Blocked,
        { Other: null } => RelationshipStatus.Invited,
        { Acceptance: not null } => RelationshipStatus.Accepted,
        _ => RelationshipStatus.Established,
    };

    /// <summary>This person's pairwise DID; nobody else has ever seen it.</summary>
    public Did Did { get; }

    /// <summary>The other one's; null while nobody has accepted.</summary>
    public Did? OtherDid { get; }

    /// <summary>To be read to each other, by a voice that both know: the same on both sides if nobody stands between them. Null while nobody has accepted.</summary>
    public string? SafetyWords { get; }

    /// <summary>Until when the invitation can be taken; null once it was.</summary>
    public DateTimeOffset? InvitationExpires { get; }

    internal RelationshipItem Item { get; }

    public override string ToString() => $"relationship {Id}";
}

/// <summary>What this person shares with another one.</summary>
public sealed class GivenShare
{
    internal GivenShare(RelationshipItem relationship, AttributeId recordId, GivenRecord record, ShareStatement statement) =>
        (Relationship, RecordId, Record, Statement) = (relationship.State.Relationship, recordId, record, statement);

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

    /// <summary>Revision of the item that the holder's copy shows.</summary>
    public long Revision => Record.Revision;

    /// <summary>Whether the holder has accepted the terms of the present copy, as he says.</summary>
    public bool IsAccepted => Record.Accepted == Statement.Number;

    /// <summary>Whether the holder has opened the present copy, as he says.</summary>
    public bool IsRead => Record.Read == Statement.Number;

    /// <summary>Whether the holder's program tells when it is opened: without that, nothing says whether it was.</summary>
    public bool TellsWhenRead => Statement.Receipts == true;

    internal AttributeId RecordId { get; }

    internal GivenRecord Record { get; }

    internal ShareStatement Statement { get; }

    public override string ToString() => $"share {Id}";
}

/// <summary>What another person shares with this one.</summary>
public sealed class HeldShare
{
    internal HeldShare(RelationshipItem relationship, AttributeId recordId, HeldRecord record, ShareStatement statement) =>
        (Relationship, RecordId, Record, Statement) = (relationship.State.Relationship, recordId, record, statement);

    public ShareId Id => Statement.Share;

    /// <summary>Of whom.</summary>
    public RelationshipId Relationship { get; }

    /// <summary>One of <see cref="ShareStates"/>.</summary>
    public string State => Statement.State;

    /// <summary>Ids of what is shared, in this relationship alone: the handles for an app's rules.</summary>
    public IReadOnlyList<AttributeId> Attributes => Statement.Attributes;

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
