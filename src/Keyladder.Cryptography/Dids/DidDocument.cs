using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text.Json.Serialization;
using Keyladder.Cryptography.Interop;
using Keyladder.Cryptography.Signing;
using SimpleBase;

namespace Keyladder.Cryptography.Dids;

/// <summary>The DID document of a <c>did:key</c> (docs/spec/signed-objects.md). The X25519 key in it is published, never used.</summary>
public sealed record DidDocument(
    [property: JsonPropertyName("@context")] IReadOnlyList<string> Context,
    Did Id,
    IReadOnlyList<VerificationMethod> VerificationMethod,
    IReadOnlyList<string> AssertionMethod,
    IReadOnlyList<string> Authentication,
    IReadOnlyList<string> CapabilityInvocation,
    IReadOnlyList<string> CapabilityDelegation,
    IReadOnlyList<string> KeyAgreement)
{
    /// <summary>Reads a document that someone else shows: it is accepted only if it is the one that follows from the identifier.</summary>
    /// <param name="utf8">JSON.</param>
    /// <param name="expected">The identifier it was asked for.</param>
    public static bool TryRead(ReadOnlySpan<byte> utf8, Did expected, [NotNullWhen(true)] out DidDocument? document)
    {
        ArgumentNullException.ThrowIfNull(expected);
        var resolved = expected.Resolve();
        var follows = StrictJson.TryRead(utf8, DidJson.Strict.DidDocument, out var read)
            && read.ToUtf8Json().AsSpan().SequenceEqual(resolved.ToUtf8Json());
        document = follows ? resolved : null;
        return follows;
    }

    /// <summary>The document as JSON-LD, UTF-8.</summary>
    public byte[] ToUtf8Json() => StrictJson.Write(this, DidJson.Strict.DidDocument);

    internal static DidDocument Of(Did did)
    {
        var agreementKey = new byte[X25519PrivateKey.Size];
        if (Libsodium.crypto_sign_ed25519_pk_to_curve25519(agreementKey, did.PublicKey.Bytes) != 0)
            throw new CryptographicException("An Ed25519 public key of prime order has no X25519 form.");

        var signing = $"{did}#{did.MethodSpecificId}";
        var agreement = $"{did}#{Multikey.Encode(Multikey.X25519, agreementKey)}";
        return new DidDocument(
            [
                "https://www.w3.org/ns/did/v1",
                "https://w3id.org/security/suites/ed25519-2018/v1",
                "https://w3id.org/security/suites/x25519-2019/v1",
            ],
            did,
            [
                new(signing, "Ed25519VerificationKey2018", did, Base58.Bitcoin.Encode(did.PublicKey.Bytes)),
                new(agreement, "X25519KeyAgreementKey2019", did, Base58.Bitcoin.Encode(agreementKey)),
            ],
            [signing],
            [signing],
            [signing],
            [signing],
            [agreement]);
    }
}

/// <summary>A public key in a DID document.</summary>
public sealed record VerificationMethod(string Id, string Type, Did Controller, string PublicKeyBase58);
