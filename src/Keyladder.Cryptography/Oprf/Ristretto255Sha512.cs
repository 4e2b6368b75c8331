using System.Security.Cryptography;
using Keyladder.Cryptography.Interop;
using Keyladder.Cryptography.Secrets;

namespace Keyladder.Cryptography.Oprf;

/// <summary>
/// The suite OPRF(ristretto255, SHA-512) of RFC 9497 section 4.1 in mode 0: its group (RFC 9496), whose encodings are checked where they
/// are used, and its hashes to elements and scalars (RFC 9380).
/// </summary>
internal static class Ristretto255Sha512
{
    public const int ElementSize = 32;
    public const int ScalarSize = 32;
    public const int HashSize = SHA512.HashSizeInBytes;

    /// <summary>What both an element and a scalar are made from (RFC 9496 section 4.3.4, RFC 9497 section 4.1).</summary>
    public const int UniformSize = 64;

    /// <summary>The input of SHA-512's compression, in bytes.</summary>
    private const int BlockSize = 128;

    // With the context string of mode 0 (RFC 9497 section 3.1), which has the number of the mode as a byte.
    private static ReadOnlySpan<byte> HashToGroupTag => "HashToGroup-OPRFV1-\0-ristretto255-SHA512"u8;

    private static ReadOnlySpan<byte> DeriveKeyPairTag => "DeriveKeyPairOPRFV1-\0-ristretto255-SHA512"u8;

    /// <summary>The one refusal of what the other side sent: which of the rules it breaks is not said.</summary>
    public static CryptographicException Refusal() => new("The other side's element is not acceptable.");

    public static bool IsElement(ReadOnlySpan<byte> bytes) =>
        bytes.Length == ElementSize && bytes.ContainsAnyExcept((byte)0) && Libsodium.crypto_core_ristretto255_is_valid_point(bytes) == 1;

    /// <summary>Whether the bytes are a number above zero and below the order of the group, least significant byte first.</summary>
    public static bool IsScalar(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != ScalarSize)
            return false;
        Span<byte> wide = stackalloc byte[UniformSize];
        Span<byte> scalar = stackalloc byte[ScalarSize];
        bytes.CopyTo(wide);
        Libsodium.crypto_core_ristretto255_scalar_reduce(scalar, wide);
        var isReduced = CryptographicOperations.FixedTimeEquals(scalar, bytes);
        var isZero = Libsodium.crypto_core_ristretto255_scalar_invert(scalar, bytes) != 0;
        CryptographicOperations.ZeroMemory(wide);
        CryptographicOperations.ZeroMemory(scalar);
        return isReduced && !isZero;
    }

    /// <summary>Not zero, so that it has an inverse.</summary>
    public static SecretBytes RandomScalar() =>
        SecretBytes.Create(ScalarSize, 0, static (scalar, _) => Libsodium.crypto_core_ristretto255_scalar_random(scalar));

    /// <summary>False where the element has another length, is not encoded canonically or is the identity element (RFC 9497 section 3.3).</summary>
    public static bool TryMultiply(ReadOnlySpan<byte> scalar, ReadOnlySpan<byte> element, Span<byte> product) =>
        element.Length == ElementSize && Libsodium.crypto_scalarmult_ristretto255(product, scalar, element) == 0;

    /// <summary>HashToGroup. Some input may give the identity element; to find one is as hard as to break the hash.</summary>
    public static void HashToGroup(ReadOnlySpan<byte> input, Span<byte> element)
    {
        Span<byte> uniform = stackalloc byte[UniformSize];
        Expand(input, [], HashToGroupTag, uniform);
        MapToGroup(uniform, element);
        CryptographicOperations.ZeroMemory(uniform);
    }

    /// <summary>Element derivation, RFC 9496 section 4.3.4.</summary>
    public static void MapToGroup(ReadOnlySpan<byte> uniform, Span<byte> element) => Libsodium.crypto_core_ristretto255_from_hash(element, uniform);

    /// <summary>One turn of DeriveKeyPair's loop (RFC 9497 section 3.2.1). Zero comes out with a probability of 2^-252.</summary>
    /// <param name="seed">Secret.</param>
    /// <param name="rest">What of the derivation's input stands behind the seed, the counter included.</param>
    public static SecretBytes HashToKey(ReadOnlySpan<byte> seed, ReadOnlySpan<byte> rest)
    {
        Span<byte> uniform = stackalloc byte[UniformSize];
        Expand(seed, rest, DeriveKeyPairTag, uniform);
        var scalar = SecretBytes.Create(
            ScalarSize,
            (ReadOnlySpan<byte>)uniform,
            static (scalar, wide) => Libsodium.crypto_core_ristretto255_scalar_reduce(scalar, wide));
        CryptographicOperations.ZeroMemory(uniform);
        return scalar;
    }

    /// <summary>expand_message_xmd of RFC 9380 section 5.3.1 with SHA-512, to one block: the message is the two parts, one behind the other.</summary>
    private static void Expand(ReadOnlySpan<byte> message, ReadOnlySpan<byte> rest, ReadOnlySpan<byte> tag, Span<byte> uniform)
    {
        Span<byte> first = stackalloc byte[HashSize];
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA512);

        // b_0 = H(Z_pad ‖ msg ‖ I2OSP(len_in_bytes, 2) ‖ 0 ‖ DST_prime)
        hash.AppendData(stackalloc byte[BlockSize]);
        hash.AppendData(message);
        hash.AppendData(rest);
        hash.AppendData([0, UniformSize, 0]);
        AppendTag(tag);
        hash.GetHashAndReset(first);

        // b_1 = H(b_0 ‖ 1 ‖ DST_prime)
        hash.AppendData(first);
        hash.AppendData([1]);
        AppendTag(tag);
        hash.GetHashAndReset(uniform);
        CryptographicOperations.ZeroMemory(first);

        void AppendTag(ReadOnlySpan<byte> tag)
        {
            hash.AppendData(tag);
            hash.AppendData([(byte)tag.Length]);
        }
    }
}
