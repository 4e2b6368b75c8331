using System.Text.Json;
using System.Text.Json.Serialization;

namespace Keyladder.Cryptography.Signing;

/// <summary>The public half of a keypair that signs: a point that has been checked, in one encoding.</summary>
[JsonConverter(typeof(PublicKeyJsonConverter))]
public abstract class PublicKey : IEquatable<PublicKey>
{
    private readonly byte[] bytes;

    private protected PublicKey(KeyType type, ReadOnlySpan<byte> bytes) => (Type, this.bytes) = (type, bytes.ToArray());

    public KeyType Type { get; }

    /// <summary>32 bytes of an Ed25519 key (RFC 8032 section 5.1.2), 33 of the others (SEC 1 section 2.3.3, compressed).</summary>
    public ReadOnlySpan<byte> Bytes => bytes;

    /// <summary>Verifies a signature of 64 bytes, as docs/spec/signed-objects.md asks for; one of another length is no signature.</summary>
    public abstract bool Verify(ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature);

    public bool Equals(PublicKey? other) => other is not null && Type == other.Type && bytes.AsSpan().SequenceEqual(other.bytes);

    public override bool Equals(object? obj) => Equals(obj as PublicKey);

    public override int GetHashCode() => BitConverter.ToInt32(bytes.AsSpan(1));
}

/// <summary>The bytes as <c>b64u</c>. They do not say of which kind they are: whoever reads them knows it from elsewhere.</summary>
internal sealed class PublicKeyJsonConverter : JsonConverter<PublicKey>
{
    public override PublicKey Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        throw new NotSupportedException("The kind of a public key is not in its bytes.");

    public override void Write(Utf8JsonWriter writer, PublicKey value, JsonSerializerOptions options) =>
        writer.WriteStringValue(Base64UrlText.Encode(value.Bytes));
}
