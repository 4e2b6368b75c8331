using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;
using Keyladder.Cryptography;
using Keyladder.Cryptography.Dids;
using Keyladder.Cryptography.Signing;

namespace Keyladder.Keys.Relationships;

/// <summary>Puts other keys, and with them another DID, in the place of a party's; signed by the keys that go (docs/spec/relationships.md section 6).</summary>
/// <param name="Issuer">The DID that goes.</param>
/// <param name="Audience">The other party.</param>
/// <param name="Relationship">Theirs.</param>
/// <param name="Bundle">The keys that come, as JWS: signed by the DID that comes.</param>
/// <param name="Next">The DID that comes.</param>
public sealed record KeyChange(
    [property: JsonPropertyName("iss")] Did Issuer,
    [property: JsonPropertyName("aud")] Did Audience,
    RelationshipId Relationship,
    Did Next,
    string Bundle)
{
    /// <param name="jws">From anywhere.</param>
    /// <param name="from">The pinned keys: theirs must be the signature.</param>
    /// <param name="to">Own DID.</param>
    /// <param name="change">Null where it is refused; so is <paramref name="next"/>.</param>
    /// <param name="next">The keys to pin from now on. Their epoch is the next one.</param>
    public static bool TryVerify(string jws, KeyBundle from, Did to, [NotNullWhen(true)] out KeyChange? change, [NotNullWhen(true)] out KeyBundle? next)
    {
        ArgumentNullException.ThrowIfNull(from);
        next = null;
        if (Statement.TryVerify(JwsKind.KeyChange, jws, from.Subject, RelationshipJson.Strict.KeyChange, out change)
            && change.Issuer.Equals(from.Subject)
            && change.Audience.Equals(to)
            && change.Relationship == from.Relationship
            && !change.Next.Equals(to)
            && KeyBundle.TryVerify(change.Bundle, change.Next, out next)
            && next.Relationship == from.Relationship
            && next.Epoch == from.Epoch + 1)
            return true;
        (change, next) = (null, null);
        return false;
    }

    internal string Sign(Ed25519PrivateKey didKey) => Jws.Sign(JwsKind.KeyChange, StrictJson.Write(this, RelationshipJson.Strict.KeyChange), didKey);
}
