using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;
using Keyladder.Cryptography.Signing;

namespace Keyladder.Cryptography.Dids;

/// <summary>
/// Reads what stands at the address of a <c>did:web</c> (docs/spec/dids.md). Members that say nothing about keys are passed over, and so
/// are keys of kinds that are not known here; nothing is taken that another DID controls.
/// </summary>
internal sealed class DidWebDocument
{
    /// <summary>Keys in one document; each may have to be tried.</summary>
    private const int MaxMethods = 32;

    private readonly string did;
    private readonly Dictionary<string, PublicKey?> keys = [];

    private DidWebDocument(string did) => this.did = did;

    public static bool TryRead(JsonElement shown, ReadOnlySpan<byte> utf8, Did expected, [NotNullWhen(true)] out DidDocument? document)
    {
        document = null;
        var reading = new DidWebDocument(expected.ToString());
        if (shown.ValueKind != JsonValueKind.Object
            || Text(shown, "id") != reading.did
            || !TryList(shown, "verificationMethod", out var methods)
            || !methods.All(method => reading.TryAdd(method, out _))
            || !TryList(shown, "assertionMethod", out var assertions))
            return false;

        var signing = new List<PublicKey>();
        foreach (var assertion in assertions)
        {
            if (!reading.TryRefer(assertion, out var key))
                return false;
            if (key is not null && !signing.Contains(key))
                signing.Add(key);
        }

        document = new DidDocument(expected, signing, utf8.ToArray());
        return true;
    }

    /// <summary>A relationship names a key of the document, or holds one; one of another DID is nothing to us.</summary>
    private bool TryRefer(JsonElement reference, out PublicKey? key)
    {
        key = null;
        if (reference.ValueKind != JsonValueKind.String)
            return TryAdd(reference, out key);
        var id = Absolute(reference.GetString()!);
        return !id.StartsWith(did + "#", StringComparison.Ordinal) || keys.TryGetValue(id, out key);
    }

    private bool TryAdd(JsonElement method, out PublicKey? key)
    {
        key = null;
        if (method.ValueKind != JsonValueKind.Object
            || Text(method, "id") is not { } id
            || Text(method, "type") is not { } type
            || Text(method, "controller") != did
            || !Absolute(id).StartsWith(did + "#", StringComparison.Ordinal)
            || keys.Count == MaxMethods)
            return false;
        key = Read(method, type);
        return keys.TryAdd(Absolute(id), key);
    }

    private static PublicKey? Read(JsonElement method, string type)
    {
        PublicKey? key = null;
        switch (type)
        {
            case "JsonWebKey2020" or "JsonWebKey" or "EcdsaSecp256k1VerificationKey2019" when method.TryGetProperty("publicKeyJwk", out var json):
                return Jwk.TryRead(Encoding.UTF8.GetBytes(json.GetRawText()), out var jwk) ? jwk.PublicKey : null;
            case "Multikey" or "Ed25519VerificationKey2020":
                return Text(method, "publicKeyMultibase") is { } multibase && Multikey.TryDecode(multibase, out key, out _) ? key : null;
            case "Ed25519VerificationKey2018":
                return Text(method, "publicKeyBase58") is { } edwards && Multikey.TryDecodeBase58(KeyType.Ed25519, edwards, out key) ? key : null;
            case "EcdsaSecp256k1VerificationKey2019":
                return Text(method, "publicKeyBase58") is { } koblitz && Multikey.TryDecodeBase58(KeyType.Secp256k1, koblitz, out key) ? key : null;
            default:
                return null;
        }
    }

    private string Absolute(string id) => id.StartsWith('#') ? did + id : id;

    private static string? Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static bool TryList(JsonElement element, string name, out IReadOnlyList<JsonElement> list)
    {
        list = [];
        if (!element.TryGetProperty(name, out var value))
            return true;
        if (value.ValueKind != JsonValueKind.Array)
            return false;
        list = [.. value.EnumerateArray()];
        return true;
    }
}
