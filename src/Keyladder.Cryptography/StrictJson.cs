using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Keyladder.Cryptography;

/// <summary>JSON as docs/spec/README.md has it, for payloads that are signed or sealed.</summary>
public static class StrictJson
{
    /// <summary>
    /// New options for the constructor of a source-generated context: camel-case names, no duplicate or unknown members, no comments,
    /// depth 16, byte strings as <c>b64u</c>, absent members for null.
    /// </summary>
    public static JsonSerializerOptions CreateOptions() => new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        PropertyNameCaseInsensitive = false,
        NumberHandling = JsonNumberHandling.Strict,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        AllowDuplicateProperties = false,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        ReadCommentHandling = JsonCommentHandling.Disallow,
        MaxDepth = 16,
        Converters = { new Base64UrlJsonConverter(), new IntegerJsonConverter() },
    };

    /// <param name="type">From a context that was built with <see cref="CreateOptions"/>.</param>
    /// <returns>False for anything that is not exactly one value of the type, <c>null</c> included.</returns>
    public static bool TryRead<T>(ReadOnlySpan<byte> utf8, JsonTypeInfo<T> type, [NotNullWhen(true)] out T? value)
        where T : class
    {
        value = null;
        try
        {
            value = JsonSerializer.Deserialize(utf8, type);
        }
        catch (JsonException)
        {
            // The exception quotes the payload; a caller has one answer to all malformed input.
        }

        return value is not null;
    }

    /// <summary>Reads what has no type here: no duplicate members, no comments, depth 16, every name and string whole Unicode.</summary>
    /// <returns>False for anything that is not exactly one value like that.</returns>
    public static bool TryParse(ReadOnlySpan<byte> utf8, out JsonElement element)
    {
        try
        {
            element = JsonElement.Parse(utf8, new JsonDocumentOptions { AllowDuplicateProperties = false, MaxDepth = 16 });
            RequireText(element);
            return true;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // The framework leaves half a character where it is until the string is asked for, and throws then.
            element = default;
            return false;
        }
    }

    /// <summary>UTF-8, no more escapes than JSON asks for.</summary>
    public static byte[] Write<T>(T value, JsonTypeInfo<T> type)
        where T : class => JsonSerializer.SerializeToUtf8Bytes(value, type);

    private static void RequireText(JsonElement element)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.String:
                _ = element.GetString();
                break;
            case JsonValueKind.Array:
                foreach (var entry in element.EnumerateArray())
                    RequireText(entry);
                break;
            case JsonValueKind.Object:
                foreach (var member in element.EnumerateObject())
                {
                    _ = member.Name;
                    RequireText(member.Value);
                }

                break;
        }
    }

    private sealed class Base64UrlJsonConverter : JsonConverter<byte[]>
    {
        public override byte[] Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            reader.TokenType == JsonTokenType.String && Base64UrlText.TryDecode(reader.GetString(), out var bytes)
                ? bytes
                : throw new JsonException("A byte string must be base64url without padding.");

        public override void Write(Utf8JsonWriter writer, byte[] value, JsonSerializerOptions options) =>
            writer.WriteStringValue(Base64UrlText.Encode(value));
    }

    /// <summary>Integers in digits alone and below 2^53: what every JSON reader takes for the same number.</summary>
    private sealed class IntegerJsonConverter : JsonConverter<long>
    {
        private const long Limit = 1L << 53;

        // The framework takes "-0". Leading zeros are no JSON; fractions and exponents are no Int64.
        public override long Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            reader.TokenType == JsonTokenType.Number && !reader.ValueSpan.StartsWith("-"u8) && reader.TryGetInt64(out var number) && number < Limit
                ? number
                : throw new JsonException("An integer must be written in digits alone and be below 2^53.");

        public override void Write(Utf8JsonWriter writer, long value, JsonSerializerOptions options) =>
            writer.WriteNumberValue(value is >= 0 and < Limit ? value : throw new JsonException("An integer must be below 2^53 and not negative."));
    }
}
