using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Keyladder.Cryptography;
using Keyladder.Cryptography.Dids;
using Keyladder.Cryptography.Signing;

namespace Keyladder.Keys.Relationships;

/// <summary>What all signed statements of a relationship have in common.</summary>
internal static class Statement
{
    /// <summary>Signature and form. A pairwise DID is a <c>did:key</c> of an Ed25519 key, and the key follows from it.</summary>
    public static bool TryVerify<T>(JwsKind kind, string jws, Did signer, JsonTypeInfo<T> type, [NotNullWhen(true)] out T? statement)
        where T : class
    {
        statement = null;
        return signer.PublicKey is Ed25519PublicKey key
            && Jws.TryVerify(kind, jws, key, out var payload)
            && StrictJson.TryRead(payload, type, out statement);
    }
}

[JsonSerializable(typeof(KeyBundle))]
[JsonSerializable(typeof(Acceptance))]
[JsonSerializable(typeof(Confirmation))]
[JsonSerializable(typeof(KeyChange))]
[JsonSerializable(typeof(ShareStatement))]
[JsonSerializable(typeof(ShareEvent))]
internal sealed partial class RelationshipJson : JsonSerializerContext
{
    public static RelationshipJson Strict { get; } = new(StrictJson.CreateOptions());
}
