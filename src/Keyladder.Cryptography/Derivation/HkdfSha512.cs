using System.Security.Cryptography;
using Keyladder.Cryptography.Interop;
using Keyladder.Cryptography.Secrets;

namespace Keyladder.Cryptography.Derivation;

/// <summary>
/// HKDF of RFC 5869 with SHA-512, over HMAC directly: the framework's Expand refuses a key shorter than the hash, and chunked encryption
/// expands from 32 bytes. To expand, libsodium's HMAC: it takes the key once for all blocks, and a block costs it half of what a call of the
/// framework does (docs/benchmarks.md).
/// </summary>
public static class HkdfSha512
{
    /// <summary>Bytes of a pseudorandom key.</summary>
    public const int HashLength = HMACSHA512.HashSizeInBytes;

    /// <summary>RFC 5869 section 2.3 counts the blocks in one byte.</summary>
    public const int MaxOutputLength = 255 * HashLength;

    private static int StateLength { get; } = (int)Libsodium.crypto_auth_hmacsha512_statebytes();

    /// <summary>HKDF-Extract: <see cref="HashLength"/> bytes. An empty salt is that of the RFC, all zeros.</summary>
    public static SecretBytes Extract(ReadOnlySpan<byte> salt, ReadOnlySpan<byte> inputKeyMaterial) =>
        SecretBytes.Create(
            HashLength,
            new ExtractInput(salt, inputKeyMaterial),
            static (output, input) => HMACSHA512.HashData(input.Salt, input.KeyMaterial, output));

    /// <summary>HKDF-Expand.</summary>
    /// <param name="pseudorandomKey">Uniformly random; from <see cref="Extract"/> or a generator.</param>
    /// <exception cref="ArgumentOutOfRangeException">More than <see cref="MaxOutputLength"/> bytes are asked for.</exception>
    public static SecretBytes Expand(ReadOnlySpan<byte> pseudorandomKey, ReadOnlySpan<byte> info, int length) =>
        SecretBytes.Create(
            length,
            new ExpandInput(pseudorandomKey, info),
            static (output, input) => Expand(input.Key, input.Info, output));

    /// <summary>Extract, then Expand: the <c>HKDF(ikm, salt, info, L)</c> of docs/spec/README.md.</summary>
    public static SecretBytes DeriveKey(ReadOnlySpan<byte> inputKeyMaterial, ReadOnlySpan<byte> salt, ReadOnlySpan<byte> info, int length)
    {
        using var pseudorandomKey = Extract(salt, inputKeyMaterial);
        return Expand(pseudorandomKey.DangerousSpan, info, length);
    }

    internal static void Expand(ReadOnlySpan<byte> pseudorandomKey, ReadOnlySpan<byte> info, Span<byte> output)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(output.Length, MaxOutputLength, nameof(output));

        Span<byte> keyed = stackalloc byte[StateLength];
        Span<byte> state = stackalloc byte[StateLength];
        Span<byte> block = stackalloc byte[HashLength];
        Libsodium.crypto_auth_hmacsha512_init(keyed, pseudorandomKey, (nuint)pseudorandomKey.Length);

        // T(i) = HMAC(PRK, T(i-1) ‖ info ‖ i), with T(0) empty.
        for (var number = 1; !output.IsEmpty; number++)
        {
            keyed.CopyTo(state);
            if (number > 1)
                Libsodium.crypto_auth_hmacsha512_update(state, block, HashLength);
            Libsodium.crypto_auth_hmacsha512_update(state, info, (ulong)info.Length);
            Libsodium.crypto_auth_hmacsha512_update(state, [(byte)number], 1);
            Libsodium.crypto_auth_hmacsha512_final(state, block);
            var taken = Math.Min(HashLength, output.Length);
            block[..taken].CopyTo(output);
            output = output[taken..];
        }

        CryptographicOperations.ZeroMemory(keyed);
        CryptographicOperations.ZeroMemory(state);
        CryptographicOperations.ZeroMemory(block);
    }

    private readonly ref struct ExtractInput(ReadOnlySpan<byte> salt, ReadOnlySpan<byte> keyMaterial)
    {
        public ReadOnlySpan<byte> Salt { get; } = salt;

        public ReadOnlySpan<byte> KeyMaterial { get; } = keyMaterial;
    }

    private readonly ref struct ExpandInput(ReadOnlySpan<byte> key, ReadOnlySpan<byte> info)
    {
        public ReadOnlySpan<byte> Key { get; } = key;

        public ReadOnlySpan<byte> Info { get; } = info;
    }
}
