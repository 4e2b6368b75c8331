using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text.Json;
using Keyladder.Cryptography.Interop;
using Keyladder.Cryptography.Signing;
using SimpleBase;

namespace Keyladder.Cryptography.Dids;

/// <summary>
/// A DID document (docs/spec/dids.md). That of a <c>did:key</c> or <c>did:jwk</c> is the one that follows from the identifier; the X25519
/// key that a <c>did:key</c> derives is published, never used.
/// </summary>
public sealed class DidDocument
{
    private const string Core = "https://www.w3.org/ns/did/v1";
    private const string Ed25519Suite = "https://w3id.org/security/suites/ed25519-2018/v1";
    private const string X25519Suite = "https://w3id.org/security/suites/x25519-2019/v1";
    private const string JwkSuite = "https://w3id.org/security/suites/jws-2020/v1";

    private readonly byte[] utf8;

    internal DidDocument(Did id, IReadOnlyList<PublicKey> assertionKeys, byte[] utf8) => (Id, AssertionKeys, this.utf8) = (id, assertionKeys, utf8);

    public Did Id { get; }

    /// <summary>The keys that sign statements of the DID: those of <c>assertionMethod</c> whose kind is known here.</summary>
    public IReadOnlyList<PublicKey> AssertionKeys { get; }

    /// <summary>Reads a document that someone else shows: it is accepted only for the identifier that it was asked for.</summary>
    /// <param name="utf8">
    /// JSON. Of a <c>did:key</c> or <c>did:jwk</c> it must say exactly what follows from the identifier; of a <c>did:web</c>, whose
    /// identifier it must have, every key in it must be under that identifier and controlled by it.
    /// </param>
    /// <param name="expected">The identifier it was asked for.</param>
    /// <param name="document">Null where it is refused.</param>
    public static bool TryRead(ReadOnlySpan<byte> utf8, Did expected, [NotNullWhen(true)] out DidDocument? document)
    {
        ArgumentNullException.ThrowIfNull(expected);
        document = null;
        if (!StrictJson.TryParse(utf8, out var shown))
            return false;
        if (expected.Method == DidMethod.Web)
            return DidWebDocument.TryRead(shown, utf8, expected, out document);

        var resolved = expected.Resolve();
        using var own = JsonDocument.Parse(resolved.utf8);
        document = JsonElement.DeepEquals(shown, own.RootElement) ? resolved : null;
        return document is not null;
    }

    /// <summary>The document that a person publishes at the address of a <c>did:web</c>, so that these keys sign for it.</summary>
    /// <exception cref="ArgumentException">It is a DID of another method.</exception>
    public static DidDocument ForWeb(Did did, params IReadOnlyList<PublicKey> keys)
    {
        ArgumentNullException.ThrowIfNull(did);
        ArgumentNullException.ThrowIfNull(keys);
        if (did.Method != DidMethod.Web)
            throw new ArgumentException("Only the document of a did:web is written by hand.", nameof(did));
        List<VerificationMethod> methods = [.. keys.Select(key => JwkMethod($"{did}#{Multikey.Encode(key)}", did, Jwk.Of(key)))];
        string[] ids = [.. methods.Select(method => method.Id)];
        return Create(did, keys, new DocumentMembers([Core, JwkSuite], did, methods, ids, ids));
    }

    /// <summary>The document as JSON-LD, UTF-8; that of a <c>did:web</c> as it was read.</summary>
    public byte[] ToUtf8Json() => [.. utf8];

    internal static DidDocument Of(Did did) => did switch
    {
        { Method: DidMethod.Key, PublicKey: Ed25519PublicKey key } => OfEd25519(did, key),
        { Method: DidMethod.Key, PublicKey: { } key } => OfKey(did, key),
        { AgreementKey: { } key } => OfX25519(did, key),
        { Jwk: { } jwk } => OfJwk(did, jwk),
        _ => throw new InvalidOperationException("The document of a did:web stands elsewhere."),
    };

    private static DidDocument OfEd25519(Did did, Ed25519PublicKey key)
    {
        var agreementKey = new byte[X25519PrivateKey.Size];
        if (Libsodium.crypto_sign_ed25519_pk_to_curve25519(agreementKey, key.Bytes) != 0)
            throw new CryptographicException("An Ed25519 public key of prime order has no X25519 form.");

        var signing = $"{did}#{did.MethodSpecificId}";
        var agreement = X25519Method(did, agreementKey);
        return Create(did, [key], new DocumentMembers(
            [Core, Ed25519Suite, X25519Suite],
            did,
            [new(signing, "Ed25519VerificationKey2018", did, Base58.Bitcoin.Encode(key.Bytes)), agreement],
            [signing],
            [signing],
            [signing],
            [signing],
            [agreement.Id]));
    }

    // No key agreement: the method derives one for Ed25519 alone, and a key that signs does nothing else.
    private static DidDocument OfKey(Did did, PublicKey key)
    {
        var id = $"{did}#{did.MethodSpecificId}";
        return Create(did, [key], new DocumentMembers([Core, JwkSuite], did, [JwkMethod(id, did, Jwk.Of(key))], [id], [id], [id], [id]));
    }

    private static DidDocument OfX25519(Did did, byte[] key)
    {
        var method = X25519Method(did, key);
        return Create(did, [], new DocumentMembers([Core, X25519Suite], did, [method], KeyAgreement: [method.Id]));
    }

    private static DidDocument OfJwk(Did did, Jwk jwk)
    {
        var id = $"{did}#0";
        string[]? signing = jwk.Use == Jwk.ForEncryption ? null : [id];
        string[]? agreement = jwk.Use == Jwk.ForSignatures ? null : [id];
        return Create(
            did,
            jwk.PublicKey is { } key ? [key] : [],
            new DocumentMembers([Core, JwkSuite], did, [JwkMethod(id, did, jwk)], signing, signing, signing, signing, agreement));
    }

    private static VerificationMethod X25519Method(Did did, byte[] key) =>
        new($"{did}#{Multikey.EncodeX25519(key)}", "X25519KeyAgreementKey2019", did, Base58.Bitcoin.Encode(key));

    private static VerificationMethod JwkMethod(string id, Did did, Jwk jwk) => new(id, "JsonWebKey2020", did, PublicKeyJwk: jwk);

    private static DidDocument Create(Did did, IReadOnlyList<PublicKey> keys, DocumentMembers members) =>
        new(did, keys, StrictJson.Write(members, DidJson.Strict.DocumentMembers));
}
