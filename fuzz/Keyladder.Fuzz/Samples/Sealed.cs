using Keyladder.Cryptography.ChunkedEncryption;
using Keyladder.Cryptography.Derivation;
using Keyladder.Cryptography.Secrets;

namespace Keyladder.Fuzz.Samples;

/// <summary>
/// Envelopes with a fixed salt: the code itself draws it, and no input could be made again. Whatever plaintext is given is sealed as it is,
/// so that mutations get behind the authentication, to padding and content.
/// </summary>
internal static class Sealed
{
    private const int DerivedLength = Cobblestone.KeyLength + Aes256Gcm.NonceLength + Cobblestone.CommitmentLength;

    private static ReadOnlySpan<byte> InfoPrefix => "c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM\0"u8;

    public static byte[] Envelope(SecretBytes key, ReadOnlySpan<byte> context, ReadOnlySpan<byte> plaintext)
    {
        var envelope = new byte[1 + Cobblestone.MessageLength(plaintext.Length)];
        envelope[0] = Cryptography.ChunkedEncryption.Envelope.Version;
        var header = envelope.AsSpan(1, Cobblestone.HeaderLength);
        Fixed.Bytes(Cobblestone.SaltLength).CopyTo(header);
        Span<byte> derived = stackalloc byte[DerivedLength];
        HkdfSha512.Expand(key.DangerousSpan, [.. InfoPrefix, .. header[..Cobblestone.SaltLength], .. context], derived);
        derived[^Cobblestone.CommitmentLength..].CopyTo(header[Cobblestone.SaltLength..]);
        if (!ChunkCipher.TryOpen(key, context, header, out var cipher))
            throw new InvalidOperationException("The construction is not the one that this repeats.");

        using (cipher)
        {
            var chunks = envelope.AsSpan(Cryptography.ChunkedEncryption.Envelope.HeaderLength);
            for (var number = 0; !chunks.IsEmpty; number++)
            {
                var chunk = chunks[..Math.Min(Cobblestone.SealedChunkLength, chunks.Length)];
                cipher.Seal(number, plaintext.Slice(number * Cobblestone.ChunkLength, chunk.Length - Cobblestone.TagLength), chunk);
                chunks = chunks[chunk.Length..];
            }
        }

        return envelope;
    }

    public static byte[] Padded(ReadOnlySpan<byte> content, Padding padding)
    {
        var padded = new byte[padding.PaddedLength(content.Length)];
        Padding.Compose(content, 0, padded);
        return padded;
    }
}
