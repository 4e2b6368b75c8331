using Keyladder.Client;
using Keyladder.Cryptography;
using Keyladder.Cryptography.Heads;
using Keyladder.Cryptography.Dids;
using Keyladder.Fuzz.Engine;
using Keyladder.Fuzz.Samples;
using Keyladder.Keys.Relationships;
using Keyladder.Keys.Vault;
using static Keyladder.Fuzz.Engine.PropertyException;

namespace Keyladder.Fuzz.Parsers;

/// <summary>What a person's own Vault keeps of a relationship (docs/spec/relationships.md section 9), once its envelopes open.</summary>
internal static class RelationshipRecordParsers
{
    private const string State = "vault/relationship";

    private static readonly AttributeId[] Ids = [new(Fixed.Uuid(71)), new(Fixed.Uuid(72)), new(Fixed.Uuid(73))];

    private static readonly RelationshipState Open = new(
        SampleRelationship.Id, SampleRelationship.Channel, [SampleRelationship.Own.Id], 1, SampleRelationship.Invitation.DangerousEncode(), InvitationLetter: Fixed.Uuid(74));

    private static readonly RelationshipState Established = new(
        SampleRelationship.Id, SampleRelationship.Channel, [SampleRelationship.Own.Id, SampleRelationship.Other.Id], 2, Blocked: true, Number: 7,
        Other: new OtherParty(SampleRelationship.Other.Did.ToString(), SampleRelationship.Other.SignBundle(SampleRelationship.Id, 1), Fixed.Origin, SampleRelationship.Channel, 7));

    private static readonly RelationshipState Accepted = Open with { Acceptance = Fixed.Bytes(90), Other = Established.Other };

    private static readonly EndedRecord Ended = new([SampleAccount.Sharing.Id, SampleRelationship.Own.Id], 1_700_000_000);

    private static readonly GivenRecord Given = new(
        SampleRelationship.Share, SampleVault.ItemId, SampleRelationship.Other.Sign(SampleRelationship.Given), [new(Ids[0], Ids[1])], 3, Ids[0], SampleAccount.Sharing.Id, 1, 2,
        [new SharedAttachment(SampleVault.Attachment.Id, SampleVault.Attachment.ToAttribute("picture").Value.ToArray())]);

    private static readonly HeldRecord Held = new(SampleRelationship.Other.Sign(SampleRelationship.Ended), 9, SampleAccount.Sharing.Id, 2, 2, Whole: true);

    // What a reader of JSON lets pass: null in a list.
    private static readonly byte[] WithoutAnId = Write(Given with { Ids = [null!] });

    private static readonly byte[] WithoutAnAttachment = Write(Given with { Attachments = [null!] });

    public static IReadOnlyList<Parser> All { get; } =
    [
        Records(
            "relationship-state", State, [Write(Open), Write(Accepted), Write(Established)],
            "RelationshipItem.Read", "RelationshipItem.Decode", "RelationshipRecordsJson.RelationshipState", "Inviting.Read"),
        Records("given-share", "vault/given-share", [Write(Given), Write(new GivenRecord(Given.Share, Given.Item, Given.Statement, [], 1)), WithoutAnId, WithoutAnAttachment], "RelationshipRecordsJson.GivenRecord", "Sharing.Read"),
        Records("held-share", "vault/held-share", [Write(Held), Write(new HeldRecord(Held.Statement, 1))], "RelationshipRecordsJson.HeldRecord", "Sharing.Read"),
        new("ended-keys", [Write(Ended), Write(new EndedRecord([]))], ReadEnded)
        {
            Covers = ["EndedKeys.Read", "RelationshipRecordsJson.EndedRecord"],
            Refusals = [typeof(IntegrityException)],
            BytesPerByte = 256,
            MoreBytes = 64 * 1024,
        },
    ];

    private static Parser Records(string name, string type, IReadOnlyList<byte[]> seeds, params IReadOnlyList<string> covers) => new(name, seeds, input => Read(type, input))
    {
        Covers = covers,
        Refusals = [typeof(IntegrityException)],
        BytesPerByte = 256,
        MoreBytes = 256 * 1024, // what says in what way it was refused
    };

    private static byte[] Write(RelationshipState state) => StrictJson.Write(state, RelationshipRecordsJson.Strict.RelationshipState);

    private static byte[] Write(GivenRecord record) => StrictJson.Write(record, RelationshipRecordsJson.Strict.GivenRecord);

    private static byte[] Write(EndedRecord record) => StrictJson.Write(record, RelationshipRecordsJson.Strict.EndedRecord);

    private static byte[] Write(HeldRecord record) => StrictJson.Write(record, RelationshipRecordsJson.Strict.HeldRecord);

    private static bool Read(string type, byte[] input)
    {
        var item = RelationshipItem.Read(Item(type, input));
        var again = RelationshipItem.Read(Item(item.ToDraft().Attributes));
        Require(item.ToDraft().Attributes.Select(Value).SequenceEqual(again.ToDraft().Attributes.Select(Value)), "Writing it again keeps it.");
        Require(item.State.Keys.Count > 0, "It has keys.");
        Require(item.Given.Values.All(given => given.Ids.All(id => id is not null)), "Each id is one.");
        _ = item.OtherKeys();
        Inviting.Read(item.State)?.Dispose();
        _ = Sharing.GivenIn(item).Select(share => share.Id).ToList();
        _ = Sharing.HeldIn(item).Select(share => (share.Id, share.IsAccepted)).ToList();
        return true;
    }

    private static bool ReadEnded(byte[] input)
    {
        var item = Item([new OpenedAttribute(Ids[0], ItemAttribute.Create("record", "vault/ended-keys", input))]);
        Require(EndedKeys.Is(item), "It is told from a relationship.");
        var ended = EndedKeys.Read(item);
        var again = EndedKeys.Read(Item(ended.With([SampleAccount.Sharing.Id], null).Attributes));
        Require(again.Keys.Contains(SampleAccount.Sharing.Id), "What has ended is kept.");
        return true;
    }

    private static string Value(OpenedAttribute attribute) => Convert.ToBase64String(attribute.Content.Value.Span);

    // The relationship, with the input as one of its records.
    private static OpenedItem Item(string type, byte[] input)
    {
        var record = new OpenedAttribute(Ids[1], ItemAttribute.Create("record", type, input));
        return type == State ? Item([record]) : Item([new OpenedAttribute(Ids[0], ItemAttribute.Create("state", State, Write(Established))), record]);
    }

    private static OpenedItem Item(IReadOnlyList<OpenedAttribute> attributes) => new(
        new VaultItem(
            SampleVault.ItemId,
            new StoredObject(ObjectName.Read(ObjectKind.Item, SampleVault.ItemId.Value), Hash256.Of([1]), 1, Fixed.Bytes(60)),
            new ItemOverview { Name = "Bob", Kind = RelationshipItem.Kind, Created = new(2026, 1, 2), Changed = new(2026, 1, 2), Attributes = [], Tags = [] }),
        attributes);
}
