using System.Text.Json.Serialization.Metadata;
using Keyladder.Cryptography;
using Keyladder.Cryptography.Dids;
using Keyladder.Keys.Relationships;
using Keyladder.Keys.Vault;

namespace Keyladder.Client;

/// <summary>
/// A relationship as an item of the person's own Vault holds it (docs/spec/relationships.md section 9); to be changed and written like any other
/// item, all of it by the program alone.
/// </summary>
internal sealed record RelationshipItem
{
    /// <summary>Kind of the items that are relationships; no list of items shows them.</summary>
    public const string Kind = "vault/relationship";

    /// <summary>Shares that there is room for, of both parties and also those that are over.</summary>
    public const int MaxShares = ItemOverview.MaxAttributes - 1;

    // Bytes that fit however they are padded, sealed and named.
    private const int MostOfRecord = 48 * 1024;

    private const string StateType = "vault/relationship";
    private const string GivenType = "vault/given-share";
    private const string HeldType = "vault/held-share";

    private readonly ItemDraft _draft;

    private RelationshipItem(ItemDraft draft, OpenedItem? @base, AttributeId stateId, RelationshipState state) =>
        (_draft, Base, StateId, State) = (draft, @base, stateId, state);

    /// <summary>As it was read; null for a new one.</summary>
    public OpenedItem? Base { get; }

    public AttributeId StateId { get; }

    public RelationshipState State { get; init; }

    /// <summary>What the person calls the other one.</summary>
    public string Name { get; init; } = "";

    /// <summary>By the ids of their attributes.</summary>
    public IReadOnlyDictionary<AttributeId, GivenRecord> Given { get; init; } = new Dictionary<AttributeId, GivenRecord>();

    /// <inheritdoc cref="Given"/>
    public IReadOnlyDictionary<AttributeId, HeldRecord> Held { get; init; } = new Dictionary<AttributeId, HeldRecord>();

    public ItemId Id => _draft.Id;

    /// <summary>
    /// What this account tells it apart by. Not by what both parties call it, which an inviter chooses: one that another relationship has would be refused, or taken for it,
    /// and tell the inviter that two names are one account.
    /// </summary>
    public RelationshipId LocalId => new(Id.Value);

    public static RelationshipItem New(string name, RelationshipState state) =>
        new(ItemDraft.New(name, Kind), null, AttributeId.Generate(), state) { Name = name };

    /// <exception cref="IntegrityException">No program of this project has written it.</exception>
    public static RelationshipItem Read(OpenedItem item)
    {
        (AttributeId, RelationshipState)? state = null;
        var (given, held) = (new Dictionary<AttributeId, GivenRecord>(), new Dictionary<AttributeId, HeldRecord>());
        foreach (var (id, content) in item.Attributes)
        {
            switch (content.Type)
            {
                case StateType:
                    state = (id, Decode(item, content, RelationshipRecordsJson.Strict.RelationshipState));
                    break;
                case GivenType:
                    var record = Decode(item, content, RelationshipRecordsJson.Strict.GivenRecord);
                    given.Add(id, IsWhole(record) ? record : throw Malformed(item));
                    break;
                case HeldType:
                    held.Add(id, Decode(item, content, RelationshipRecordsJson.Strict.HeldRecord));
                    break;
            }
        }

        return state is var (stateId, found) && IsWhole(found)
            ? new RelationshipItem(item.Edit(), item, stateId, found) { Name = item.Name, Given = given, Held = held }
            : throw Malformed(item);
    }

    // An invitation that is open, a party that is pinned, or both while an acceptance is on its way.
    private static bool IsWhole(RelationshipState state) =>
        state.Keys.Count > 0
        && state.Epoch >= 1
        && state.Number is null or >= 0
        && (state.Invitation is null) == (state.InvitationLetter is null)
        && (state.Other is not null || state.Invitation is not null)
        && (state.Acceptance is null || state is { Invitation: not null, Other: not null });

    // A reader of JSON lets null pass in a list.
    private static bool IsWhole(GivenRecord record) =>
        record.Ids.All(each => each is not null)
        && (record.Attachments ?? []).All(each => each is not null && Attachment.TryDecode(each.Value, out _));

    /// <summary>Whether an attribute is large enough for it.</summary>
    public static bool HasRoomFor(GivenRecord record) => StrictJson.Write(record, RelationshipRecordsJson.Strict.GivenRecord).Length <= MostOfRecord;

    /// <summary>What the item is to be.</summary>
    public ItemDraft ToDraft() => _draft with
    {
        Name = Name,
        Attributes =
        [
            new OpenedAttribute(StateId, Encode("state", StateType, State, RelationshipRecordsJson.Strict.RelationshipState)),
            .. Given.Select(each => new OpenedAttribute(each.Key, Encode("given", GivenType, each.Value, RelationshipRecordsJson.Strict.GivenRecord))),
            .. Held.Select(each => new OpenedAttribute(each.Key, Encode("held", HeldType, each.Value, RelationshipRecordsJson.Strict.HeldRecord))),
        ],
    };

    public RelationshipItem With(AttributeId id, GivenRecord record) => this with { Given = new Dictionary<AttributeId, GivenRecord>(Given) { [id] = record } };

    public RelationshipItem With(AttributeId id, HeldRecord record) => this with { Held = new Dictionary<AttributeId, HeldRecord>(Held) { [id] = record } };

    /// <summary>Without the shares of the person's own that are over.</summary>
    public RelationshipItem WithoutEnded() => this with
    {
        Given = Given.Where(each => each.Value.Key is not null).ToDictionary(),
        State = State with { Number = LastNumber },
    };

    /// <summary>The highest number that this party has signed in it; 0 for none.</summary>
    public long LastNumber => Sharing.GivenIn(this).Select(share => share.Statement.Number).Append(State.Number ?? 0).Max();

    /// <summary>The pinned keys of the other party; null while there is none.</summary>
    public KeyBundle? OtherKeys() => State.Other is not { } other
        ? null
        : Did.TryParse(other.Did, out var did) && KeyBundle.TryVerify(other.Bundle, did, out var keys) ? keys : throw Malformed(Base);

    public static IntegrityException Malformed(OpenedItem? item) =>
        new(Alarm.ObjectInvalid, $"{item}", $"What the Vault keeps of a relationship, {item}, is not as this program writes it.");

    private static T Decode<T>(OpenedItem item, ItemAttribute attribute, JsonTypeInfo<T> type)
        where T : class => StrictJson.TryRead(attribute.Value.Span, type, out var record) ? record : throw Malformed(item);

    private static ItemAttribute Encode<T>(string name, string attributeType, T record, JsonTypeInfo<T> type)
        where T : class => ItemAttribute.Create(name, attributeType, StrictJson.Write(record, type));
}
