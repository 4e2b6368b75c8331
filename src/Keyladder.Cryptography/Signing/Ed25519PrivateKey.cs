using Keyladder.Cryptography.Interop;
using Keyladder.Cryptography.Secrets;

namespace Keyladder.Cryptography.Signing;

/// <summary>The private half of an Ed25519 keypair (RFC 8032). Signatures are deterministic.</summary>
public sealed class Ed25519PrivateKey : PrivateKey
{
    /// <summary>In bytes (RFC 8032 section 5.1.5).</summary>
    public const int SeedSize = 32;

    // PKCS#8 around the seed (RFC 8410 section 7): version 0, the algorithm, and the octet string in an octet string.
    private static ReadOnlySpan<byte> Pkcs8Prefix => [0x30, 0x2E, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2B, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20];

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

    public override Ed25519PublicKey PublicKey { get; }

    public static Ed25519PrivateKey Generate()
    {
        using var seed = SecretBytes.Generate(SeedSize);
        return new Ed25519PrivateKey(seed.DangerousSpan);
    }

    /// <param name="seed">The 32 bytes that RFC 8032 calls the private key.</param>
    /// <exception cref="ArgumentException">The seed has another length.</exception>
    public static Ed25519PrivateKey FromSeed(ReadOnlySpan<byte> seed) =>
        seed.Length == SeedSize ? new Ed25519PrivateKey(seed) : throw new ArgumentException("An Ed25519 seed has 32 bytes.", nameof(seed));

    public override byte[] Sign(ReadOnlySpan<byte> data)
    {
        var signature = new byte[SignatureSize];
        _ = Libsodium.crypto_sign_ed25519_detached(signature, 0, data, (ulong)data.Length, secretKey.DangerousSpan);
        return signature;
    }

    /// <summary>A copy of the seed, for wrapping it; the caller disposes of it.</summary>
    public SecretBytes DangerousExportSeed() => SecretBytes.CopyOf(secretKey.DangerousSpan[..SeedSize]);

    public override void Dispose() => secretKey.Dispose();

    internal override SecretBytes CopyBytes() => DangerousExportSeed();

    internal override SecretBytes CopyPkcs8() => SecretBytes.Create(Pkcs8Prefix.Length + SeedSize, secretKey.DangerousSpan[..SeedSize], static (der, seed) =>
    {
        Pkcs8Prefix.CopyTo(der);
        seed.CopyTo(der[Pkcs8Prefix.Length..]);
    });
}
