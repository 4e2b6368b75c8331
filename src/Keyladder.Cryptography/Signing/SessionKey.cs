using System.Security.Cryptography;
using Keyladder.Cryptography.Derivation;
using Keyladder.Cryptography.Secrets;

namespace Keyladder.Cryptography.Signing;

/// <summary>
/// The key that signs a session's requests (docs/spec/sign-in.md section 3). It never travels: client and service each derive it from an
/// own private key and the other's public one.
/// </summary>
public sealed class SessionKey : IDisposable
{
    private const int Size = 32;

    private readonly SecretBytes key;

    internal SessionKey(SecretBytes key) => this.key = key;

    /// <summary>The service's private key for one session: derived whenever it is needed, never stored.</summary>
    public static X25519PrivateKey DeriveServicePrivateKey(
        SecretBytes serviceSecret, SessionKeyId keyId, ReadOnlySpan<byte> clientPublicKey)
    {
        ArgumentNullException.ThrowIfNull(serviceSecret);
        var info = Fields.Encode("keystore/v1/session-x25519", keyId.ToString(), clientPublicKey.ToArray());
        return new X25519PrivateKey(HkdfSha512.DeriveKey(serviceSecret.DangerousSpan, [], info, X25519PrivateKey.Size));
    }

    /// <exception cref="CryptographicException">The service's public key is not acceptable.</exception>
    public static SessionKey DeriveForClient(
        X25519PrivateKey client, ReadOnlySpan<byte> servicePublicKey, Origin origin, SessionKeyId keyId)
    {
        ArgumentNullException.ThrowIfNull(client);
        using var shared = client.Agree(servicePublicKey);
        return Derive(shared, origin, keyId, client.PublicKey, servicePublicKey);
    }

    /// <exception cref="CryptographicException">The client's public key is not acceptable.</exception>
    public static SessionKey DeriveForService(
        X25519PrivateKey service, ReadOnlySpan<byte> clientPublicKey, Origin origin, SessionKeyId keyId)
    {
        ArgumentNullException.ThrowIfNull(service);
        using var shared = service.Agree(clientPublicKey);
        return Derive(shared, origin, keyId, clientPublicKey, service.PublicKey);
    }

    /// <returns>HMAC-SHA-256, 32 bytes.</returns>
    public byte[] Sign(ReadOnlySpan<byte> data) => HMACSHA256.HashData(key.DangerousSpan, data);

    /// <summary>Compares in constant time.</summary>
    public bool Verify(ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature) =>
        CryptographicOperations.FixedTimeEquals(Sign(data), signature);

    public void Dispose() => key.Dispose();

    private static SessionKey Derive(
        SecretBytes shared, Origin origin, SessionKeyId keyId, ReadOnlySpan<byte> clientPublicKey, ReadOnlySpan<byte> servicePublicKey)
    {
        ArgumentNullException.ThrowIfNull(origin);
        var info = Fields.Encode(
            "keystore/v1/session-key", origin.ToString(), keyId.ToString(), clientPublicKey.ToArray(), servicePublicKey.ToArray());
        return new SessionKey(HkdfSha512.DeriveKey(shared.DangerousSpan, [], info, Size));
    }
}
