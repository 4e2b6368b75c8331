using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;
using Keyladder.Cryptography;
using Keyladder.Cryptography.Dids;
using Keyladder.Cryptography.Heads;
using Keyladder.Cryptography.Signing;

namespace Keyladder.Keys.Relationships;

/// <summary>Takes an invitation (docs/spec/relationships.md section 4): good for these two DIDs and this relationship.</summary>
/// <param name="Issuer">Who takes it.</param>
/// <param name="Audience">Who gave it.</param>
/// <param name="Relationship">As the inviter's bundle names it.</param>
/// <param name="Origin">Of the Vault that the issuer keeps the relationship in.</param>
/// <param name="Channel">There.</param>
/// <param name="Bundle">The issuer's keys, as JWS.</param>
public sealed record Acceptance(
    [property: JsonPropertyName("iss")] Did Issuer,
    [property: JsonPropertyName("aud")] Did Audience,
    RelationshipId Relationship,
    Origin Origin,
    ChannelId Channel,
    string Bundle)
{
    /// <summary>Verifies who took the invitation. The signer's DID stands inside: what proves that it is the invited party's is that it knew the secret.</summary>
    /// <param name="jws">What the secret of the invitation opened.</param>
    /// <param name="inviter">Whose invitation it is.</param>
    /// <param name="relationship">The relationship that was offered.</param>
    /// <param name="acceptance">Null where it is refused; so is <paramref name="keys"/>.</param>
    /// <param name="keys">Those of the issuer, verified: to be pinned.</param>
    public static bool TryVerify(
        string jws, Did inviter, RelationshipId relationship, [NotNullWhen(true)] out Acceptance? acceptance, [NotNullWhen(true)] out KeyBundle? keys)
    {
        ArgumentNullException.ThrowIfNull(inviter);
        keys = null;
        if (Jws.TryReadUnverified(JwsKind.Acceptance, jws, out var payload)
            && StrictJson.TryRead(payload, RelationshipJson.Strict.Acceptance, out var claimed)
            && Statement.TryVerify(JwsKind.Acceptance, jws, claimed.Issuer, RelationshipJson.Strict.Acceptance, out acceptance)
            && acceptance.Audience.Equals(inviter)
            && !acceptance.Issuer.Equals(inviter)
            && acceptance.Relationship == relationship
            && acceptance.Origin.IsSecure
            && KeyBundle.TryVerify(acceptance.Bundle, acceptance.Issuer, out keys)
            && keys.Relationship == relationship)
            return true;
        (acceptance, keys) = (null, null);
        return false;
    }

    internal string Sign(Ed25519PrivateKey didKey) => Jws.Sign(JwsKind.Acceptance, StrictJson.Write(this, RelationshipJson.Strict.Acceptance), didKey);
}

/// <summary>Says that an acceptance was taken, and no other will be (docs/spec/relationships.md section 4).</summary>
/// <param name="Issuer">The inviter.</param>
/// <param name="Audience">Who accepted.</param>
/// <param name="Relationship">Theirs.</param>
/// <param name="Acceptance">Hash of what was signed of the acceptance.</param>
public sealed record Confirmation(
    [property: JsonPropertyName("iss")] Did Issuer,
    [property: JsonPropertyName("aud")] Did Audience,
    RelationshipId Relationship,
    Hash256 Acceptance)
{
    /// <param name="jws">From a letter that was opened.</param>
    /// <param name="from">The inviter's pinned keys.</param>
    /// <param name="to">Own DID.</param>
    /// <param name="acceptance">The own acceptance, as JWS; null where it has been confirmed before.</param>
    public static bool TryVerify(string jws, KeyBundle from, Did to, string? acceptance = null)
    {
        ArgumentNullException.ThrowIfNull(from);
        return Statement.TryVerify(JwsKind.Confirmation, jws, from.Subject, RelationshipJson.Strict.Confirmation, out var confirmation)
            && confirmation.Issuer.Equals(from.Subject)
            && confirmation.Audience.Equals(to)
            && confirmation.Relationship == from.Relationship
            && (acceptance is null || confirmation.Acceptance == HashOf(acceptance));
    }

    /// <param name="acceptance">As JWS.</param>
    public static Hash256 HashOf(string acceptance) => new(Jws.SigningInputHash(acceptance));

    internal string Sign(Ed25519PrivateKey didKey) => Jws.Sign(JwsKind.Confirmation, StrictJson.Write(this, RelationshipJson.Strict.Confirmation), didKey);
}
