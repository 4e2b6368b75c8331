using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Keyladder.Cryptography;
using Keyladder.Cryptography.Secrets;
using Keyladder.Cryptography.Signing;

namespace Keyladder.Hosting.Authentication;

/// <summary>
/// The service's side of docs/spec/sign-in.md section 3. Derived keys are kept for a while, because a derivation costs ten times a verification; whether a session still exists is
/// read from the database each time, so nothing here outlives a revocation.
/// </summary>
public sealed class SessionKeys(ServiceSecret secret, ServiceOrigin origin)
{
    private const int MaxCached = 4096;

    // Two halves: when the young one is full it becomes the old one. A key that drops out is left to the collector, since another request may be using it, and it follows from the
    // service secret, which stays in memory, in any case.
    private ConcurrentDictionary<SessionKeyId, Entry> young = new();
    private ConcurrentDictionary<SessionKeyId, Entry> old = new();

    public SessionKeyId NewKeyId(AccountId account) => new(secret.Current.Generation, account, SessionId.Generate());

    /// <returns>The service's public key for the session, 32 bytes.</returns>
    public byte[] PublicKey(SessionKeyId keyId, byte[] clientPublicKey)
    {
        using var own = secret.TryGet(keyId.Generation, out var bytes)
            ? SessionKey.DeriveServicePrivateKey(bytes, keyId, clientPublicKey)
            : throw new InvalidOperationException("A new session belongs to the present generation.");
        return own.PublicKey.ToArray();
    }

    internal bool Verify(HttpMessageSignature signature, CoveredComponents request, byte[] clientPublicKey) =>
        TryGet(signature.KeyId, clientPublicKey, out var key) && signature.Verify(request, key);

    private bool TryGet(SessionKeyId keyId, byte[] clientPublicKey, [NotNullWhen(true)] out SessionKey? key)
    {
        key = null;
        if (!secret.TryGet(keyId.Generation, out var bytes))
            return false;
        if ((young.TryGetValue(keyId, out var entry) || old.TryGetValue(keyId, out entry))
            && entry.Secret == bytes && entry.ClientPublicKey.AsSpan().SequenceEqual(clientPublicKey))
        {
            key = entry.Key;
            return true;
        }

        using var own = SessionKey.DeriveServicePrivateKey(bytes, keyId, clientPublicKey);
        key = SessionKey.DeriveForService(own, clientPublicKey, origin.Value, keyId);
        if (young.Count >= MaxCached)
            (old, young) = (young, new());
        young[keyId] = new Entry(bytes, clientPublicKey, key);
        return true;
    }

    private sealed record Entry(SecretBytes Secret, byte[] ClientPublicKey, SessionKey Key);
}
