using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;

namespace Keyladder.Cryptography.Signing;

/// <summary>What a client signs with the login key of an unlock slot to get a session (docs/spec/sign-in.md section 2).</summary>
/// <param name="Audience">The service that it is meant for.</param>
/// <param name="Nonce">From that service; 1 to 128 characters.</param>
/// <param name="Locator">Locator of the slot, 32 bytes.</param>
/// <param name="IssuedAt">Seconds since the epoch, corrected by the service's time.</param>
/// <param name="SessionPublicKey">A fresh X25519 public key, 32 bytes, not of small order.</param>
public sealed record LoginAssertion(
    [property: JsonPropertyName("aud")] Origin Audience,
    [property: JsonPropertyName("nonce")] string Nonce,
    [property: JsonPropertyName("sub")] byte[] Locator,
    [property: JsonPropertyName("iat")] long IssuedAt,
    [property: JsonPropertyName("key")] byte[] SessionPublicKey)
{
    public string Sign(Ed25519PrivateKey loginKey) =>
        Jws.Sign(JwsKind.KeystoreLogin, StrictJson.Write(this, SignInJson.Strict.LoginAssertion), loginKey);

    /// <summary>For the service, which finds the login key by the locator; nothing in it is known to be true.</summary>
    public static bool TryReadUnverified(string jws, [NotNullWhen(true)] out LoginAssertion? assertion)
    {
        assertion = null;
        return Jws.TryReadUnverified(JwsKind.KeystoreLogin, jws, out var payload) && TryRead(payload, out assertion);
    }

    /// <summary>Signature and form. Whether audience, nonce and time are right is for the service to say.</summary>
    public static bool TryVerify(string jws, Ed25519PublicKey loginKey, [NotNullWhen(true)] out LoginAssertion? assertion)
    {
        assertion = null;
        return Jws.TryVerify(JwsKind.KeystoreLogin, jws, loginKey, out var payload) && TryRead(payload, out assertion);
    }

    private static bool TryRead(byte[] payload, [NotNullWhen(true)] out LoginAssertion? assertion)
    {
        if (StrictJson.TryRead(payload, SignInJson.Strict.LoginAssertion, out assertion)
            && SignInJson.AreWellFormed(assertion.Nonce, assertion.Locator)
            && X25519PrivateKey.IsPublicKey(assertion.SessionPublicKey))
            return true;
        assertion = null;
        return false;
    }
}
