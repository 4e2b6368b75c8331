using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Keyladder.Cryptography.Derivation;
using Keyladder.Cryptography.Secrets;

namespace Keyladder.Cryptography.ChunkedEncryption;

/// <summary>The cipher of one message, derived from key, salt and context: seals and opens its chunks by number.</summary>
internal sealed class ChunkCipher : IDisposable
{
    private readonly Aes256Gcm aes;
    private readonly ulong nonceCounter;
    private readonly uint noncePrefix;

    private ChunkCipher(ReadOnlySpan<byte> messageKey, ReadOnlySpan<byte> baseNonce)
    {
        aes = new Aes256Gcm(messageKey);
        noncePrefix = BinaryPrimitives.ReadUInt32LittleEndian(baseNonce);
        nonceCounter = BinaryPrimitives.ReadUInt64BigEndian(baseNonce[sizeof(uint)..]);
    }

    private static ReadOnlySpan<byte> InfoPrefix => "c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM\0"u8;

    /// <summary>Starts a message: draws the salt and writes the header.</summary>
    public static ChunkCipher Create(SecretBytes key, ReadOnlySpan<byte> context, Span<byte> header)
    {
        var salt = header[..Cobblestone.SaltLength];
        RandomNumberGenerator.Fill(salt);
        using var derived = new Derived(stackalloc byte[Derived.Length], key, salt, context);
        derived.Commitment.CopyTo(header[Cobblestone.SaltLength..]);
        return new ChunkCipher(derived.Key, derived.BaseNonce);
    }

    /// <returns>False if the header does not commit to this key and context.</returns>
    public static bool TryOpen(
        SecretBytes key, ReadOnlySpan<byte> context, ReadOnlySpan<byte> header, [NotNullWhen(true)] out ChunkCipher? cipher)
    {
        using var derived = new Derived(stackalloc byte[Derived.Length], key, header[..Cobblestone.SaltLength], context);
        var committed = derived.IsCommittedTo(header);
        cipher = committed ? new ChunkCipher(derived.Key, derived.BaseNonce) : null;
        return committed;
    }

    public static bool Commits(SecretBytes key, ReadOnlySpan<byte> context, ReadOnlySpan<byte> header)
    {
        using var derived = new Derived(stackalloc byte[Derived.Length], key, header[..Cobblestone.SaltLength], context);
        return derived.IsCommittedTo(header);
    }

    /// <param name="sealedChunk">As long as the plaintext and a tag; may start where the plaintext does.</param>
    public void Seal(long number, ReadOnlySpan<byte> plaintext, Span<byte> sealedChunk)
    {
        Span<byte> nonce = stackalloc byte[Aes256Gcm.NonceLength];
        WriteNonce(number, nonce);
        aes.Encrypt(nonce, plaintext, sealedChunk);
    }

    /// <param name="plaintext">Shorter than the sealed chunk by a tag; may start where it does. Zeroed if the chunk is not genuine.</param>
    public bool TryOpen(long number, ReadOnlySpan<byte> sealedChunk, Span<byte> plaintext)
    {
        Span<byte> nonce = stackalloc byte[Aes256Gcm.NonceLength];
        WriteNonce(number, nonce);
        return aes.TryDecrypt(nonce, sealedChunk, plaintext);
    }

    public void Dispose() => aes.Dispose();

    private void WriteNonce(long number, Span<byte> nonce)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((ulong)number, (ulong)Cobblestone.MaxChunks, nameof(number));
        BinaryPrimitives.WriteUInt32LittleEndian(nonce, noncePrefix);
        BinaryPrimitives.WriteUInt64BigEndian(nonce[sizeof(uint)..], nonceCounter ^ (ulong)number);
    }

    /// <summary>key ‖ base nonce ‖ commitment, on the caller's stack.</summary>
    private readonly ref struct Derived
    {
        public const int Length = Cobblestone.KeyLength + Aes256Gcm.NonceLength + Cobblestone.CommitmentLength;

        private readonly Span<byte> bytes;

        public Derived(Span<byte> storage, SecretBytes key, ReadOnlySpan<byte> salt, ReadOnlySpan<byte> context)
        {
            ArgumentOutOfRangeException.ThrowIfNotEqual(key.Length, Cobblestone.KeyLength, nameof(key));
            var size = InfoPrefix.Length + salt.Length + context.Length;
            var info = size <= 512 ? stackalloc byte[size] : new byte[size];
            InfoPrefix.CopyTo(info);
            salt.CopyTo(info[InfoPrefix.Length..]);
            context.CopyTo(info[(InfoPrefix.Length + salt.Length)..]);

            bytes = storage;
            HkdfSha512.Expand(key.DangerousSpan, info, bytes);
            key.ThrowIfDisposed();
        }

        public ReadOnlySpan<byte> Key => bytes[..Cobblestone.KeyLength];

        public ReadOnlySpan<byte> BaseNonce => bytes.Slice(Cobblestone.KeyLength, Aes256Gcm.NonceLength);

        public ReadOnlySpan<byte> Commitment => bytes[^Cobblestone.CommitmentLength..];

        public bool IsCommittedTo(ReadOnlySpan<byte> header) =>
            CryptographicOperations.FixedTimeEquals(Commitment, header[Cobblestone.SaltLength..]);

        public void Dispose() => CryptographicOperations.ZeroMemory(bytes);
    }
}
