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
    public static int SealedLength(int contentLength, Padding padding)
    {
        var length = 1 + Cobblestone.MessageLength(padding.PaddedLength(contentLength));
        return length <= Array.MaxLength
            ? (int)length
            : throw new ArgumentException("The content is too long for one array; seal it as a stream.", nameof(contentLength));
    }

    /// <inheritdoc cref="SealedLength"/>
    public static byte[] Seal(SecretBytes key, ReadOnlySpan<byte> context, ReadOnlySpan<byte> content, Padding padding)
    {
        var envelope = GC.AllocateUninitializedArray<byte>(SealedLength(content.Length, padding));
        Seal(key, context, content, padding, envelope);
        return envelope;
    }

    /// <param name="destination">Takes <see cref="SealedLength"/> bytes; apart from the content.</param>
    /// <returns>How many bytes were written.</returns>
    /// <exception cref="ArgumentException">The content does not fit its padding, or the envelope its destination; or the two overlap.</exception>
    public static int Seal(SecretBytes key, ReadOnlySpan<byte> context, ReadOnlySpan<byte> content, Padding padding, Span<byte> destination)
    {
        var length = SealedLength(content.Length, padding);
        if (destination.Length < length)
            throw new ArgumentException($"The envelope takes {length} bytes.", nameof(destination));
        var envelope = destination[..length];
        if (envelope.Overlaps(content))
            throw new ArgumentException("The envelope would overwrite what it seals.", nameof(destination));

        using var cipher = StartMessage(key, context, envelope);
        var chunks = envelope[HeaderLength..];
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

        return length;
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

    /// <param name="destination">As long as the envelope always does; apart from it. Holds nothing of the content unless all of it has been verified.</param>
    /// <returns>How many bytes were written.</returns>
    /// <exception cref="OpenFailedException">As above.</exception>
    /// <exception cref="ArgumentException">The content does not fit its destination, or envelope and destination overlap.</exception>
    public static int Open(SecretBytes key, ReadOnlySpan<byte> context, ReadOnlySpan<byte> envelope, Padding padding, Span<byte> destination)
    {
        if (destination.Overlaps(envelope))
            throw new ArgumentException("The content would overwrite what it is read from.", nameof(destination));
        using var reader = new EnvelopeReader(key, context, envelope, padding, stackalloc byte[ScratchLength]);
        if (destination.Length < reader.ContentLength)
            throw new ArgumentException("The content is longer than its destination.", nameof(destination));
        reader.CopyTo(destination[..reader.ContentLength]);
        return reader.ContentLength;
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
