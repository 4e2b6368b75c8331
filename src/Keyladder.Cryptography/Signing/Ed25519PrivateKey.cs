using Keyladder.Cryptography.Interop;
using Keyladder.Cryptography.Secrets;

namespace Keyladder.Cryptography.Signing;

/// <summary>The private half of an Ed25519 keypair (RFC 8032). Signatures are deterministic.</summary>
public sealed class Ed25519PrivateKey : IDisposable
{
    /// <summary>In bytes (RFC 8032 section 5.1.5).</summary>
    public const int SeedSize = 32;

    /// <summary>In bytes (RFC 8032 section 5.1.6).</summary>
    public const int SignatureSize = 64;

    // Seed, then public key: the form that libsodium signs with.
    private readonly SecretBytes secretKey;

    private Ed25519PrivateKey(ReadOnlySpan<byte> seed)
    {
        secretKey = SecretBytes.Create(SeedSize + Ed25519PublicKey.Size, seed, static (secretKey, seed) =>
        {
            Span<byte> publicKey = stackalloc byte[Ed25519PublicKey.Size];
            _ = Libsodium.crypto_sign_ed25519_seed_keypair(publicKey, secretKey, seed);
        });
        PublicKey = new Ed25519PublicKey(secretKey.DangerousSpan[SeedSize..]);
    }

    /// <summary>Computed from the seed.</summary>
    public Ed25519PublicKey PublicKey { get; }

    public static Ed25519PrivateKey Generate()
    {
        using var seed = SecretBytes.Generate(SeedSize);
        return new Ed25519PrivateKey(seed.DangerousSpan);
    }

    /// <param name="seed">The 32 bytes that RFC 8032 calls the private key.</param>
    /// <exception cref="ArgumentException">The seed has another length.</exception>
    public static Ed25519PrivateKey FromSeed(ReadOnlySpan<byte> seed) =>
        seed.Length == SeedSize ? new Ed25519PrivateKey(seed) : throw new ArgumentException("An Ed25519 seed has 32 bytes.", nameof(seed));

    /// <returns>64 bytes, R ‖ S.</returns>
    public byte[] Sign(ReadOnlySpan<byte> data)
    {
        var signature = new byte[SignatureSize];
        _ = Libsodium.crypto_sign_ed25519_detached(signature, 0, data, (ulong)data.Length, secretKey.DangerousSpan);
        return signature;
    }

    /// <summary>A copy of the seed, for wrapping it; the caller disposes of it.</summary>
    public SecretBytes DangerousExportSeed() => SecretBytes.CopyOf(secretKey.DangerousSpan[..SeedSize]);

    public void Dispose() => secretKey.Dispose();
}
