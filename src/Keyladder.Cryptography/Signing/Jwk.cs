using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Keyladder.Cryptography.Signing;

/// <summary>
/// A public key as JSON Web Key (RFC 7517): an Ed25519 or X25519 key (RFC 8037), or one on P-256 (RFC 7518 section 6.2) or secp256k1 (RFC
/// 8812). Nothing else is read, so that there is no RSA here whose size or exponent would matter.
/// </summary>
[JsonConverter(typeof(JwkJsonConverter))]
public sealed class Jwk
{
    /// <summary>The <c>use</c> of a key that signs.</summary>
    internal const string ForSignatures = "sig";

    /// <summary>The <c>use</c> of a key that is sealed to.</summary>
    internal const string ForEncryption = "enc";

    private const string X25519 = "X25519";

    private readonly Members members;

    private Jwk(Members members, KeyType? type, PublicKey? publicKey) => (this.members, Type, PublicKey) = (members, type, publicKey);

    /// <summary>The key, if it verifies signatures; null for an X25519 key, and for one that is said to be for encryption.</summary>
    public PublicKey? PublicKey { get; }

    /// <summary>Null for X25519.</summary>
    internal KeyType? Type { get; }

    /// <summary><c>sig</c>, <c>enc</c> or null.</summary>
    internal string? Use => members.Use;

    /// <summary>The key in the order <c>kty</c>, <c>crv</c>, <c>x</c>, <c>y</c>, <c>use</c>.</summary>
    public static Jwk Of(PublicKey publicKey) => Of(publicKey, use: null);

    /// <summary>
    /// Reads a public key. Refused are: a private or symmetric one, another type or curve, a point off its curve or of small order, a
    /// coordinate of another length (RFC 7518 section 6.2.1.2), an <c>alg</c>, <c>use</c> or <c>key_ops</c> that does not fit, and members
    /// that are not known here.
    /// </summary>
    public static bool TryRead(ReadOnlySpan<byte> utf8, [NotNullWhen(true)] out Jwk? jwk)
    {
        jwk = StrictJson.TryRead(utf8, JwkJson.Strict.Members, out var members) ? Check(members) : null;
        return jwk is not null;
    }

    public byte[] ToUtf8Json() => StrictJson.Write(members, JwkJson.Strict.Members);

    internal static Jwk Of(PublicKey publicKey, string? use)
    {
        ArgumentNullException.ThrowIfNull(publicKey);
        var (x, y) = publicKey is EcdsaPublicKey ecdsa ? ecdsa.Coordinates : (publicKey.Bytes.ToArray(), null);
        var members = new Members { Kty = TypeText(y), Crv = publicKey.Type.JwkCurve, X = x, Y = y, Use = use };
        return new Jwk(members, publicKey.Type, publicKey);
    }

    private static Jwk? Check(Members members)
    {
        if (members.Use is not (null or ForSignatures or ForEncryption) || members.Kty != TypeText(members.Y))
            return null;
        if (members.Crv == X25519)
            return members is { Y: null, Use: not ForSignatures, Alg: null, KeyOps: null } && X25519PrivateKey.IsPublicKey(members.X)
                ? new Jwk(members, type: null, publicKey: null)
                : null;

        var type = KeyType.All.FirstOrDefault(known => known.JwkCurve == members.Crv);
        if (type is null || (type.Curve is null) != (members.Y is null))
            return null;
        var bytes = members.X;
        if (type.Curve is { } curve && !curve.TryCompress(members.X, members.Y, out bytes))
            return null;
        if (!type.TryImport(bytes, out var publicKey))
            return null;

        if (members.Use == ForEncryption)
            return type.Curve is not null && members is { Alg: null, KeyOps: null } ? new Jwk(members, type, publicKey: null) : null;

        // RFC 8037 knows Ed25519 as EdDSA, RFC 9864 by its name.
        return (members.Alg is null || members.Alg == type.Algorithm || (type.Curve is null && members.Alg == "EdDSA"))
            && (members.KeyOps is null || members.KeyOps is ["verify"])
            ? new Jwk(members, type, publicKey)
            : null;
    }

    private static string TypeText(byte[]? y) => y is null ? "OKP" : "EC";

    internal sealed class Members
    {
        public required string Kty { get; init; }

        public required string Crv { get; init; }

        public required byte[] X { get; init; }

        public byte[]? Y { get; init; }

        public string? Use { get; init; }

        [JsonPropertyName("key_ops")]
        public IReadOnlyList<string>? KeyOps { get; init; }

        public string? Alg { get; init; }

        public string? Kid { get; init; }
    }
}

/// <summary>A key within a document that is written here; none is read this way.</summary>
internal sealed class JwkJsonConverter : JsonConverter<Jwk>
{
    public override Jwk Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => throw new NotSupportedException();

    public override void Write(Utf8JsonWriter writer, Jwk value, JsonSerializerOptions options) => writer.WriteRawValue(value.ToUtf8Json());
}

[JsonSerializable(typeof(Jwk.Members))]
internal sealed partial class JwkJson : JsonSerializerContext
{
    public static JwkJson Strict { get; } = new(StrictJson.CreateOptions());
}
