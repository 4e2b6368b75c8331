using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Keyladder.Cryptography;
using Keyladder.Cryptography.Heads;
using Keyladder.Fuzz.Engine;
using Keyladder.Fuzz.Samples;
using Keyladder.Protocol;
using Keyladder.Protocol.Keystore;
using Keyladder.Protocol.PassphraseStore;
using Keyladder.Protocol.Vault;
using static Keyladder.Fuzz.Engine.PropertyException;

namespace Keyladder.Fuzz.Parsers;

/// <summary>Every message of the protocol as JSON: what a client reads of a service, and a service of a client.</summary>
internal static class MessageParsers
{
    public static AccountResponse Account { get; } = new(
        SampleAccount.SlotMessage,
        SampleAccount.Keys[0],
        SampleAccount.Heads[13].Jws,
        [.. SampleAccount.Chain(13, 5).Select(head => head.Jws)],
        SampleAccount.Proof(13, SampleAccount.Identity.Id),
        [new(14, 1_769_997_600_000, AuditEventKinds.SignedIn, Fixed.Uuid(2), Fixed.Uuid(3)), new(15, 1_769_997_600_000, AuditEventKinds.SessionEnded, Fixed.Uuid(2), Fixed.Uuid(2))]);

    public static AuditResponse Audit { get; } = new(
        new byte[32],
        [.. Enumerable.Range(1, 13).Select(number => new AuditEventMessage(number, 1_769_997_600_000, AuditEventKinds.KeyAdded, Fixed.Uuid(2), Fixed.Uuid(60 + number), number))]);

    public static KeysResponse Keys { get; } = new(
        [.. SampleAccount.Keys.Take(3)],
        Account.Head,
        Account.Chain,
        SampleAccount.Proof(13, SampleAccount.Keys.Take(3).Select(key => new KeyId(key.Id))),
        Account.Events);

    public static ChangesResponse Changes { get; } = new(
        [.. SampleAccount.Keys.Skip(5).Select(key => new ChangeMessage(key.Id, null, SampleAccount.Leaf(key).ToArray()))],
        [.. SampleAccount.Keys.Skip(5)],
        Account.Head,
        Account.Chain,
        SampleAccount.Proof(13, SampleAccount.Keys.Skip(5).Select(key => new KeyId(key.Id))));

    public static WriteRequest Write { get; } = new(
        SampleAccount.Heads[6].Jws,
        [new(SampleAccount.Keys[1], SampleAccount.Leaf(SampleAccount.Keys[1]).ToArray()), new(SampleAccount.Keys[2])],
        [new(Fixed.Uuid(60), Fixed.Bytes(32))]);

    public static SignUpRequest SignUp { get; } = new(
        SampleAccount.Account.Value, "e30.e30.e30", SampleAccount.SlotMessage with { Locator = SampleAccount.Locator }, [SampleAccount.Keys[0]], SampleAccount.Heads[1].Jws);

    public static ChangeSlotsRequest ChangeSlots { get; } =
        new(SampleAccount.Heads[6].Jws, "e30.e30.e30", SampleAccount.SlotMessage with { Locator = SampleAccount.Locator }, Fixed.Uuid(61));

    public static DeleteAccountRequest DeleteAccount { get; } = new("e30.e30.e30", "e30.e30.e30");

    public static DeleteAccountResponse Deleted { get; } = new("2026-01-02", [new("heads", 13), new("tombstones", 0)]);

    public static AccountDataResponse Data { get; } = new("heads", [new() { ["account_id"] = "x", ["number"] = "1" }, new()], new("heads", 500));

    public static FetchKeysRequest Fetch { get; } = new([.. SampleAccount.Keys.Select(key => key.Id)], 5);

    public static ObjectMessage Object { get; } = new(
        SampleVault.AttributeId.Value, ObjectKind.Attribute, SampleVault.Dek.VaultName!.Value.ToArray(), 2, Fixed.Bytes(201), Fixed.Uuid(28));

    public static ObjectChangeMessage ObjectChange { get; } = new(ObjectKind.Item, SampleVault.ItemId.Value, null, Fixed.Bytes(32));

    public static ObjectWriteRequest WriteOfLetters { get; } = new(
        "e30.e30.e30",
        [],
        [],
        [new(Fixed.Uuid(70), Fixed.Bytes(32)), new(Fixed.Uuid(72))],
        [new(Fixed.Uuid(70), Fixed.Uuid(74), Fixed.Bytes(201)), new(Fixed.Uuid(70), Fixed.Uuid(75))],
        [Fixed.Uuid(71)]);

    public static ProblemMessage Conflict { get; } =
        new(
            ProblemTypes.HeadConflict,
            "Another head came first.",
            409,
            Head: Account.Head,
            Chain: Account.Chain,
            Keys: Keys.Keys,
            Proof: Keys.Proof,
            Events: Account.Events);

    private static readonly RecordMessage Record = new(
        Fixed.Bytes(114, 1), Fixed.Bytes(201, 1), Fixed.Bytes(201, 1), Fixed.Bytes(585, 1), Fixed.Bytes(32), Fixed.Uuid(81), Fixed.Bytes(32));

    public static IReadOnlyList<Parser> All { get; } =
    [
        Of(ProtocolJson.Default.NonceResponse, new NonceResponse("AQ", 1_770_000_000_000)),
        Of(ProtocolJson.Default.SignInRequest, new SignInRequest("e30.e30.e30")),
        Of(ProtocolJson.Default.SignInResponse, new SignInResponse(Fixed.KeyId.ToString(), Fixed.Bytes(32), 1_770_000_000_000), new SignInResponse(Fixed.KeyId.ToString(), Fixed.Bytes(32), 1_770_000_000_000, Restored: 3)),
        Of(ProtocolJson.Default.SessionsResponse, new SessionsResponse([new(Fixed.Uuid(2), Fixed.Uuid(3), "2026-01-02", 1_770_000_000_000, true)])),
        Of(ProtocolJson.Default.AccountResponse, Account),
        Of(ProtocolJson.Default.KeysResponse, Keys),
        Of(ProtocolJson.Default.ChangesResponse, Changes),
        Of(ProtocolJson.Default.AuditResponse, Audit),
        Of(ProtocolJson.Default.WriteResponse, new WriteResponse(14)),
        Of(ProtocolJson.Default.WriteRequest, Write),
        Of(ProtocolJson.Default.SignUpRequest, SignUp),
        Of(ProtocolJson.Default.ChangeSlotsRequest, ChangeSlots),
        Of(ProtocolJson.Default.DeleteAccountRequest, DeleteAccount),
        Of(ProtocolJson.Default.DeleteAccountResponse, Deleted),
        Of(ProtocolJson.Default.AccountDataResponse, Data),
        Of(ProtocolJson.Default.FetchKeysRequest, Fetch),
        Of(ProtocolJson.Default.VaultSignUpRequest, new VaultSignUpRequest(SampleVault.Service.Account.Value, "e30.e30.e30", new(Fixed.Uuid(29), Fixed.Bytes(32)), "e30.e30.e30", Fixed.Bytes(20), "e30.e30.e30")),
        Of(ProtocolJson.Default.FetchObjectsRequest, new FetchObjectsRequest([new(ObjectKind.Item, SampleVault.ItemId.Value)], 5)),
        Of(ProtocolJson.Default.ObjectsResponse, new ObjectsResponse([Object], "e30.e30.e30", ["e30.e30.e30"], Keys.Proof, Account.Events)),
        Of(ProtocolJson.Default.ObjectChangesResponse, new ObjectChangesResponse([ObjectChange], [Object with { Attachment = null }], "e30.e30.e30", [], Keys.Proof, Account.Events)),
        Of(ProtocolJson.Default.VersionsResponse, new VersionsResponse([Object])),
        Of(ProtocolJson.Default.AttachmentPartResponse, new AttachmentPartResponse(4_194_304, false), new AttachmentPartResponse(57, true)),
        Of(ProtocolJson.Default.PutWitnessRequest, new PutWitnessRequest(5, Fixed.Bytes(585, 1))),
        Of(ProtocolJson.Default.WitnessResponse, new WitnessResponse(5, Fixed.Bytes(585, 1)), new WitnessResponse(0)),
        Of(ProtocolJson.Default.ObjectWriteRequest, new ObjectWriteRequest("e30.e30.e30", [new(Object, Fixed.Bytes(32)), new(Object)], [new(ObjectKind.Item, SampleVault.ItemId.Value, Fixed.Bytes(32))]), WriteOfLetters),
        Of(ProtocolJson.Default.ReceivedLettersResponse, new ReceivedLettersResponse([new(Fixed.Uuid(70), Fixed.Uuid(71), 5, Fixed.Bytes(201)), new(Fixed.Uuid(72), Fixed.Uuid(73), 6, Fixed.Bytes(9))])),
        Of(ProtocolJson.Default.LettersResponse, new LettersResponse([new(Fixed.Uuid(74), 5, Fixed.Bytes(201)), new(Fixed.Uuid(75), 9, Fixed.Bytes(9))])),
        Of(ProtocolJson.Default.LeaveLetterRequest, new LeaveLetterRequest(Fixed.Uuid(71), Fixed.Bytes(201))),
        Of(ProtocolJson.Default.ObjectWriteResponse, new ObjectWriteResponse(14, Account.Events)),
        Of(ProtocolJson.Default.SendCodeRequest, new SendCodeRequest("alice@example.org", CodePurposes.Reset)),
        Of(ProtocolJson.Default.EvaluateRequest, new EvaluateRequest(Fixed.Bytes(32))),
        Of(ProtocolJson.Default.EvaluateResponse, new EvaluateResponse(Fixed.Bytes(32), Fixed.Bytes(114, 1), Fixed.Bytes(32), "https://keys.example.org")),
        Of(ProtocolJson.Default.CreateRecordRequest, new CreateRecordRequest("alice@example.org", "01234567", Fixed.Bytes(32), Record)),
        Of(ProtocolJson.Default.AttemptRequest, new AttemptRequest("alice@example.org", Fixed.Bytes(32))),
        Of(ProtocolJson.Default.AttemptResponse, new AttemptResponse(Fixed.Uuid(80), Fixed.Bytes(32), Fixed.Bytes(201, 1), Fixed.Bytes(585, 1), "https://keys.example.org", Fixed.Uuid(81), 2)),
        Of(ProtocolJson.Default.ReplaceRecordRequest, new ReplaceRecordRequest(1, Record)),
        Of(ProtocolJson.Default.ReplaceRecordResponse, new ReplaceRecordResponse(2)),
        Of(ProtocolJson.Default.ReleaseRequest, new ReleaseRequest("alice@example.org", "01234567")),
        Of(ProtocolJson.Default.ReleaseResponse, new ReleaseResponse(Fixed.Uuid(80), Fixed.Bytes(32), Fixed.Bytes(201, 1), Fixed.Bytes(585, 1), "https://keys.example.org", Fixed.Uuid(81), 2)),
        Of(ProtocolJson.Default.PutRecoveryDeviceRequest, new PutRecoveryDeviceRequest(Fixed.Bytes(32))),
        Of(ProtocolJson.Default.RecoveryEventsResponse, new RecoveryEventsResponse([new(1, 1_770_000_000_000, RecoveryEventKinds.Registered)])),
        Of(ProtocolJson.Default.CreateGuardianRecordRequest, new CreateGuardianRecordRequest(Fixed.Bytes(32), Fixed.Bytes(32), Fixed.Bytes(32), Fixed.Bytes(32), Fixed.Bytes(32))),
        Of(ProtocolJson.Default.GuardianAttemptRequest, new GuardianAttemptRequest(Fixed.Uuid(81), Fixed.Bytes(32))),
        Of(ProtocolJson.Default.GuardianEvaluationResponse, new GuardianEvaluationResponse(Fixed.Bytes(32))),
        Of(ProtocolJson.Default.GuardianReleaseResponse, new GuardianReleaseResponse(Fixed.Bytes(32))),
        Of(ProtocolJson.Default.ProblemMessage, Conflict, new ProblemMessage(ProblemTypes.ClockSkew, "", 401, "x", 1_770_000_000_000)),
    ];

    private static Parser Of<T>(JsonTypeInfo<T> type, params T[] samples)
        where T : class => new("json-" + Dashed(typeof(T).Name), [.. samples.Select(sample => JsonSerializer.SerializeToUtf8Bytes(sample, type))], input => Read(input, type))
        {
            Covers = ["StrictJson.TryRead", "Base64UrlConverter.Read", "UuidConverter.Read", "IntegerConverter.Read", $"ProtocolJson.{typeof(T).Name}"],
        };

    private static bool Read<T>(byte[] input, JsonTypeInfo<T> type)
        where T : class
    {
        if (!StrictJson.TryRead(input, type, out var message))
            return false;
        var written = StrictJson.Write(message, type);
        Require(StrictJson.TryRead(written, type, out var again), "What is written is read.");
        Require(StrictJson.Write(again!, type).AsSpan().SequenceEqual(written), "Writing it again keeps it.");
        return true;
    }

    public static string Dashed(string name) =>
        string.Concat(name.Select((letter, index) => (index > 0 && char.IsAsciiLetterUpper(letter) ? "-" : "") + char.ToLowerInvariant(letter)));
}
