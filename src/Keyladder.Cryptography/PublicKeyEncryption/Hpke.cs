using System.Security.Cryptography;
using Keyladder.Cryptography.ChunkedEncryption;
using Keyladder.Cryptography.Secrets;

namespace Keyladder.Cryptography.PublicKeyEncryption;

/// <summary>
/// Sealing to a public key: HPKE (RFC 9180) in base mode with X-Wing (0x647A), HKDF-SHA-256 and AES-256-GCM, one message for each key
/// schedule. It says nothing of who sealed: what has to be known of that is signed inside.
/// </summary>
public static class Hpke
{
    /// <summary>Bytes by which what is sealed is longer: the encapsulation before it, and the tag behind.</summary>
    public const int Overhead = XWingPrivateKey.EncapsulationSize + TagSize;

    private const int TagSize = 16;

    /// <param name="publicKey">The recipient's X-Wing key, <see cref="XWingPrivateKey.PublicKeySize"/> bytes.</param>
    /// <param name="info">What this is for, and between whom: it opens for the same alone.</param>
    /// <param name="plaintext">Of any length.</param>
    /// <returns>The encapsulation, then the ciphertext with its tag.</returns>
    /// <exception cref="CryptographicException">It is no public key.</exception>
    public static byte[] Seal(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> info, ReadOnlySpan<byte> plaintext)
    {
        var output = new byte[Overhead + plaintext.Length];
        using var shared = XWingPrivateKey.Encapsulate(publicKey, output.AsSpan(0, XWingPrivateKey.EncapsulationSize));
        using var keys = new HpkeKeySchedule(shared, info, HpkeKeySchedule.Aes256Gcm);
        using var aes = new AesGcm(keys.Key.DangerousSpan, TagSize);
        aes.Encrypt(keys.BaseNonce.DangerousSpan, plaintext, output.AsSpan(XWingPrivateKey.EncapsulationSize, plaintext.Length), output.AsSpan(^TagSize..));
        return output;
    }

    /// <param name="key">The recipient's.</param>
    /// <param name="info">As it was sealed with.</param>
    /// <param name="sealedBytes">What <see cref="Seal"/> made, from anywhere.</param>
    /// <returns>The plaintext, to be disposed of.</returns>
    /// <exception cref="OpenFailedException">It was altered or cut, or is for another key or purpose.</exception>
    public static SecretBytes Open(XWingPrivateKey key, ReadOnlySpan<byte> info, ReadOnlySpan<byte> sealedBytes)
    {
        ArgumentNullException.ThrowIfNull(key);
        if (sealedBytes.Length < Overhead)
            throw new OpenFailedException();
        using var shared = key.TryDecapsulate(sealedBytes[..XWingPrivateKey.EncapsulationSize]) ?? throw new OpenFailedException();
        using var keys = new HpkeKeySchedule(shared, info, HpkeKeySchedule.Aes256Gcm);
        try
        {
            return SecretBytes.Create(
                sealedBytes.Length - Overhead,
                new Sealed(keys, sealedBytes[XWingPrivateKey.EncapsulationSize..^TagSize], sealedBytes[^TagSize..]),
                static (plaintext, from) =>
                {
                    using var aes = new AesGcm(from.Keys.Key.DangerousSpan, TagSize);
                    aes.Decrypt(from.Keys.BaseNonce.DangerousSpan, from.Ciphertext, from.Tag, plaintext);
                });
        }
        catch (AuthenticationTagMismatchException)
        {
            throw new OpenFailedException();
        }
    }

    private readonly ref struct Sealed(HpkeKeySchedule keys, ReadOnlySpan<byte> ciphertext, ReadOnlySpan<byte> tag)
    {
        public HpkeKeySchedule Keys { get; } = keys;

        public ReadOnlySpan<byte> Ciphertext { get; } = ciphertext;

        public ReadOnlySpan<byte> Tag { get; } = tag;
    }
}
