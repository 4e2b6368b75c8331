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

    /// <summary>As this person's programs call it: the id of its item in their Vault. The other party never hears of it.</summary>
    public RelationshipId Id => Item.LocalId;

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

/// <summary>An invitation, just made.</summary>
/// <param name="Relationship">What it will be.</param>
/// <param name="DangerousLink">To be handed over; secret. Its fragment, behind the <c>#</c>, goes to no server.</param>
public sealed record MadeInvitation(Relationship Relationship, Uri DangerousLink)
{
    /// <summary>Without the link.</summary>
    public override string ToString() => $"invitation to {Relationship}";
}
