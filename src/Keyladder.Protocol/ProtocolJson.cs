using System.Buffers;
using System.Buffers.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Keyladder.Protocol.Keystore;
using Keyladder.Protocol.PassphraseStore;
using Keyladder.Protocol.Vault;

namespace Keyladder.Protocol;

/// <summary>JSON as docs/spec/README.md has it: no duplicate or unknown members, no other form of an id, an integer or a byte string.</summary>
[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web,
    PropertyNameCaseInsensitive = false,
    NumberHandling = JsonNumberHandling.Strict,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    AllowDuplicateProperties = false,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    MaxDepth = 16,
    Converters = [typeof(Base64UrlConverter), typeof(UuidConverter), typeof(IntegerConverter)])]
[JsonSerializable(typeof(NonceResponse))]
[JsonSerializable(typeof(SignUpRequest))]
[JsonSerializable(typeof(SignInRequest))]
[JsonSerializable(typeof(SignInResponse))]
[JsonSerializable(typeof(SessionsResponse))]
[JsonSerializable(typeof(AccountResponse))]
[JsonSerializable(typeof(DeleteAccountRequest))]
[JsonSerializable(typeof(DeleteAccountResponse))]
[JsonSerializable(typeof(AccountDataResponse))]
[JsonSerializable(typeof(AccountExportMessage))]
[JsonSerializable(typeof(ChangeSlotsRequest))]
[JsonSerializable(typeof(FetchKeysRequest))]
[JsonSerializable(typeof(KeysResponse))]
[JsonSerializable(typeof(ChangesResponse))]
[JsonSerializable(typeof(AuditResponse))]
[JsonSerializable(typeof(WriteRequest))]
[JsonSerializable(typeof(WriteResponse))]
[JsonSerializable(typeof(VaultSignUpRequest))]
[JsonSerializable(typeof(ObjectChangesResponse))]
[JsonSerializable(typeof(FetchObjectsRequest))]
[JsonSerializable(typeof(ObjectsResponse))]
[JsonSerializable(typeof(VersionsResponse))]
[JsonSerializable(typeof(AttachmentPartResponse))]
[JsonSerializable(typeof(ObjectWriteRequest))]
[JsonSerializable(typeof(ObjectWriteResponse))]
[JsonSerializable(typeof(ReceivedLettersResponse))]
[JsonSerializable(typeof(LettersResponse))]
[JsonSerializable(typeof(LeaveLetterRequest))]
[JsonSerializable(typeof(VaultExportMessage))]
[JsonSerializable(typeof(PutWitnessRequest))]
[JsonSerializable(typeof(WitnessResponse))]
[JsonSerializable(typeof(ProblemMessage))]
[JsonSerializable(typeof(SendCodeRequest))]
[JsonSerializable(typeof(EvaluateRequest))]
[JsonSerializable(typeof(EvaluateResponse))]
[JsonSerializable(typeof(CreateRecordRequest))]
[JsonSerializable(typeof(AttemptRequest))]
[JsonSerializable(typeof(AttemptResponse))]
[JsonSerializable(typeof(ReplaceRecordRequest))]
[JsonSerializable(typeof(ReplaceRecordResponse))]
[JsonSerializable(typeof(ReleaseRequest))]
[JsonSerializable(typeof(ReleaseResponse))]
[JsonSerializable(typeof(PutRecoveryDeviceRequest))]
[JsonSerializable(typeof(RecoveryEventsResponse))]
[JsonSerializable(typeof(CreateGuardianRecordRequest))]
[JsonSerializable(typeof(GuardianAttemptRequest))]
[JsonSerializable(typeof(GuardianEvaluationResponse))]
[JsonSerializable(typeof(GuardianReleaseResponse))]
public sealed partial class ProtocolJson : JsonSerializerContext
{
    /// <summary>Makes other options write and describe these records as this context does.</summary>
    public static void Configure(JsonSerializerOptions options)
    {
        foreach (var converter in Default.Options.Converters)
            options.Converters.Add(converter);
        options.DefaultIgnoreCondition = Default.Options.DefaultIgnoreCondition;
        options.NumberHandling = Default.Options.NumberHandling;
        options.MaxDepth = Default.Options.MaxDepth;
        options.TypeInfoResolver = Default;
    }
}

/// <summary>Byte strings as base64url without padding; one text per value.</summary>
public sealed class Base64UrlConverter : JsonConverter<byte[]>
{
    public override byte[] Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var text = reader.TokenType == JsonTokenType.String ? reader.GetString()! : throw new JsonException("A byte string must be a JSON string.");
        try
        {
            var bytes = Base64Url.DecodeFromChars(text);
            if (Base64Url.EncodeToString(bytes) == text)
                return bytes;
        }
        catch (FormatException)
        {
            // Said below: the framework's text would quote the value.
        }

        throw new JsonException("A byte string must be base64url without padding.");
    }

    public override void Write(Utf8JsonWriter writer, byte[] value, JsonSerializerOptions options) =>
        writer.WriteStringValue(Base64Url.EncodeToString(value));
}

/// <summary>Ids as version-4 UUIDs in lower case with hyphens; one text per value.</summary>
public sealed class UuidConverter : JsonConverter<Guid>
{
    public override Guid Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType == JsonTokenType.String && TryParse(reader.GetString()!, out var id))
            return id;
        throw new JsonException("An id must be a version-4 UUID in lower case.");
    }

    public override void Write(Utf8JsonWriter writer, Guid value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToString("D"));

    /// <summary>The one text form of an id, as in bodies so in paths.</summary>
    public static bool TryParse(string text, out Guid id) =>
        Guid.TryParseExact(text, "D", out id) && id.ToString("D") == text && id.Version == 4 && (id.Variant & 0xC) == 8;
}

/// <summary>Integers in digits alone and below 2^53: what every JSON reader takes for the same number.</summary>
public sealed class IntegerConverter : JsonConverter<long>
{
    private const long Limit = 1L << 53;

    // The framework takes "-0". Leading zeros are no JSON; fractions and exponents are no Int64.
    public override long Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.Number && !HasSign(in reader) && reader.TryGetInt64(out var number) && number < Limit
            ? number
            : throw new JsonException("An integer must be written in digits alone and be below 2^53.");

    // What is sent was checked where it was made, and is checked again where it is read.
    public override void Write(Utf8JsonWriter writer, long value, JsonSerializerOptions options) => writer.WriteNumberValue(value);

    // A body that came in pieces may have a number in two of them.
    private static bool HasSign(in Utf8JsonReader reader) =>
        reader.HasValueSequence ? reader.ValueSequence.PositionOf((byte)'-') is not null : reader.ValueSpan.StartsWith("-"u8);
}
