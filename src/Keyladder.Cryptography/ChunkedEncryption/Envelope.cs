using Keyladder.Cryptography.Secrets;

namespace Keyladder.Cryptography.ChunkedEncryption;

/// <summary>
/// The one sealed format: a version byte and a Cobblestone-256 message (docs/spec/envelopes.md). Internal, because whoever chooses the
/// context decides what a ciphertext can be mistaken for; the roles in Keyladder.Keys choose it from fixed labels.
/// </summary>
internal static class Envelope
{
    public const byte Version = 1;

    /// <summary>Version byte, salt and commitment: all that <see cref="IsSealedUnder"/> and <see cref="OpeningStream"/> need.</summary>
    public const int HeaderLength = 1 + Cobblestone.HeaderLength;

    private const int ScratchLength = 1024;

    /// <exception cref="ArgumentException">The content does not fit its padding or one array.</exception>
    public static byte[] Seal(SecretBytes key, ReadOnlySpan<byte> context, ReadOnlySpan<byte> content, Padding padding)
    {
        var paddedLength = padding.PaddedLength(content.Length);
        var length = 1 + Cobblestone.MessageLength(paddedLength);
        if (length > Array.MaxLength)
            throw new ArgumentException("The content is too long for one array; seal it as a stream.", nameof(content));

        var envelope = GC.AllocateUninitializedArray<byte>((int)length);
        using var cipher = StartMessage(key, context, envelope);
        var chunks = envelope.AsSpan(HeaderLength);
        for (var number = 0; !chunks.IsEmpty; number++)
        {
            var start = (long)number * Cobblestone.ChunkLength;
            var sealedChunk = chunks[..Math.Min(Cobblestone.SealedChunkLength, chunks.Length)];
            var size = sealedChunk.Length - Cobblestone.TagLength;
            if (start + size <= content.Length)
            {
                cipher.Seal(number, content.Slice((int)start, size), sealedChunk);
            }
            else
            {
                // Composed where its ciphertext will stand, so that the plaintext has no other copy.
                Padding.Compose(content, start, sealedChunk[..size]);
                cipher.Seal(number, sealedChunk[..size], sealedChunk);
            }

            chunks = chunks[sealedChunk.Length..];
        }

        return envelope;
    }

    /// <returns>The content, once all of it has been verified.</returns>
    /// <exception cref="OpenFailedException">It does not open under this key, context and padding.</exception>
    public static byte[] Open(SecretBytes key, ReadOnlySpan<byte> context, ReadOnlySpan<byte> envelope, Padding padding)
    {
        using var reader = new EnvelopeReader(key, context, envelope, padding, stackalloc byte[ScratchLength]);
        var content = GC.AllocateUninitializedArray<byte>(reader.ContentLength);
        reader.CopyTo(content);
        return content;
    }

    /// <inheritdoc cref="Open(SecretBytes, ReadOnlySpan{byte}, ReadOnlySpan{byte}, Padding)"/>
    public static SecretBytes OpenSecret(SecretBytes key, ReadOnlySpan<byte> context, ReadOnlySpan<byte> envelope, Padding padding)
    {
        using var reader = new EnvelopeReader(key, context, envelope, padding, stackalloc byte[ScratchLength]);
        return SecretBytes.Create(reader.ContentLength, reader, static (content, from) => from.CopyTo(content));
    }

    /// <summary>Whether the header commits to this key and context. At most one key can be found so; only opening tells the rest.</summary>
    /// <param name="header">The first <see cref="HeaderLength"/> bytes of an envelope; more are ignored.</param>
    public static bool IsSealedUnder(SecretBytes key, ReadOnlySpan<byte> context, ReadOnlySpan<byte> header) =>
        header.Length >= HeaderLength && header[0] == Version && ChunkCipher.Commits(key, context, header[1..HeaderLength]);

    /// <summary>Writes the version byte and the message's header.</summary>
    internal static ChunkCipher StartMessage(SecretBytes key, ReadOnlySpan<byte> context, Span<byte> header)
    {
        header[0] = Version;
        return ChunkCipher.Create(key, context, header[1..HeaderLength]);
    }

    /// <summary>Reads what <see cref="StartMessage"/> wrote.</summary>
    /// <exception cref="OpenFailedException">The header is cut, of another version, or commits to another key or context.</exception>
    internal static ChunkCipher OpenMessage(SecretBytes key, ReadOnlySpan<byte> context, ReadOnlySpan<byte> header) =>
        header.Length >= HeaderLength && header[0] == Version && ChunkCipher.TryOpen(key, context, header[1..HeaderLength], out var cipher)
            ? cipher
            : throw new OpenFailedException();
}
