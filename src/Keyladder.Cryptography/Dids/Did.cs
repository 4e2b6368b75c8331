using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization;
using Keyladder.Cryptography.Signing;

namespace Keyladder.Cryptography.Dids;

/// <summary>
/// A decentralized identifier (docs/spec/dids.md). Of the methods <c>key</c> and <c>jwk</c> the identifier is the public key, and
/// everything about it follows offline; one of <c>web</c> is resolved by <see cref="DidResolution"/>.
/// </summary>
[JsonConverter(typeof(DidJsonConverter))]
public sealed class Did : IEquatable<Did>
{
    /// <summary>Characters.</summary>
    public const int MaxLength = 1024;

    private const string KeyScheme = "did:key:";
    private const string JwkScheme = "did:jwk:";

    private readonly string text;

    private Did(string text, DidMethod method, PublicKey? publicKey) => (this.text, Method, PublicKey) = (text, method, publicKey);

    public DidMethod Method { get; }

    /// <summary>
    /// The key that the identifier is made of, if it signs; null where that is one for encryption alone, and for <c>did:web</c>.
    /// </summary>
    public PublicKey? PublicKey { get; }

    /// <summary>The X25519 key that a <c>did:key</c> is made of, else null.</summary>
    internal byte[]? AgreementKey { get; private init; }

    /// <summary>What a <c>did:jwk</c> is made of, else null.</summary>
    internal Jwk? Jwk { get; private init; }

    /// <summary>Where the document of a <c>did:web</c> stands, else null.</summary>
    internal Uri? Address { get; private init; }

    /// <summary>What stands after the method.</summary>
    internal string MethodSpecificId => text[KeyScheme.Length..];

    /// <summary>The <c>did:key</c> of a key.</summary>
    public static Did Of(PublicKey publicKey)
    {
        ArgumentNullException.ThrowIfNull(publicKey);
        return new Did(KeyScheme + Multikey.Encode(publicKey), DidMethod.Key, publicKey);
    }

    /// <summary>The <c>did:jwk</c> of a key, in the one form that is written here. Others may write the same key in other ways.</summary>
    public static Did JwkOf(PublicKey publicKey)
    {
        var jwk = Jwk.Of(publicKey, use: Jwk.ForSignatures);
        return new Did(JwkScheme + Base64UrlText.Encode(jwk.ToUtf8Json()), DidMethod.Jwk, publicKey) { Jwk = jwk };
    }

    /// <returns>
    /// False for another method, another kind of key, no public key, a private one; and of <c>did:key</c> and <c>did:web</c> for every
    /// second way to write the same one.
    /// </returns>
    public static bool TryParse(string? text, [NotNullWhen(true)] out Did? did)
    {
        did = text is null or { Length: > MaxLength } ? null
            : text.StartsWith(KeyScheme, StringComparison.Ordinal) ? ParseKey(text)
            : text.StartsWith(JwkScheme, StringComparison.Ordinal) ? ParseJwk(text)
            : DidWebAddress.TryParse(text, out var address) ? new Did(text, DidMethod.Web, publicKey: null) { Address = address }
            : null;
        return did is not null;
    }

    /// <summary>The document that follows from the identifier of a <c>did:key</c> or <c>did:jwk</c>.</summary>
    /// <exception cref="InvalidOperationException">From a <c>did:web</c> none does.</exception>
    public DidDocument Resolve() => DidDocument.Of(this);

    public bool Equals(Did? other) => other is not null && text == other.text;

    public override bool Equals(object? obj) => Equals(obj as Did);

    public override int GetHashCode() => StringComparer.Ordinal.GetHashCode(text);

    public override string ToString() => text;

    private static Did? ParseKey(string text) => Multikey.TryDecode(text[KeyScheme.Length..], out var publicKey, out var agreementKey)
        ? new Did(text, DidMethod.Key, publicKey) { AgreementKey = agreementKey }
        : null;

    private static Did? ParseJwk(string text) => Base64UrlText.TryDecode(text.AsSpan(JwkScheme.Length), out var json) && Jwk.TryRead(json, out var jwk)
        ? new Did(text, DidMethod.Jwk, jwk.PublicKey) { Jwk = jwk }
        : null;
}

internal sealed class DidJsonConverter : JsonConverter<Did>
{
    public override Did Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String && Did.TryParse(reader.GetString(), out var did)
            ? did
            : throw new JsonException("Not a DID of a method and a kind of key that are known here.");

    public override void Write(Utf8JsonWriter writer, Did value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.ToString());
}
