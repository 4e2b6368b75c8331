using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;
using Keyladder.Cryptography;
using Keyladder.Cryptography.Dids;
using Keyladder.Cryptography.Signing;

namespace Keyladder.Keys.Relationships;

/// <summary>
/// What happened to one shared attribute, signed by the party that did it (docs/spec/relationships.md section 8). It names the attribute by the id
/// that it has in this relationship and nothing else: an app that acts on it learns no value, no name and no other party.
/// </summary>
/// <param name="Issuer">Who says so.</param>
/// <param name="Attribute">The attribute, by its id in this relationship.</param>
/// <param name="Event">One of <see cref="ShareEvents"/>.</param>
/// <param name="Number">That of the statement about the share that it is about.</param>
public sealed record ShareEvent(
    [property: JsonPropertyName("iss")] Did Issuer, AttributeId Attribute, [property: JsonPropertyName("event")] string Event, long Number)
{
    /// <param name="jws">From anywhere.</param>
    /// <param name="issuer">Whose it must be.</param>
    /// <param name="shareEvent">Null where it is refused.</param>
    public static bool TryVerify(string jws, Did issuer, [NotNullWhen(true)] out ShareEvent? shareEvent)
    {
        ArgumentNullException.ThrowIfNull(issuer);
        if (Statement.TryVerify(JwsKind.ShareEvent, jws, issuer, RelationshipJson.Strict.ShareEvent, out shareEvent)
            && shareEvent.Issuer.Equals(issuer)
            && shareEvent.Number >= 1
            && ShareEvents.All.Contains(shareEvent.Event))
            return true;
        shareEvent = null;
        return false;
    }

    internal string Sign(Ed25519PrivateKey didKey) => Jws.Sign(JwsKind.ShareEvent, StrictJson.Write(this, RelationshipJson.Strict.ShareEvent), didKey);
}

/// <summary>What can happen to a shared attribute.</summary>
public static class ShareEvents
{
    /// <summary>The issuer shares it.</summary>
    public const string Shared = "shared";

    /// <summary>The holder accepts the terms.</summary>
    public const string Accepted = "accepted";

    /// <summary>The holder opens it.</summary>
    public const string Read = "read";

    /// <summary>The issuer puts another copy in the place of the one before.</summary>
    public const string Changed = "changed";

    /// <summary>Its last day is over.</summary>
    public const string Expired = "expired";

    /// <summary>The issuer takes it back.</summary>
    public const string Revoked = "revoked";

    internal static IReadOnlyList<string> All { get; } = [Shared, Accepted, Read, Changed, Expired, Revoked];
}
