using System.Text.Json.Serialization;
using Keyladder.Cryptography.Signing;

namespace Keyladder.Cryptography.Dids;

[JsonSerializable(typeof(DocumentMembers))]
[JsonSerializable(typeof(ResolutionMembers))]
[JsonSerializable(typeof(DidSignIn))]
[JsonSerializable(typeof(SignedContent))]
internal sealed partial class DidJson : JsonSerializerContext
{
    public static DidJson Strict { get; } = new(StrictJson.CreateOptions());
}

/// <summary>A DID document as it is written here.</summary>
internal sealed record DocumentMembers(
    [property: JsonPropertyName("@context")] IReadOnlyList<string> Context,
    Did Id,
    IReadOnlyList<VerificationMethod> VerificationMethod,
    IReadOnlyList<string>? AssertionMethod = null,
    IReadOnlyList<string>? Authentication = null,
    IReadOnlyList<string>? CapabilityInvocation = null,
    IReadOnlyList<string>? CapabilityDelegation = null,
    IReadOnlyList<string>? KeyAgreement = null);

/// <summary>A public key in a DID document.</summary>
internal sealed record VerificationMethod(string Id, string Type, Did Controller, string? PublicKeyBase58 = null, Jwk? PublicKeyJwk = null);
