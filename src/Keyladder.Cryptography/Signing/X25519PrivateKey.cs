using System.Security.Cryptography;
using Keyladder.Cryptography.Interop;
using Keyladder.Cryptography.Secrets;

namespace Keyladder.Cryptography.Signing;

/// <summary>The private half of an X25519 keypair (RFC 7748), for one session's key agreement.</summary>
public sealed class X25519PrivateKey : IDisposable
{
    /// <summary>Bytes of a private key, a public key and what two of them agree on.</summary>
    public const int Size = 32;

    private readonly SecretBytes scalar;
    private readonly byte[] publicKey = new byte[Size];

    /// <param name="scalar">Belongs to the new key from now on.</param>
    internal X25519PrivateKey(SecretBytes scalar)
    {
        this.scalar = scalar;
        _ = Libsodium.crypto_scalarmult_curve25519_base(publicKey, scalar.DangerousSpan);
    }

    /// <summary>The u-coordinate, 32 bytes.</summary>
    public ReadOnlySpan<byte> PublicKey => publicKey;

    public static X25519PrivateKey Generate() => new(SecretBytes.Generate(Size));

    /// <param name="scalar">32 bytes, clamped when they are used.</param>
    /// <exception cref="ArgumentException">The scalar has another length.</exception>
    public static X25519PrivateKey FromScalar(ReadOnlySpan<byte> scalar) =>
        scalar.Length == Size
            ? new(SecretBytes.CopyOf(scalar))
            : throw new ArgumentException("An X25519 scalar has 32 bytes.", nameof(scalar));

    /// <summary>
    /// Whether the bytes may take part in an agreement: 32 of them, and not a point of small order, with which every private key agrees
    /// on zero (RFC 7748 section 6.1).
    /// </summary>
    public static bool IsPublicKey(ReadOnlySpan<byte> bytes)
    {
        // Clamping makes every scalar a multiple of the cofactor, so that one scalar speaks for all.
        Span<byte> result = stackalloc byte[Size];
        ReadOnlySpan<byte> anyScalar = stackalloc byte[Size];
        return bytes.Length == Size && Libsodium.crypto_scalarmult_curve25519(result, anyScalar, bytes) == 0;
    }

    /// <exception cref="CryptographicException">The other public key is none, or the result would be all zero.</exception>
    public SecretBytes Agree(ReadOnlySpan<byte> otherPublicKey)
    {
        return otherPublicKey.Length == Size ? SecretBytes.Create(Size, otherPublicKey, Multiply) : throw Refusal();

        void Multiply(Span<byte> shared, ReadOnlySpan<byte> point)
        {
            if (Libsodium.crypto_scalarmult_curve25519(shared, scalar.DangerousSpan, point) != 0)
                throw Refusal();
        }

        static CryptographicException Refusal() => new("The other side's X25519 public key is not acceptable.");
    }

    public void Dispose() => scalar.Dispose();
}
