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
    public const int Overhead = XWingPrivateKey.EncapsulationSize + Aes256Gcm.TagLength;

    /// <param name="publicKey">The recipient's X-Wing key, <see cref="XWingPrivateKey.PublicKeySize"/> bytes.</param>
    /// <param name="info">What this is for, and between whom: it opens for the same alone.</param>
    /// <param name="plaintext">Of any length.</param>
    /// <returns>The encapsulation, then the ciphertext with its tag.</returns>
    /// <exception cref="CryptographicException">It is no public key.</exception>
    public static byte[] Seal(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> info, ReadOnlySpan<byte> plaintext) => Seal(publicKey, info, plaintext, []);

    /// <param name="key">The recipient's.</param>
    /// <param name="info">As it was sealed with.</param>
    /// <param name="sealedBytes">What <see cref="Seal(ReadOnlySpan{byte}, ReadOnlySpan{byte}, ReadOnlySpan{byte})"/> made, from anywhere.</param>
    /// <returns>The plaintext, to be disposed of.</returns>
    /// <exception cref="OpenFailedException">It was altered or cut, or is for another key or purpose.</exception>
    public static SecretBytes Open(XWingPrivateKey key, ReadOnlySpan<byte> info, ReadOnlySpan<byte> sealedBytes)
    {
        ArgumentNullException.ThrowIfNull(key);
        if (sealedBytes.Length < Overhead)
            throw new OpenFailedException();
        using var shared = key.TryDecapsulate(sealedBytes[..XWingPrivateKey.EncapsulationSize]) ?? throw new OpenFailedException();
        using var keys = new HpkeKeySchedule(shared, info, HpkeKeySchedule.Aes256Gcm);
        using var cipher = new Aes256Gcm(keys.Key.DangerousSpan);
        return SecretBytes.Create(sealedBytes.Length - Overhead, sealedBytes[XWingPrivateKey.EncapsulationSize..], Decrypt);

        void Decrypt(Span<byte> plaintext, ReadOnlySpan<byte> sealedText)
        {
            if (!cipher.TryDecrypt(keys.BaseNonce.DangerousSpan, sealedText, plaintext))
                throw new OpenFailedException();
        }
    }

    /// <inheritdoc cref="Seal(ReadOnlySpan{byte}, ReadOnlySpan{byte}, ReadOnlySpan{byte})"/>
    /// <param name="randomness">As for <see cref="XWingPrivateKey.Encapsulate"/>.</param>
    internal static byte[] Seal(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> info, ReadOnlySpan<byte> plaintext, ReadOnlySpan<byte> randomness)
    {
        var output = new byte[Overhead + plaintext.Length];
        using var shared = XWingPrivateKey.Encapsulate(publicKey, output.AsSpan(0, XWingPrivateKey.EncapsulationSize), randomness);
        using var keys = new HpkeKeySchedule(shared, info, HpkeKeySchedule.Aes256Gcm);
        using var cipher = new Aes256Gcm(keys.Key.DangerousSpan);
        cipher.Encrypt(keys.BaseNonce.DangerousSpan, plaintext, output.AsSpan(XWingPrivateKey.EncapsulationSize));
        return output;
    }
}
