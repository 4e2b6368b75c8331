using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace Keyladder.Cryptography.Signing;

/// <summary>
/// Signed objects: <c>b64u(header) . b64u(payload) . b64u(signature)</c> (RFC 7515 compact serialization, docs/spec/signed-objects.md).
/// Nothing is taken from the header: it is compared, as text, with the one that the expected kind has for the key.
/// </summary>
public static class Jws
{
    /// <exception cref="ArgumentException">Keys of this type do not sign that kind.</exception>
    public static string Sign(JwsKind kind, ReadOnlySpan<byte> payload, PrivateKey key)
    {
        ArgumentNullException.ThrowIfNull(kind);
        ArgumentNullException.ThrowIfNull(key);
        if (!kind.EncodedHeaders.TryGetValue(key.PublicKey.Type, out var header))
            throw new ArgumentException("Keys of this type do not sign that kind.", nameof(key));
        var signingInput = $"{header}.{Base64UrlText.Encode(payload)}";
        return $"{signingInput}.{Base64UrlText.Encode(key.Sign(Encoding.ASCII.GetBytes(signingInput)))}";
    }

    /// <param name="payload">The bytes that were signed; null where the object is refused, whatever the reason.</param>
    public static bool TryVerify(JwsKind kind, string jws, PublicKey key, [NotNullWhen(true)] out byte[]? payload)
    {
        ArgumentNullException.ThrowIfNull(kind);
        ArgumentNullException.ThrowIfNull(key);
        return TryVerify(kind.EncodedHeaders.GetValueOrDefault(key.Type), jws, key, out payload);
    }

    /// <param name="encodedHeader">The one that is expected; null for a key that does not sign the kind.</param>
    /// <inheritdoc cref="TryVerify(JwsKind, string, PublicKey, out byte[])"/>
    internal static bool TryVerify(string? encodedHeader, string jws, PublicKey key, [NotNullWhen(true)] out byte[]? payload)
    {
        ArgumentNullException.ThrowIfNull(jws);
        if (TrySplit(encodedHeader, jws, out payload, out var signature)
            && key.Verify(Encoding.ASCII.GetBytes(jws[..jws.LastIndexOf('.')]), signature))
            return true;
        payload = null;
        return false;
    }

    /// <summary>
    /// Reads the payload without a look at the signature: for a service that learns from it whose key to look up, and then verifies. It
    /// says nothing about who made it.
    /// </summary>
    public static bool TryReadUnverified(JwsKind kind, string jws, [NotNullWhen(true)] out byte[]? payload)
    {
        ArgumentNullException.ThrowIfNull(kind);
        ArgumentNullException.ThrowIfNull(jws);
        payload = null;
        foreach (var header in kind.EncodedHeaders.Values)
        {
            if (TrySplit(header, jws, out payload, out _))
                return true;
        }

        return false;
    }

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
        string? encodedHeader, string jws, [NotNullWhen(true)] out byte[]? payload, [NotNullWhen(true)] out byte[]? signature)
    {
        (payload, signature) = (null, null);
        var parts = jws.Split('.', 4);
        return parts.Length == 3
            && parts[0] == encodedHeader
            && Base64UrlText.TryDecode(parts[1], out payload)
            && Base64UrlText.TryDecode(parts[2], out signature);
    }
}
