using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using Keyladder.Cryptography;
using Keyladder.Cryptography.Derivation;
using Keyladder.Cryptography.Secrets;
using Keyladder.Hosting.Problems;
using Keyladder.Hosting.Storage;

namespace Keyladder.Hosting.Authentication;

/// <summary>
/// Nonces of docs/spec/sign-in.md section 1. Handing one out stores nothing and looks nothing up: it is u8(generation) ‖ u64(time) ‖ 16 random bytes ‖ HMAC-SHA-256 over these.
/// It is recorded when it is used, under the account that used it.
/// </summary>
public sealed class Nonces(ServiceSecret secret, TimeProvider time)
{
    private const int RandomSize = 16;
    private const int RandomOffset = 1 + sizeof(long);
    private const int MacOffset = RandomOffset + RandomSize;
    private const int Size = MacOffset + HMACSHA256.HashSizeInBytes;

    // The clocks of two instances on one database differ a little.
    private static readonly TimeSpan InstanceSkew = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(60);

    // By the secret itself, not by its generation: what is asked for is always one that is good now.
    private readonly ConcurrentDictionary<SecretBytes, SecretBytes> macKeys = new();

    public string Issue()
    {
        var nonce = new byte[Size];
        (nonce[0], var current) = secret.Current;
        BinaryPrimitives.WriteInt64BigEndian(nonce.AsSpan(1), time.GetUtcNow().ToUnixTimeMilliseconds());
        RandomNumberGenerator.Fill(nonce.AsSpan(RandomOffset, RandomSize));
        HMACSHA256.HashData(MacKey(current).DangerousSpan, nonce.AsSpan(0, MacOffset), nonce.AsSpan(MacOffset));
        return Base64UrlText.Encode(nonce);
    }

    /// <summary>Whether it is ours and young enough. That it has not been used is for <see cref="SpendAsync"/>.</summary>
    /// <exception cref="ProblemException">It is not: two reasons, two problems.</exception>
    public void Check(string nonce)
    {
        if (!Base64UrlText.TryDecode(nonce, out var bytes) || bytes.Length != Size || !secret.TryGet(bytes[0], out var generation)
            || !CryptographicOperations.FixedTimeEquals(HMACSHA256.HashData(MacKey(generation).DangerousSpan, bytes.AsSpan(0, MacOffset)), bytes.AsSpan(MacOffset)))
            throw Problem.SignInFailed();

        var now = time.GetUtcNow();
        var age = now - DateTimeOffset.FromUnixTimeMilliseconds(BinaryPrimitives.ReadInt64BigEndian(bytes.AsSpan(1)));
        if (age > Lifetime || age < -InstanceSkew)
            throw Problem.NonceExpired(now);
    }

    /// <param name="nonce">One that <see cref="Check"/> has let pass, from a statement whose signature has been verified.</param>
    /// <exception cref="ProblemException">It has been used.</exception>
    public async Task SpendAsync(Transaction transaction, AccountId account, string nonce, CancellationToken cancellation)
    {
        _ = Base64UrlText.TryDecode(nonce, out var bytes);
        var now = time.GetUtcNow();
        var spent = await transaction.ExecuteAsync(
            new Statement("INSERT INTO spent_nonces (account_id, nonce, expires) VALUES (@account, @nonce, @expires) ON CONFLICT DO NOTHING;")
            {
                { "account", account.ToString() },
                { "nonce", bytes.AsSpan(RandomOffset, RandomSize).ToArray() },
                { "expires", StoredTime.HourAfter(now + Lifetime + InstanceSkew) },
            },
            cancellation);
        if (spent == 0)
            throw Problem.NonceExpired(now);
    }

    private SecretBytes MacKey(SecretBytes generation) =>
        macKeys.GetOrAdd(generation, bytes => HkdfSha512.DeriveKey(bytes.DangerousSpan, [], Fields.Encode("hosting/v1/nonce"), 32));
}
