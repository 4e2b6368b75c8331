using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization;
using Keyladder.Cryptography.Signing;

namespace Keyladder.Cryptography.Dids;

/// <summary>
/// A decentralized identifier of the method <c>key</c> (docs/spec/signed-objects.md): the identifier is the public key, and everything
/// about it follows offline.
/// </summary>
[JsonConverter(typeof(DidJsonConverter))]
public sealed class Did : IEquatable<Did>
{
    private const string Scheme = "did:key:";

    private readonly string text;

    private Did(string text, Ed25519PublicKey publicKey) => (this.text, PublicKey) = (text, publicKey);

    /// <summary>The key that the identifier is made of.</summary>
    public Ed25519PublicKey PublicKey { get; }

    /// <summary>What stands after <c>did:key:</c>.</summary>
    internal string MethodSpecificId => text[Scheme.Length..];

    /// <summary>The <c>did:key</c> of a key (docs/spec/signed-objects.md).</summary>
    public static Did Of(Ed25519PublicKey publicKey)
    {
        ArgumentNullException.ThrowIfNull(publicKey);
        return new Did(Scheme + Multikey.Encode(Multikey.Ed25519, publicKey.Bytes), publicKey);
    }

    /// <returns>False for another method, another kind of key, no public key, and every second way to write the same one.</returns>
    public static bool TryParse(string? text, [NotNullWhen(true)] out Did? did)
    {
        did = null;
        if (text is null
            || !text.StartsWith(Scheme, StringComparison.Ordinal)
            || !Multikey.TryDecode(Multikey.Ed25519, text[Scheme.Length..], out var bytes)
            || !Ed25519PublicKey.TryImport(bytes, out var publicKey))
            return false;
        did = new Did(text, publicKey);
        return true;
    }

    /// <summary>The document that follows from the identifier.</summary>
    public DidDocument Resolve() => DidDocument.Of(this);

    public bool Equals(Did? other) => other is not null && text == other.text;

    public override bool Equals(object? obj) => Equals(obj as Did);

    public override int GetHashCode() => StringComparer.Ordinal.GetHashCode(text);

    public override string ToString() => text;
}

internal sealed class DidJsonConverter : JsonConverter<Did>
{
    public override Did Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String && Did.TryParse(reader.GetString(), out var did)
            ? did
            : throw new JsonException("Not a did:key of an Ed25519 key.");

    public override void Write(Utf8JsonWriter writer, Did value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.ToString());
}
