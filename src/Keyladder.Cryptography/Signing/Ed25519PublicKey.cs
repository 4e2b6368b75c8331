using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization;
using Keyladder.Cryptography.Interop;

namespace Keyladder.Cryptography.Signing;

/// <summary>
/// The public half of an Ed25519 keypair (RFC 8032): a point that is known to be canonical and of the group's prime order.
/// </summary>
[JsonConverter(typeof(Ed25519PublicKeyJsonConverter))]
public sealed class Ed25519PublicKey : PublicKey
{
    /// <summary>In bytes (RFC 8032 section 5.1.5).</summary>
    public const int Size = 32;

    internal Ed25519PublicKey(ReadOnlySpan<byte> point)
        : base(KeyType.Ed25519, point)
    {
    }

    /// <summary>
    /// Refuses what is not the one encoding of a point of prime order: another length, a point off the curve, y ≥ 2^255 − 19, a point of
    /// small or mixed order.
    /// </summary>
    public static bool TryImport(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out Ed25519PublicKey? publicKey)
    {
        publicKey = bytes.Length == Size && Libsodium.crypto_core_ed25519_is_valid_point(bytes) == 1 ? new Ed25519PublicKey(bytes) : null;
        return publicKey is not null;
    }

    /// <inheritdoc/>
    /// <remarks>
    /// libsodium checks S and refuses an R of small order. It computes S·B − h·A without the cofactor and compares the encoding with R,
    /// so that for a key of prime order no R of mixed order and no second encoding passes.
    /// </remarks>
    public override bool Verify(ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature) =>
        signature.Length == PrivateKey.SignatureSize
        && Libsodium.crypto_sign_ed25519_verify_detached(signature, data, (ulong)data.Length, Bytes) == 0;
}

/// <summary>A public key in JSON: <c>b64u</c> of what <see cref="Ed25519PublicKey.TryImport"/> takes.</summary>
internal sealed class Ed25519PublicKeyJsonConverter : JsonConverter<Ed25519PublicKey>
{
    public override Ed25519PublicKey Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String
        && Base64UrlText.TryDecode(reader.GetString(), out var bytes)
        && Ed25519PublicKey.TryImport(bytes, out var key)
            ? key
            : throw new JsonException("A public key must be base64url of an Ed25519 point.");

    public override void Write(Utf8JsonWriter writer, Ed25519PublicKey value, JsonSerializerOptions options) =>
        writer.WriteStringValue(Base64UrlText.Encode(value.Bytes));
}
