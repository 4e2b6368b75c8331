using System.Buffers.Binary;
using System.Security.Cryptography;
using Keyladder.Cryptography.Secrets;

namespace Keyladder.Cryptography.PublicKeyEncryption;

/// <summary>The key schedule of RFC 9180 section 5.1 in base mode, for X-Wing and HKDF-SHA-256.</summary>
internal sealed class HpkeKeySchedule : IDisposable
{
    public const ushort Aes256Gcm = 2;

    private const ushort XWing = 0x647A;
    private const ushort HkdfSha256 = 1;
    private const int HashSize = HMACSHA256.HashSizeInBytes;
    private const int NonceSize = 12;

    private readonly byte[] suite = [.. "HPKE"u8, .. Two(XWing), .. Two(HkdfSha256), 0, 0];

    /// <param name="shared">From the KEM.</param>
    /// <param name="info">As the application has it.</param>
    /// <param name="aead">RFC 9180 section 7.3: the id of a cipher whose key has 32 bytes and whose nonce has 12.</param>
    public HpkeKeySchedule(SecretBytes shared, ReadOnlySpan<byte> info, ushort aead)
    {
        BinaryPrimitives.WriteUInt16BigEndian(suite.AsSpan(^2..), aead);
        Span<byte> context = stackalloc byte[1 + (2 * HashSize)]; // mode_base is 0
        Extract([], "psk_id_hash"u8, [], context[1..]);
        Extract([], "info_hash"u8, info, context[(1 + HashSize)..]);
        Span<byte> secret = stackalloc byte[HashSize];
        Extract(shared.DangerousSpan, "secret"u8, [], secret);
        Key = Expand(secret, "key"u8, context, HashSize);
        BaseNonce = Expand(secret, "base_nonce"u8, context, NonceSize);
        CryptographicOperations.ZeroMemory(secret);
    }

    /// <summary>32 bytes.</summary>
    public SecretBytes Key { get; }

    /// <summary>12 bytes: the nonce of the first message, and of none beside it.</summary>
    public SecretBytes BaseNonce { get; }

    public void Dispose()
    {
        Key.Dispose();
        BaseNonce.Dispose();
    }

    private static byte[] Two(int number) => [(byte)(number >> 8), (byte)number];

    /// <summary>LabeledExtract, RFC 9180 section 4.</summary>
    private void Extract(ReadOnlySpan<byte> salt, ReadOnlySpan<byte> label, ReadOnlySpan<byte> input, Span<byte> output)
    {
        using var hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, salt);
        hmac.AppendData("HPKE-v1"u8);
        hmac.AppendData(suite);
        hmac.AppendData(label);
        hmac.AppendData(input);
        hmac.GetHashAndReset(output[..HashSize]);
    }

    /// <summary>LabeledExpand, RFC 9180 section 4, of no more than one block: that of HKDF-Expand is then one HMAC (RFC 5869 section 2.3).</summary>
    private SecretBytes Expand(ReadOnlySpan<byte> secret, ReadOnlySpan<byte> label, ReadOnlySpan<byte> context, int length)
    {
        Span<byte> block = stackalloc byte[HashSize];
        using var hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, secret);
        hmac.AppendData(Two(length));
        hmac.AppendData("HPKE-v1"u8);
        hmac.AppendData(suite);
        hmac.AppendData(label);
        hmac.AppendData(context);
        hmac.AppendData([1]);
        hmac.GetHashAndReset(block);
        var expanded = SecretBytes.CopyOf(block[..length]);
        CryptographicOperations.ZeroMemory(block);
        return expanded;
    }
}
