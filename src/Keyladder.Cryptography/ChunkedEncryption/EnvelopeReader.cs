using System.Buffers;
using System.Security.Cryptography;
using Keyladder.Cryptography.Secrets;

namespace Keyladder.Cryptography.ChunkedEncryption;

/// <summary>
/// Opens an envelope in memory. The padding tells how long the content is and stands at the end, so the end is opened first; the rest then
/// goes straight to where the caller wants it, without a second copy of a plaintext that may be large.
/// </summary>
internal readonly ref struct EnvelopeReader : IDisposable
{
    private readonly ChunkCipher cipher;
    private readonly ReadOnlySpan<byte> chunks;
    private readonly byte[]? rented;
    private readonly Span<byte> end;
    private readonly int endNumber;

    /// <param name="scratch">On the caller's stack: what fits there, as keys do, is never in memory that the collector moves.</param>
    /// <exception cref="OpenFailedException">It does not open under this key, context and padding.</exception>
    public EnvelopeReader(SecretBytes key, ReadOnlySpan<byte> context, ReadOnlySpan<byte> envelope, Padding padding, Span<byte> scratch)
    {
        cipher = Envelope.OpenMessage(key, context, envelope);
        chunks = envelope[Envelope.HeaderLength..];
        if (!Cobblestone.TryPlaintextLength(chunks.Length, out var length))
            throw Failure();

        endNumber = padding.ShortestContentLength((int)length) / Cobblestone.ChunkLength;
        var endLength = (int)length - (endNumber * Cobblestone.ChunkLength);
        rented = endLength <= scratch.Length ? null : ArrayPool<byte>.Shared.Rent(endLength);
        end = rented is null ? scratch[..endLength] : rented.AsSpan(0, endLength);
        if (!TryOpen(chunks[(endNumber * Cobblestone.SealedChunkLength)..], endNumber, end)
            || !padding.TryRemove(end, (int)length, out var contentLength))
        {
            throw Failure();
        }

        ContentLength = contentLength;
    }

    public int ContentLength { get; }

    /// <param name="content">Of <see cref="ContentLength"/>; zeroed again where the exception says that nothing of it counts.</param>
    /// <exception cref="OpenFailedException">An earlier part of the envelope was altered.</exception>
    public void CopyTo(Span<byte> content)
    {
        var endStart = endNumber * Cobblestone.ChunkLength;
        if (!TryOpen(chunks[..(endNumber * Cobblestone.SealedChunkLength)], 0, content[..endStart]))
        {
            CryptographicOperations.ZeroMemory(content);
            throw new OpenFailedException();
        }

        end[..(ContentLength - endStart)].CopyTo(content[endStart..]);
    }

    public void Dispose()
    {
        cipher.Dispose();
        CryptographicOperations.ZeroMemory(end);
        if (rented is not null)
            ArrayPool<byte>.Shared.Return(rented);
    }

    // A constructor that throws has no one to dispose it.
    private OpenFailedException Failure()
    {
        Dispose();
        return new OpenFailedException();
    }

    private bool TryOpen(ReadOnlySpan<byte> sealedChunks, long number, Span<byte> plaintext)
    {
        for (; !sealedChunks.IsEmpty; number++)
        {
            var sealedChunk = sealedChunks[..Math.Min(Cobblestone.SealedChunkLength, sealedChunks.Length)];
            var size = sealedChunk.Length - Cobblestone.TagLength;
            if (!cipher.TryOpen(number, sealedChunk, plaintext[..size]))
                return false;
            sealedChunks = sealedChunks[sealedChunk.Length..];
            plaintext = plaintext[size..];
        }

        return true;
    }
}
