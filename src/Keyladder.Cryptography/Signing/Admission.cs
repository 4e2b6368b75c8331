using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;

namespace Keyladder.Cryptography.Signing;

/// <summary>
/// What an app signs, with a key that the service's operator has registered, for one person to make one account (docs/spec/admission.md
/// section 2). It names neither person nor account.
/// </summary>
/// <param name="Audience">The service that it is meant for.</param>
/// <param name="Id">Its own, random; what makes it good for one use.</param>
/// <param name="IssuedAt">Seconds since the epoch.</param>
/// <param name="Expires">Seconds since the epoch; after <paramref name="IssuedAt"/>, by at most <see cref="LongestLifetime"/>.</param>
public sealed record Admission(
    [property: JsonPropertyName("aud")] Origin Audience,
    [property: JsonPropertyName("jti")] AdmissionId Id,
    [property: JsonPropertyName("iat")] long IssuedAt,
    [property: JsonPropertyName("exp")] long Expires)
{
    /// <summary>Seconds.</summary>
    public const long LongestLifetime = 600;

    /// <summary>For an app that lets somebody sign up now.</summary>
    /// <param name="audience">The service's origin.</param>
    /// <param name="now">This machine's clock.</param>
    public static Admission Create(Origin audience, DateTimeOffset now) =>
        new(audience, AdmissionId.Generate(), now.ToUnixTimeSeconds(), now.ToUnixTimeSeconds() + LongestLifetime);

    public string Sign(Ed25519PrivateKey registeredKey) =>
        Jws.Sign(JwsKind.KeystoreAdmission, StrictJson.Write(this, SignInJson.Strict.Admission), registeredKey);

    /// <summary>Signature and form. Whether audience, time and first use are right is for the service to say.</summary>
    public static bool TryVerify(string jws, Ed25519PublicKey registeredKey, [NotNullWhen(true)] out Admission? admission)
    {
        admission = null;
        if (Jws.TryVerify(JwsKind.KeystoreAdmission, jws, registeredKey, out var payload)
            && StrictJson.TryRead(payload, SignInJson.Strict.Admission, out admission)
            && admission.Expires > admission.IssuedAt
            && admission.Expires - admission.IssuedAt <= LongestLifetime)
            return true;
        admission = null;
        return false;
    }
}
