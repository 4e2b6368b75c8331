using System.Security.Cryptography;
using Keyladder.Cryptography.Secrets;

namespace Keyladder.Cryptography.ChunkedEncryption;

/// <summary>
/// Seals what is written to it, one chunk in memory at a time. Only <see cref="Complete"/> makes an envelope that opens: disposing alone
/// leaves it cut, because disposing is also what happens when the source of the plaintext fails.
/// </summary>
internal sealed class SealingStream : Stream
{
    private readonly Stream destination;
    private readonly ChunkCipher cipher;

    // Header, then the chunk, composed where it is sealed. The header goes out with the first chunk.
    private readonly byte[] buffer = GC.AllocateArray<byte>(Envelope.HeaderLength + Cobblestone.SealedChunkLength, pinned: true);
    private long number;
    private int filled;
    private State state = State.Writing;

    /// <param name="destination">Stays open.</param>
    public SealingStream(Stream destination, SecretBytes key, ReadOnlySpan<byte> context)
    {
        this.destination = destination;
        cipher = Envelope.StartMessage(key, context, buffer);
    }

    private enum State
    {
        Writing,
        Broken,
        Completed,
    }

    /// <summary>What the envelope begins with; a copy.</summary>
    public byte[] Header => buffer[..Envelope.HeaderLength];

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => state == State.Writing;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override void Write(ReadOnlySpan<byte> source)
    {
        while (!source.IsEmpty)
        {
            source = source[Take(source)..];
            if (filled == Cobblestone.ChunkLength)
            {
                destination.Write(SealChunk().Span);
                Sent(State.Writing);
            }
        }
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> source, CancellationToken cancellationToken = default)
    {
        while (!source.IsEmpty)
        {
            source = source[Take(source.Span)..];
            if (filled == Cobblestone.ChunkLength)
            {
                await destination.WriteAsync(SealChunk(), cancellationToken).ConfigureAwait(false);
                Sent(State.Writing);
            }
        }
    }

    public override void Write(byte[] source, int offset, int count) => Write(source.AsSpan(offset, count));

    public override Task WriteAsync(byte[] source, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(source.AsMemory(offset, count), cancellationToken).AsTask();

    /// <summary>Seals the last chunk and flushes: the envelope is whole once this returns.</summary>
    public void Complete()
    {
        destination.Write(SealChunk().Span);
        destination.Flush();
        Sent(State.Completed);
    }

    /// <inheritdoc cref="Complete"/>
    public async Task CompleteAsync(CancellationToken cancellationToken = default)
    {
        await destination.WriteAsync(SealChunk(), cancellationToken).ConfigureAwait(false);
        await destination.FlushAsync(cancellationToken).ConfigureAwait(false);
        Sent(State.Completed);
    }

    /// <summary>Passes on what has been sealed. A chunk that is not full stays, as only the last may be short.</summary>
    public override void Flush() => destination.Flush();

    public override Task FlushAsync(CancellationToken cancellationToken) => destination.FlushAsync(cancellationToken);

    public override int Read(byte[] target, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            if (state == State.Writing)
                state = State.Broken;
            cipher.Dispose();
            CryptographicOperations.ZeroMemory(buffer);
        }

        base.Dispose(disposing);
    }

    private int Take(ReadOnlySpan<byte> source)
    {
        ThrowIfNotWriting();
        var taken = Math.Min(source.Length, Cobblestone.ChunkLength - filled);
        source[..taken].CopyTo(buffer.AsSpan(Envelope.HeaderLength + filled));
        filled += taken;
        return taken;
    }

    /// <summary>Until <see cref="Sent"/>, the stream counts as broken: a failed or cancelled write may have left part of a chunk.</summary>
    private ReadOnlyMemory<byte> SealChunk()
    {
        ThrowIfNotWriting();
        state = State.Broken;
        var chunk = buffer.AsSpan(Envelope.HeaderLength);
        cipher.Seal(number, chunk[..filled], chunk[..(filled + Cobblestone.TagLength)]);
        var start = number == 0 ? 0 : Envelope.HeaderLength;
        return buffer.AsMemory(start, Envelope.HeaderLength - start + filled + Cobblestone.TagLength);
    }

    private void Sent(State next)
    {
        number++;
        filled = 0;
        state = next;
    }

    private void ThrowIfNotWriting()
    {
        if (state != State.Writing)
            throw new InvalidOperationException("This stream takes no more: it was completed or disposed, or a write to its destination failed.");
    }
}
