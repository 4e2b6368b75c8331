using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Keyladder.Cryptography.Heads;

/// <summary>32 bytes that are a SHA-256 hash or stand where one can: a path, a value, a root, the hash of a head. None is secret.</summary>
[JsonConverter(typeof(Hash256JsonConverter))]
public readonly record struct Hash256 : IComparable<Hash256>
{
    /// <summary>Length in bytes.</summary>
    public const int Size = 32;

    /// <summary>Length in bits, and so the greatest depth of the tree.</summary>
    internal const int Bits = 256;

    // Big-endian words: the order of the words is the order of the bytes, and bit 0 is the first of all.
    private readonly ulong word0, word1, word2, word3;

    /// <param name="bytes">Exactly 32 bytes.</param>
    /// <exception cref="ArgumentException">Another length.</exception>
    public Hash256(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != Size)
            throw new ArgumentException("A hash has 32 bytes.", nameof(bytes));
        word0 = BinaryPrimitives.ReadUInt64BigEndian(bytes);
        word1 = BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]);
        word2 = BinaryPrimitives.ReadUInt64BigEndian(bytes[16..]);
        word3 = BinaryPrimitives.ReadUInt64BigEndian(bytes[24..]);
    }

    private Hash256(ulong word0, ulong word1, ulong word2, ulong word3)
    {
        this.word0 = word0;
        this.word1 = word1;
        this.word2 = word2;
        this.word3 = word3;
    }

    /// <summary>32 zero bytes: the empty subtree, and the audit chain before its first event.</summary>
    public static Hash256 Zero => default;

    /// <summary>SHA-256 of <paramref name="data"/>.</summary>
    public static Hash256 Of(ReadOnlySpan<byte> data)
    {
        Span<byte> hash = stackalloc byte[Size];
        SHA256.HashData(data, hash);
        return new Hash256(hash);
    }

    /// <summary>Writes the 32 bytes to the start of <paramref name="destination"/>.</summary>
    public void CopyTo(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt64BigEndian(destination, word0);
        BinaryPrimitives.WriteUInt64BigEndian(destination[8..], word1);
        BinaryPrimitives.WriteUInt64BigEndian(destination[16..], word2);
        BinaryPrimitives.WriteUInt64BigEndian(destination[24..], word3);
    }

    public byte[] ToArray()
    {
        var bytes = new byte[Size];
        CopyTo(bytes);
        return bytes;
    }

    /// <summary>The order of the bytes, first byte first.</summary>
    public int CompareTo(Hash256 other) =>
        word0 != other.word0 ? word0.CompareTo(other.word0)
        : word1 != other.word1 ? word1.CompareTo(other.word1)
        : word2 != other.word2 ? word2.CompareTo(other.word2)
        : word3.CompareTo(other.word3);

    public static bool operator <(Hash256 left, Hash256 right) => left.CompareTo(right) < 0;
    public static bool operator >(Hash256 left, Hash256 right) => left.CompareTo(right) > 0;
    public static bool operator <=(Hash256 left, Hash256 right) => left.CompareTo(right) <= 0;
    public static bool operator >=(Hash256 left, Hash256 right) => left.CompareTo(right) >= 0;

    /// <summary>Lower-case hexadecimal.</summary>
    public override string ToString() => $"{word0:x16}{word1:x16}{word2:x16}{word3:x16}";

    /// <summary>Bit <paramref name="depth"/>, most significant first: true leads right.</summary>
    internal bool GoesRight(int depth) => (Word(depth >> 6) >> (63 - (depth & 63)) & 1) != 0;

    internal Hash256 WithBit(int depth)
    {
        var bit = 1UL << (63 - (depth & 63));
        return (depth >> 6) switch
        {
            0 => new(word0 | bit, word1, word2, word3),
            1 => new(word0, word1 | bit, word2, word3),
            2 => new(word0, word1, word2 | bit, word3),
            _ => new(word0, word1, word2, word3 | bit),
        };
    }

    /// <summary>The hexadecimal digit with this index, the first of all being 0.</summary>
    internal int Digit(int index) => (int)(Word(index >> 4) >> (60 - (4 * (index & 15)))) & 0xF;

    /// <summary>The first <paramref name="length"/> hexadecimal digits.</summary>
    internal string Prefix(int length) => ToString()[..length];

    /// <summary>Whether the first <paramref name="depth"/> bits of both are the same.</summary>
    internal bool SharesPrefix(Hash256 other, int depth)
    {
        for (var word = 0; word < depth >> 6; word++)
        {
            if (Word(word) != other.Word(word))
                return false;
        }

        var rest = depth & 63;
        return rest == 0 || (Word(depth >> 6) ^ other.Word(depth >> 6)) >> (64 - rest) == 0;
    }

    private ulong Word(int index) => index switch { 0 => word0, 1 => word1, 2 => word2, _ => word3 };
}

/// <summary>A hash in JSON: <c>b64u</c> of exactly 32 bytes.</summary>
internal sealed class Hash256JsonConverter : JsonConverter<Hash256>
{
    public override Hash256 Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String && Base64UrlText.TryDecode(reader.GetString(), out var bytes) && bytes.Length == Hash256.Size
            ? new Hash256(bytes)
            : throw new JsonException("A hash must be base64url of 32 bytes.");

    public override void Write(Utf8JsonWriter writer, Hash256 value, JsonSerializerOptions options) =>
        writer.WriteStringValue(Base64UrlText.Encode(value.ToArray()));
}
