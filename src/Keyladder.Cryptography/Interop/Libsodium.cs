using System.Runtime.InteropServices;

namespace Keyladder.Cryptography.Interop;

/// <summary>
/// The functions of libsodium that this project calls, under the names its manual has. The native library comes with the package that the
/// project references; its managed binding does not cover the group operations needed here, so there is one binding for everything.
/// </summary>
internal static partial class Libsodium
{
    private const string Library = "libsodium";

    // Selects the implementations for this processor; the library is thread-safe only afterwards.
    static Libsodium()
    {
        if (sodium_init() < 0)
            throw new InvalidOperationException("libsodium did not initialize.");
    }

    [LibraryImport(Library)]
    private static partial int sodium_init();

    /// <param name="publicKey">32 bytes, written.</param>
    /// <param name="secretKey">64 bytes, written: seed, then public key.</param>
    /// <param name="seed">32 bytes.</param>
    [LibraryImport(Library)]
    internal static partial int crypto_sign_ed25519_seed_keypair(Span<byte> publicKey, Span<byte> secretKey, ReadOnlySpan<byte> seed);

    [LibraryImport(Library)]
    internal static partial int crypto_sign_ed25519_detached(
        Span<byte> signature, nint signatureLength, ReadOnlySpan<byte> message, ulong messageLength, ReadOnlySpan<byte> secretKey);

    [LibraryImport(Library)]
    internal static partial int crypto_sign_ed25519_verify_detached(
        ReadOnlySpan<byte> signature, ReadOnlySpan<byte> message, ulong messageLength, ReadOnlySpan<byte> publicKey);

    /// <summary>Fails where the point is of small order or outside the main subgroup.</summary>
    [LibraryImport(Library)]
    internal static partial int crypto_sign_ed25519_pk_to_curve25519(Span<byte> x25519PublicKey, ReadOnlySpan<byte> ed25519PublicKey);

    /// <summary>1 for a point in canonical encoding, on the curve, in the main subgroup and not of small order.</summary>
    [LibraryImport(Library)]
    internal static partial int crypto_core_ed25519_is_valid_point(ReadOnlySpan<byte> point);

    /// <summary>Fails where the result is all zero, which is where the point is of small order.</summary>
    [LibraryImport(Library)]
    internal static partial int crypto_scalarmult_curve25519(Span<byte> result, ReadOnlySpan<byte> scalar, ReadOnlySpan<byte> point);

    [LibraryImport(Library)]
    internal static partial int crypto_scalarmult_curve25519_base(Span<byte> result, ReadOnlySpan<byte> scalar);

    /// <param name="publicKey">1,216 bytes, written.</param>
    /// <param name="secretKey">32 bytes, written: the seed.</param>
    /// <param name="seed">32 bytes.</param>
    [LibraryImport(Library)]
    internal static partial int crypto_kem_xwing_seed_keypair(Span<byte> publicKey, Span<byte> secretKey, ReadOnlySpan<byte> seed);

    /// <summary>Fails where the public key's part for ML-KEM is not encoded as FIPS 203 has it, or its point is of small order.</summary>
    /// <param name="ciphertext">1,120 bytes, written.</param>
    /// <param name="sharedSecret">32 bytes, written.</param>
    /// <param name="publicKey">1,216 bytes.</param>
    /// <param name="seed">64 bytes of randomness.</param>
    [LibraryImport(Library)]
    internal static partial int crypto_kem_xwing_enc_deterministic(
        Span<byte> ciphertext, Span<byte> sharedSecret, ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> seed);

    [LibraryImport(Library)]
    internal static partial int crypto_kem_xwing_dec(Span<byte> sharedSecret, ReadOnlySpan<byte> ciphertext, ReadOnlySpan<byte> secretKey);

    /// <summary>1 for a canonical encoding (RFC 9496 section 4.3.1), that of the identity element included.</summary>
    [LibraryImport(Library)]
    internal static partial int crypto_core_ristretto255_is_valid_point(ReadOnlySpan<byte> element);

    /// <param name="element">32 bytes, written.</param>
    /// <param name="uniform">64 bytes.</param>
    [LibraryImport(Library)]
    internal static partial int crypto_core_ristretto255_from_hash(Span<byte> element, ReadOnlySpan<byte> uniform);

    /// <param name="scalar">32 bytes, written: above zero and below the order, by the system's randomness.</param>
    [LibraryImport(Library)]
    internal static partial void crypto_core_ristretto255_scalar_random(Span<byte> scalar);

    /// <param name="scalar">32 bytes, written.</param>
    /// <param name="wide">64 bytes, least significant first.</param>
    [LibraryImport(Library)]
    internal static partial void crypto_core_ristretto255_scalar_reduce(Span<byte> scalar, ReadOnlySpan<byte> wide);

    /// <summary>Fails for zero alone.</summary>
    [LibraryImport(Library)]
    internal static partial int crypto_core_ristretto255_scalar_invert(Span<byte> inverse, ReadOnlySpan<byte> scalar);

    /// <summary>Fails where the element is not encoded canonically, and where the result is the identity element.</summary>
    [LibraryImport(Library)]
    internal static partial int crypto_scalarmult_ristretto255(Span<byte> result, ReadOnlySpan<byte> scalar, ReadOnlySpan<byte> element);

    /// <summary>Fails where a limit is outside of what the algorithm has, or there is not enough memory.</summary>
    /// <param name="output">At least 16 bytes, written.</param>
    /// <param name="outputLength">Of the output.</param>
    /// <param name="password">Any length.</param>
    /// <param name="passwordLength">Of the password.</param>
    /// <param name="salt">16 bytes.</param>
    /// <param name="passes">At least 1.</param>
    /// <param name="memory">Bytes, at least 8 KiB; rounded down to whole KiB.</param>
    /// <param name="algorithm">2 for version 1.3 of Argon2id.</param>
    [LibraryImport(Library)]
    internal static partial int crypto_pwhash(
        Span<byte> output,
        ulong outputLength,
        ReadOnlySpan<byte> password,
        ulong passwordLength,
        ReadOnlySpan<byte> salt,
        ulong passes,
        nuint memory,
        int algorithm);

    [LibraryImport(Library)]
    internal static partial nuint crypto_auth_hmacsha512_statebytes();

    /// <param name="state">Memory of <see cref="crypto_auth_hmacsha512_statebytes"/>; written, and as secret as the key. A copy of it goes on by itself.</param>
    /// <param name="key">Any length.</param>
    /// <param name="keyLength">Of the key.</param>
    [LibraryImport(Library)]
    internal static partial int crypto_auth_hmacsha512_init(Span<byte> state, ReadOnlySpan<byte> key, nuint keyLength);

    [LibraryImport(Library)]
    internal static partial int crypto_auth_hmacsha512_update(Span<byte> state, ReadOnlySpan<byte> input, ulong inputLength);

    /// <param name="state">Erased.</param>
    /// <param name="mac">64 bytes, written.</param>
    [LibraryImport(Library)]
    internal static partial int crypto_auth_hmacsha512_final(Span<byte> state, Span<byte> mac);

    /// <summary>1 if the processor has what libsodium's AES-256-GCM is written in; there is no portable version.</summary>
    [LibraryImport(Library)]
    internal static partial int crypto_aead_aes256gcm_is_available();

    [LibraryImport(Library)]
    internal static partial nuint crypto_aead_aes256gcm_statebytes();

    /// <param name="state">Memory of <see cref="crypto_aead_aes256gcm_statebytes"/>, aligned to 16; written, and as secret as the key.</param>
    /// <param name="key">32 bytes.</param>
    [LibraryImport(Library)]
    internal static partial int crypto_aead_aes256gcm_beforenm(nint state, ReadOnlySpan<byte> key);

    /// <param name="ciphertext">As long as the message and 16 bytes; may start where the message does.</param>
    [LibraryImport(Library)]
    internal static partial int crypto_aead_aes256gcm_encrypt_afternm(
        Span<byte> ciphertext,
        nint ciphertextLength,
        ReadOnlySpan<byte> message,
        ulong messageLength,
        nint additionalData,
        ulong additionalDataLength,
        nint secretNonce,
        ReadOnlySpan<byte> nonce,
        nint state);

    /// <summary>Fails where the ciphertext is not genuine; what it leaves in the message then is not said.</summary>
    [LibraryImport(Library)]
    internal static partial int crypto_aead_aes256gcm_decrypt_afternm(
        Span<byte> message,
        nint messageLength,
        nint secretNonce,
        ReadOnlySpan<byte> ciphertext,
        ulong ciphertextLength,
        nint additionalData,
        ulong additionalDataLength,
        ReadOnlySpan<byte> nonce,
        nint state);
}
