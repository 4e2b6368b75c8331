using System.Security.Cryptography;
using Keyladder.Cryptography.Interop;
using Keyladder.Cryptography.Secrets;

namespace Keyladder.Cryptography.PublicKeyEncryption;

/// <summary>
/// The private half of an X-Wing keypair (draft-connolly-cfrg-xwing-kem): ML-KEM-768 and X25519, so that what is sealed to it stays sealed
/// unless both are broken. <see cref="Hpke"/> seals to the public half.
/// </summary>
public sealed class XWingPrivateKey : IDisposable
{
    /// <summary>Bytes of a private key, which is a seed.</summary>
    public const int Size = 32;

    /// <summary>Bytes of a public key: that of ML-KEM-768, then that of X25519.</summary>
    public const int PublicKeySize = 1216;

    /// <summary>Bytes of what carries a shared secret: the ciphertext of ML-KEM-768, then a public key of X25519.</summary>
    internal const int EncapsulationSize = 1120;

    private const int SharedSecretSize = 32;
    private const int RandomnessSize = 64;

    private readonly SecretBytes seed;
    private readonly byte[] publicKey = new byte[PublicKeySize];

    private XWingPrivateKey(SecretBytes seed)
    {
        this.seed = seed;
        Span<byte> copy = stackalloc byte[Size];
        _ = Libsodium.crypto_kem_xwing_seed_keypair(publicKey, copy, seed.DangerousSpan);
        CryptographicOperations.ZeroMemory(copy);
    }

    /// <summary><see cref="PublicKeySize"/> bytes.</summary>
    public ReadOnlySpan<byte> PublicKey => publicKey;

    public static XWingPrivateKey Generate() => new(SecretBytes.Generate(Size));

    /// <param name="seed">32 bytes.</param>
    /// <exception cref="ArgumentException">The seed has another length.</exception>
    public static XWingPrivateKey FromSeed(ReadOnlySpan<byte> seed) =>
        seed.Length == Size ? new(SecretBytes.CopyOf(seed)) : throw new ArgumentException("An X-Wing private key has 32 bytes.", nameof(seed));

    /// <summary>Whether something can be sealed to the bytes: their number, the coefficients of ML-KEM (FIPS 203 section 7.2), and no point of small order.</summary>
    public static bool IsPublicKey(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != PublicKeySize)
            return false;
        Span<byte> encapsulation = stackalloc byte[EncapsulationSize];
        Span<byte> shared = stackalloc byte[SharedSecretSize];
        Span<byte> randomness = stackalloc byte[RandomnessSize];
        return Libsodium.crypto_kem_xwing_enc_deterministic(encapsulation, shared, bytes, randomness) == 0;
    }

    public void Dispose() => seed.Dispose();

    /// <summary>Makes a secret that the owner of the public key can find out, and nobody else.</summary>
    /// <param name="publicKey">From anywhere.</param>
    /// <param name="encapsulation"><see cref="EncapsulationSize"/> bytes, written: what the owner needs for it.</param>
    /// <param name="randomness">64 bytes that are used for nothing else; empty for the system's.</param>
    /// <exception cref="CryptographicException">It is no public key.</exception>
    internal static SecretBytes Encapsulate(ReadOnlySpan<byte> publicKey, Span<byte> encapsulation, ReadOnlySpan<byte> randomness = default)
    {
        if (publicKey.Length != PublicKeySize)
            throw Refusal();
        using var random = randomness.IsEmpty ? SecretBytes.Generate(RandomnessSize) : SecretBytes.CopyOf(randomness);
        Span<byte> shared = stackalloc byte[SharedSecretSize];
        try
        {
            return Libsodium.crypto_kem_xwing_enc_deterministic(encapsulation, shared, publicKey, random.DangerousSpan) == 0
                ? SecretBytes.CopyOf(shared)
                : throw Refusal();
        }
        finally
        {
            CryptographicOperations.ZeroMemory(shared);
        }

        static CryptographicException Refusal() => new("This is no X-Wing public key.");
    }

    /// <returns>The shared secret: for an altered encapsulation another one, which opens nothing (implicit rejection, FIPS 203 section 6.3). Null where it has another length, or its
    /// point is of small order.</returns>
    /// <param name="encapsulation">From anywhere.</param>
    internal SecretBytes? TryDecapsulate(ReadOnlySpan<byte> encapsulation)
    {
        if (encapsulation.Length != EncapsulationSize)
            return null;
        Span<byte> shared = stackalloc byte[SharedSecretSize];
        try
        {
            return Libsodium.crypto_kem_xwing_dec(shared, encapsulation, seed.DangerousSpan) == 0 ? SecretBytes.CopyOf(shared) : null;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(shared);
        }
    }
}
