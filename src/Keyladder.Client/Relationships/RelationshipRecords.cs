using System.Text.Json.Serialization;
using Keyladder.Cryptography;
using Keyladder.Cryptography.Signing;
using Keyladder.Keys.Relationships;
using Keyladder.Keys.Vault;

namespace Keyladder.Client;

// What the person's own Vault keeps of a relationship: an item of its own, with an attribute for the relationship and one for each share
// (docs/spec/relationships.md section 9). None of it is anybody else's business, and no service reads it.

/// <param name="Relationship">As both parties call it.</param>
/// <param name="Channel">At this person's Vault.</param>
/// <param name="Keys">Of the Keystore, the present one first; those before it open what was sealed to them.</param>
/// <param name="Epoch">Of the present key.</param>
/// <param name="Invitation">Until the relationship is established; secret.</param>
/// <param name="Acceptance">Of who accepted: the sealed letter, until it is confirmed. Sent again it is the very same.</param>
/// <param name="InvitationLetter">Id of the letter with the inviter's keys, or with the acceptance; until the relationship is established.</param>
/// <param name="Other">The other party, pinned; null while nobody has accepted.</param>
/// <param name="Blocked">Whether this person hears nothing more from the other one.</param>
/// <param name="Number">The highest number of a statement about a share that is kept no more; null where none was dropped.</param>
internal sealed record RelationshipState(
    RelationshipId Relationship,
    ChannelId Channel,
    IReadOnlyList<KeyId> Keys,
    long Epoch,
    byte[]? Invitation = null,
    byte[]? Acceptance = null,
    Guid? InvitationLetter = null,
    OtherParty? Other = null,
    bool? Blocked = null,
    long? Number = null);

/// <param name="Did">The pairwise DID that is pinned.</param>
/// <param name="Bundle">Its keys, as JWS.</param>
/// <param name="Origin">Of the other party's Vault.</param>
/// <param name="Channel">There.</param>
/// <param name="After">Number of the last letter that was read there.</param>
internal sealed record OtherParty(string Did, string Bundle, Origin Origin, ChannelId Channel, long After = 0);

/// <param name="Share">As both parties call it.</param>
/// <param name="Item">What was shared.</param>
/// <param name="Statement">The last one, as JWS.</param>
/// <param name="Ids">Of attributes: what each is called in the relationship, in the order of the copy.</param>
/// <param name="Revision">Of the item, when the copy was made.</param>
/// <param name="Attribute">Of the item; null for all of it.</param>
/// <param name="Key">The sharing DEK at the Keystore; null once it is destroyed.</param>
/// <param name="Accepted">Number of the statement that the holder has accepted the terms of.</param>
/// <param name="Read">Number of the statement that the holder has opened the copy of.</param>
/// <param name="Attachments">Those of the copy; null for none.</param>
/// <param name="Name">Of the item, as the copy has it; null for an attribute alone.</param>
/// <param name="Kind">Likewise.</param>
internal sealed record GivenRecord(
    ShareId Share,
    ItemId Item,
    string Statement,
    IReadOnlyList<SharedId> Ids,
    long Revision,
    AttributeId? Attribute = null,
    KeyId? Key = null,
    long? Accepted = null,
    long? Read = null,
    IReadOnlyList<SharedAttachment>? Attachments = null,
    string? Name = null,
    string? Kind = null)
{
    /// <summary>Whether the copy still has what it would be made of: tags, the trash and attributes that it does not have are no part of it.</summary>
    public bool Shows(VaultItem item)
    {
        if (Ids.Any(id => id.Revision is null)) // written before revisions were
            return Revision == item.Revision;
        var made = from entry in item.Overview.Attributes
                   where entry.Removed is null && (Attribute is null || entry.Id == Attribute)
                   select (entry.Id, (long?)entry.Revision);
        return made.SequenceEqual(Ids.Select(id => (id.Own, id.Revision))) && (Attribute is not null || (item.Name, item.Kind) == (Name, Kind));
    }
}

/// <param name="Own">The account's attachment that it was sealed from.</param>
/// <param name="Value">Of the attribute that the copy holds.</param>
internal sealed record SharedAttachment(AttachmentId Own, byte[] Value)
{
    /// <exception cref="InvalidOperationException">It is none, which <see cref="RelationshipItem.Read"/> refuses.</exception>
    public Attachment Read() => Attachment.TryDecode(Value, out var attachment) ? attachment : throw new InvalidOperationException();
}

/// <param name="Own">In the person's Vault.</param>
/// <param name="Shared">In the relationship.</param>
/// <param name="Revision">Of the person's own, when the copy was made; null where a program from before has written it.</param>
internal sealed record SharedId(AttributeId Own, AttributeId Shared, long? Revision = null);

/// <param name="Statement">The last one, as JWS.</param>
/// <param name="Letter">Number of the letter that it came in.</param>
/// <param name="Key">The sharing DEK at the Keystore, under an id of this account; null for what is no share any more.</param>
/// <param name="Accepted">Number of the statement whose terms the person has accepted.</param>
/// <param name="Read">Number of the statement of which the sharer was told that its copy was opened.</param>
/// <param name="Whole">Whether the copy is of a whole item; null for an attribute alone.</param>
/// <param name="Name">Of the item, or of the attribute alone, in the copy; null where that has not been opened yet and has terms, or tells when it is.</param>
internal sealed record HeldRecord(
    string Statement, long Letter, KeyId? Key = null, long? Accepted = null, long? Read = null, bool? Whole = null, string? Name = null)
{
    public static string NameOf(SharedContent content) => content.Name ?? content.Attributes[0].Content.Name;
}

/// <param name="Keys">Of relationships and shares that are over, the oldest first.</param>
/// <param name="Restored">Number of the Vault's restore after which channels were made what they must be; null for none.</param>
internal sealed record EndedRecord(IReadOnlyList<KeyId> Keys, long? Restored = null);

[JsonSerializable(typeof(EndedRecord))]
[JsonSerializable(typeof(RelationshipState))]
[JsonSerializable(typeof(GivenRecord))]
[JsonSerializable(typeof(HeldRecord))]
internal sealed partial class RelationshipRecordsJson : JsonSerializerContext
{
    public static RelationshipRecordsJson Strict { get; } = new(StrictJson.CreateOptions());
}
