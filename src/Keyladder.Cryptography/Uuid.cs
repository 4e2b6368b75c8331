using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Keyladder.Cryptography;

/// <summary>What every id type is: a random version-4 UUID under a name of its own, so that no id can stand for another.</summary>
public interface IUuid<TSelf>
    where TSelf : struct, IUuid<TSelf>
{
    Guid Value { get; }

    static abstract TSelf From(Guid value);
}

/// <summary>The one way to make and the one way to read the ids of docs/spec/README.md: version 4, lower case, hyphens.</summary>
internal static class Uuid
{
    public static TId Generate<TId>()
        where TId : struct, IUuid<TId>
    {
        Span<byte> bytes = stackalloc byte[16];
        RandomNumberGenerator.Fill(bytes);
        return Of<TId>(bytes);
    }

    /// <summary>SHA-256 of label and seed, cut to 16 bytes: without the seed nobody makes a given one.</summary>
    public static TId FromSeed<TId>(string label, ReadOnlySpan<byte> seed)
        where TId : struct, IUuid<TId>
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Fields.Encode(label, seed.ToArray()), hash);
        return Of<TId>(hash[..16]);
    }

    private static TId Of<TId>(Span<byte> bytes)
        where TId : struct, IUuid<TId>
    {
        bytes[6] = (byte)((bytes[6] & 0x0F) | 0x40); // version 4, RFC 9562 section 5.4
        bytes[8] = (byte)((bytes[8] & 0x3F) | 0x80); // the RFC's own variant
        return TId.From(new Guid(bytes, bigEndian: true));
    }

    public static bool TryParse<TId>(string? text, out TId id)
        where TId : struct, IUuid<TId>
    {
        var accepted = TryParse(text, out var value);
        id = accepted ? TId.From(value) : default;
        return accepted;
    }

    public static bool TryParse(string? text, out Guid value) =>
        Guid.TryParseExact(text, "D", out value)
        && value.Version == 4
        && (value.Variant & 0xC) == 0x8
        && value.ToString("D") == text; // TryParseExact takes upper case and surrounding white space
}

/// <summary>Ids in JSON: the one text form, nothing else.</summary>
public sealed class UuidJsonConverter<TId> : JsonConverter<TId>
    where TId : struct, IUuid<TId>
{
    public override TId Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String && Uuid.TryParse<TId>(reader.GetString(), out var id)
            ? id
            : throw new JsonException("An id must be a version-4 UUID in lower case.");

    public override void Write(Utf8JsonWriter writer, TId value, JsonSerializerOptions options) => writer.WriteStringValue(value.Value);
}
