using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Serialization;
using Keyladder.Cryptography.Signing;

namespace Keyladder.Cryptography.Dids;

/// <summary>
/// What a person signs to show an app that they hold a DID (docs/spec/did-sign-in.md section 2): for one link, and so for one page of one
/// origin, one purpose and one challenge. It names nothing else.
/// </summary>
/// <param name="Signer">Whose statement it is; a <c>did:key</c> or <c>did:jwk</c> whose key signs.</param>
/// <param name="Audience">The app that it is meant for.</param>
/// <param name="Purpose">What it is meant for there.</param>
/// <param name="LinkHash">SHA-256 of the link's text, 32 bytes.</param>
public sealed record DidSignIn(
    [property: JsonPropertyName("iss")] Did Signer,
    [property: JsonPropertyName("aud")] Origin Audience,
    [property: JsonPropertyName("purpose")] DidSignInPurpose Purpose,
    [property: JsonPropertyName("challenge")] byte[] LinkHash)
{
    /// <summary>Characters of a statement as JWS; a longer text is none.</summary>
    public const int MaxLength = 4096;

    /// <summary>Answers what an app's page shows, as the <c>did:key</c> of the key.</summary>
    /// <returns>The JWS.</returns>
    public static string Sign(DidSignInLink link, PrivateKey key)
    {
        ArgumentNullException.ThrowIfNull(key);
        return Sign(link, key, Did.Of(key.PublicKey));
    }

    /// <summary>The same as another DID that is made of the key: its <c>did:jwk</c>.</summary>
    /// <exception cref="ArgumentException">The DID is made of another key, or of none.</exception>
    /// <inheritdoc cref="Sign(DidSignInLink, PrivateKey)"/>
    public static string Sign(DidSignInLink link, PrivateKey key, Did signer)
    {
        ArgumentNullException.ThrowIfNull(link);
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(signer);
        if (!key.PublicKey.Equals(signer.PublicKey))
            throw new ArgumentException("The DID is not made of that key.", nameof(signer));
        return Jws.Sign(
            JwsKind.DidSignIn,
            StrictJson.Write(new DidSignIn(signer, link.Origin, link.Purpose, HashOf(link)), DidJson.Strict.DidSignIn),
            key);
    }

    /// <summary>
    /// Verifies that the DID which the statement names made it. The key follows from the DID; no call is made. Whether audience, purpose and
    /// challenge are right is for the app to say.
    /// </summary>
    /// <param name="jws">From anywhere.</param>
    /// <param name="statement">Null where it is refused.</param>
    public static bool TryVerify(string jws, [NotNullWhen(true)] out DidSignIn? statement)
    {
        ArgumentNullException.ThrowIfNull(jws);
        statement = null;
        if (jws.Length <= MaxLength
            && Jws.TryReadUnverified(JwsKind.DidSignIn, jws, out var payload)
            && StrictJson.TryRead(payload, DidJson.Strict.DidSignIn, out statement)
            && statement.LinkHash.Length == SHA256.HashSizeInBytes
            && statement.Signer.PublicKey is { } key
            && Jws.TryVerify(JwsKind.DidSignIn, jws, key, out _))
            return true;
        statement = null;
        return false;
    }

    /// <summary>Whether it was signed for this link, whose page, purpose and challenge are those of the app that asks, not what an answer says.</summary>
    public bool Answers(DidSignInLink link)
    {
        ArgumentNullException.ThrowIfNull(link);
        return CryptographicOperations.FixedTimeEquals(HashOf(link), LinkHash);
    }

    // The page too: the answer is opened there, and another page of the origin may lead on to somewhere else, fragment and all.
    private static byte[] HashOf(DidSignInLink link) => SHA256.HashData(Encoding.UTF8.GetBytes(link.ToString()));
}
