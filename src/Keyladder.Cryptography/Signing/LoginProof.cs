using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;

namespace Keyladder.Cryptography.Signing;

/// <summary>
/// What a client signs with the login key of its session's slot for a call that changes how the account is unlocked (docs/spec/sign-in.md
/// section 5).
/// </summary>
/// <param name="Audience">The service that it is meant for.</param>
/// <param name="Nonce">From that service, for one use; 1 to 128 characters.</param>
/// <param name="Locator">Locator of the slot, 32 bytes.</param>
/// <param name="IssuedAt">Seconds since the epoch, corrected by the service's time.</param>
/// <param name="HeadHash">Hash of the head that the call brings, 32 bytes: the proof is good for this change only.</param>
public sealed record LoginProof(
    [property: JsonPropertyName("aud")] Origin Audience,
    [property: JsonPropertyName("nonce")] string Nonce,
    [property: JsonPropertyName("sub")] byte[] Locator,
    [property: JsonPropertyName("iat")] long IssuedAt,
    [property: JsonPropertyName("head")] byte[] HeadHash)
{
    private const int HashSize = 32;

    public string Sign(Ed25519PrivateKey loginKey) =>
        Jws.Sign(JwsKind.KeystoreProof, StrictJson.Write(this, SignInJson.Strict.LoginProof), loginKey);

    /// <summary>Signature and form. Whether audience, nonce, time and head are right is for the service to say.</summary>
    public static bool TryVerify(string jws, Ed25519PublicKey loginKey, [NotNullWhen(true)] out LoginProof? proof)
    {
        proof = null;
        if (Jws.TryVerify(JwsKind.KeystoreProof, jws, loginKey, out var payload)
            && StrictJson.TryRead(payload, SignInJson.Strict.LoginProof, out proof)
            && SignInJson.AreWellFormed(proof.Nonce, proof.Locator)
            && proof.HeadHash.Length == HashSize)
            return true;
        proof = null;
        return false;
    }
}
