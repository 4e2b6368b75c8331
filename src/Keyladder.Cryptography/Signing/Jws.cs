using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace Keyladder.Cryptography.Signing;

/// <summary>
/// Signed objects: <c>b64u(header) . b64u(payload) . b64u(signature)</c> (RFC 7515 compact serialization, docs/spec/signed-objects.md).
/// Nothing is taken from the header: it is compared, as text, with the one that the expected kind has.
/// </summary>
public static class Jws
{
    public static string Sign(JwsKind kind, ReadOnlySpan<byte> payload, Ed25519PrivateKey key)
    {
        ArgumentNullException.ThrowIfNull(kind);
        ArgumentNullException.ThrowIfNull(key);
        var signingInput = $"{kind.EncodedHeader}.{Base64UrlText.Encode(payload)}";
        return $"{signingInput}.{Base64UrlText.Encode(key.Sign(Encoding.ASCII.GetBytes(signingInput)))}";
    }

    /// <param name="payload">The bytes that were signed; null where the object is refused, whatever the reason.</param>
    public static bool TryVerify(JwsKind kind, string jws, Ed25519PublicKey key, [NotNullWhen(true)] out byte[]? payload)
    {
        ArgumentNullException.ThrowIfNull(key);
        if (TrySplit(kind, jws, out payload, out var signature)
            && key.Verify(Encoding.ASCII.GetBytes(jws[..jws.LastIndexOf('.')]), signature))
            return true;
        payload = null;
        return false;
    }

    /// <summary>
    /// Reads the payload without a look at the signature: for a service that learns from it whose key to look up, and then verifies. It
    /// says nothing about who made it.
    /// </summary>
    public static bool TryReadUnverified(JwsKind kind, string jws, [NotNullWhen(true)] out byte[]? payload) =>
        TrySplit(kind, jws, out payload, out _);

    /// <summary>
    /// SHA-256 over header and payload as they stand in the text, which is the hash of a head (docs/spec/heads.md section 3). The
    /// signature is not part of it.
    /// </summary>
    public static byte[] SigningInputHash(string jws)
    {
        ArgumentNullException.ThrowIfNull(jws);
        var end = jws.LastIndexOf('.');
        return end > 0 && Ascii.IsValid(jws)
            ? SHA256.HashData(Encoding.ASCII.GetBytes(jws[..end]))
            : throw new ArgumentException("Not a JWS in compact serialization.", nameof(jws));
    }

    private static bool TrySplit(
        JwsKind kind, string jws, [NotNullWhen(true)] out byte[]? payload, [NotNullWhen(true)] out byte[]? signature)
    {
        ArgumentNullException.ThrowIfNull(kind);
        ArgumentNullException.ThrowIfNull(jws);
        (payload, signature) = (null, null);
        var parts = jws.Split('.', 4);
        return parts.Length == 3
            && parts[0] == kind.EncodedHeader
            && Base64UrlText.TryDecode(parts[1], out payload)
            && Base64UrlText.TryDecode(parts[2], out signature);
    }
}
