namespace Keyladder.Cli.Agent;

/// <summary>All relationships, or one; what the others have left is fetched first.</summary>
/// <param name="Relationship">An id, the start of one, or a name; null for all.</param>
internal sealed record ListRelationships(string? Relationship = null) : AgentRequest;

/// <param name="Wait">Seconds that the Vault waits for a letter where there is none.</param>
internal sealed record SyncRelationships(int Wait) : AgentRequest;

/// <summary>The link follows as data, UTF-8.</summary>
internal sealed record Invite(string Name, TimeSpan ValidFor) : AgentRequest;

/// <summary>The link follows as data, UTF-8.</summary>
internal sealed record AcceptInvitation(string Name) : AgentRequest;

internal sealed record RenameRelationship(string Relationship, string Name) : AgentRequest;

/// <param name="IsBlocked">What it is to be.</param>
internal sealed record BlockRelationship(string Relationship, bool IsBlocked) : AgentRequest;

internal sealed record ChangeRelationshipKeys(string Relationship) : AgentRequest;

internal sealed record EndRelationship(string Relationship) : AgentRequest;

/// <param name="With">Relationships, by id, the start of one, or name.</param>
/// <param name="Item">Likewise.</param>
/// <param name="Attribute">Name of the one to share; null for all.</param>
/// <param name="Until">The last day; null for no end.</param>
/// <param name="Receipt">Whether the holder's program tells when it is opened.</param>
internal sealed record GiveShare(string[] With, string Item, string? Attribute, string? Terms, DateOnly? Until, bool Receipt) : AgentRequest;

/// <summary>What is given and what is held; what the others have left is fetched first.</summary>
internal sealed record ListShares : AgentRequest;

/// <summary>What a share says of itself. Where its terms are still to be accepted, what the others have left is fetched first.</summary>
/// <param name="Share">An id, or the start of one.</param>
/// <param name="IsFetched">Whether it is in any case.</param>
internal sealed record DescribeShare(string Share, bool IsFetched = false) : AgentRequest;

/// <summary>What is shared follows as data, JSON, as for <see cref="ShowItem"/>.</summary>
internal sealed record ShowShare(string Share) : AgentRequest;

/// <summary>The content follows as data.</summary>
/// <param name="Name">Of the attribute.</param>
internal sealed record ReadSharedAttachment(string Share, string Name) : AgentRequest;

/// <param name="Terms">As the person has read them.</param>
internal sealed record AcceptTerms(string Share, string Terms) : AgentRequest;

/// <param name="Shares">By id, or the start of one; none for all of which something has changed since.</param>
internal sealed record UpdateShares(string[] Shares) : AgentRequest;

/// <param name="Shares">By id, or the start of one.</param>
internal sealed record RevokeShares(string[] Shares) : AgentRequest;

/// <summary>Ends those whose last day is over.</summary>
internal sealed record EndExpiredShares : AgentRequest;

/// <param name="InvitationExpires">Null unless somebody is invited.</param>
internal sealed record RelationshipLine(string Id, string Name, string Status, string Did, string? OtherDid, string? SafetyWords, DateTimeOffset? InvitationExpires);

/// <param name="With">Name of the relationship.</param>
/// <param name="Name">Of the item; null where it is there no more.</param>
/// <param name="Attribute">Name of the one that is shared; null for all of the item, or where it is there no more.</param>
/// <param name="IsWhole">Whether all of the item is shared.</param>
/// <param name="Changed">Whether what is shared has changed since.</param>
/// <param name="Receipt">Whether the holder's program tells when it is opened.</param>
internal sealed record GivenLine(
    string Id, string Relationship, string With, string Item, string? Name, string? Attribute, bool IsWhole, string State, string? Terms, DateOnly? Until, bool Receipt,
    bool Changed, bool Accepted, bool Read);

/// <param name="From">Name of the relationship.</param>
/// <param name="Name">Of the item; null for an attribute alone, and as long as it is not known or may not be opened.</param>
/// <param name="Attribute">Name of the attribute that is shared alone, likewise; null for an item.</param>
/// <param name="Attributes">Their ids, in this relationship alone.</param>
/// <param name="Accepted">Whether the person has accepted the terms; true where there are none.</param>
/// <param name="Receipt">Whether the other one is told when it is opened.</param>
internal sealed record HeldLine(
    string Id, string Relationship, string From, string? Name, string? Attribute, string[] Attributes, bool IsWhole, string State, string? Terms, bool Accepted, DateOnly? Until, bool Receipt);

/// <summary>What a share shows, but for the attributes.</summary>
/// <param name="Name">Of the item; null for an attribute alone.</param>
/// <param name="Kind">Likewise.</param>
internal sealed record SharedLine(HeldLine Share, string? Name, string? Kind);

/// <summary>What others have sent, and what became of it.</summary>
/// <param name="Refused">Why a letter was, a text for each.</param>
/// <param name="Unreachable">Relationships whose other Vault does not answer.</param>
/// <param name="Shut">Relationships whose other Vault lets this person in no more.</param>
internal sealed record NewsLine(
    PersonLine[] Established, KeyChangeLine[] Changed, HeldLine[] Shares, ShareEventLine[] Events, string[] Refused, PersonLine[] Unreachable, PersonLine[] Shut);

/// <param name="Relationship">Its id.</param>
internal sealed record PersonLine(string Relationship, string Name);

/// <param name="Next">The DID that the other one has now.</param>
/// <param name="Jws">As the one of before has signed it.</param>
internal sealed record KeyChangeLine(string Relationship, string Name, string Next, string Jws);

/// <param name="Attribute">Its id, in this relationship alone.</param>
/// <param name="Jws">As it was signed.</param>
internal sealed record ShareEventLine(string Relationship, string Name, string Event, string Attribute, long Number, string Jws);
