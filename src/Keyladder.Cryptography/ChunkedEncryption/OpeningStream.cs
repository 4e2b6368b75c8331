using System.Security.Cryptography;
using Keyladder.Cryptography.Secrets;

namespace Keyladder.Cryptography.ChunkedEncryption;

/// <summary>
/// Opens an envelope chunk by chunk, one chunk in memory at a time; what a read returns has been verified. It reports the end only after
/// the last chunk has been verified as such: an envelope that was cut throws, and keeps throwing, before any read returns zero. If the
/// source can seek, so can this; the length is trusted once the last chunk has been verified in its place.
/// </summary>
internal sealed class OpeningStream : Stream
{
    private readonly Stream source;
    private readonly ChunkCipher cipher;
    private readonly long origin;
    private readonly byte[] buffer = GC.AllocateArray<byte>(Cobblestone.SealedChunkLength, pinned: true);

    private long position;
    private long loaded = -1; // number of the chunk in the buffer
    private int loadedLength;
    private long? length;
    private bool failed;
    private bool disposed;

    /// <param name="source">Stands behind the header; the envelope ends where it does. Stays open.</param>
    /// <param name="header">The first <see cref="Envelope.HeaderLength"/> bytes of the envelope, or less if there were no more.</param>
    /// <param name="length">Of the plaintext, where something that is signed has said it: seeking then asks the source for nothing. <see cref="VerifyLastAsync"/> holds the source to it.</param>
    /// <exception cref="OpenFailedException">The header does not belong to this key and context.</exception>
    public OpeningStream(Stream source, ReadOnlySpan<byte> header, SecretBytes key, ReadOnlySpan<byte> context, long? length = null)
    {
        this.source = source;
        this.length = length;
        cipher = Envelope.OpenMessage(key, context, header);
        origin = source.CanSeek ? source.Position : 0;
    }

    public override bool CanRead => !disposed;

    public override bool CanSeek => !disposed && source.CanSeek;

    public override bool CanWrite => false;

    /// <summary>The length of the plaintext, verified.</summary>
    /// <exception cref="OpenFailedException">The last chunk is missing, or is not the last.</exception>
    /// <exception cref="NotSupportedException">The source cannot seek.</exception>
    public override long Length
    {
        get
        {
            ThrowIfUnusable();
            return length ??= VerifyLength();
        }
    }

    public override long Position
    {
        get => position;
        set => Seek(value, SeekOrigin.Begin);
    }

    public override int Read(Span<byte> target)
    {
        if (IsAtVerifiedEnd() || target.IsEmpty)
            return 0;
        if (position / Cobblestone.ChunkLength != loaded)
        {
            var number = BeginLoad(position);
            EndLoad(number, source.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false));
        }

        return TakeLoaded(target);
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> target, CancellationToken cancellationToken = default)
    {
        if (IsAtVerifiedEnd() || target.IsEmpty)
            return 0;
        if (position / Cobblestone.ChunkLength != loaded)
        {
            var number = BeginLoad(position);
            var read = await source.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
            EndLoad(number, read);
        }

        return TakeLoaded(target.Span);
    }

    public override int Read(byte[] target, int offset, int count) => Read(target.AsSpan(offset, count));

    public override Task<int> ReadAsync(byte[] target, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(target.AsMemory(offset, count), cancellationToken).AsTask();

    public override long Seek(long offset, SeekOrigin from)
    {
        // Verified for every target: who seeks, reads a slice and leaves must not have read from an envelope that was cut.
        var end = Length;
        var target = checked(offset + from switch
        {
            SeekOrigin.Begin => 0,
            SeekOrigin.Current => position,
            _ => end,
        });
        ArgumentOutOfRangeException.ThrowIfNegative(target, nameof(offset));
        position = target;
        return target;
    }

    public override void Flush()
    {
    }

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] source, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            disposed = true;
            cipher.Dispose();
            CryptographicOperations.ZeroMemory(buffer);
        }

        base.Dispose(disposing);
    }

    /// <summary>Opens the last chunk as the last, in the place where the length that was given has it.</summary>
    /// <exception cref="OpenFailedException">It is missing, or another.</exception>
    public async ValueTask VerifyLastAsync(CancellationToken cancellationToken)
    {
        ThrowIfUnusable();
        var last = BeginLoad(length!.Value);
        EndLoad(last, await source.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false));
        if (loadedLength != length % Cobblestone.ChunkLength)
            throw Failure();
    }

    private bool IsAtVerifiedEnd()
    {
        ThrowIfUnusable();
        return position >= length;
    }

    private void ThrowIfUnusable()
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        if (failed)
            throw new OpenFailedException();
    }

    private long VerifyLength()
    {
        if (!CanSeek)
            throw new NotSupportedException();
        if (!Cobblestone.TryPlaintextLength(source.Length - origin, out var claimed))
            throw Failure();

        var last = BeginLoad(claimed);
        EndLoad(last, source.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false));
        if (loadedLength != claimed % Cobblestone.ChunkLength)
            throw Failure();
        return claimed;
    }

    /// <summary>Puts the source where the chunk begins that holds the plaintext offset.</summary>
    private long BeginLoad(long offset)
    {
        // A read that fails or is cancelled half-way leaves bytes in the buffer that nobody has verified.
        loaded = -1;
        var number = offset / Cobblestone.ChunkLength;
        var start = origin + (number * Cobblestone.SealedChunkLength);
        if (source.CanSeek && source.Position != start)
            source.Position = start;
        return number;
    }

    private void EndLoad(long number, int read)
    {
        var size = read - Cobblestone.TagLength;
        if (size < 0 || number >= Cobblestone.MaxChunks || !cipher.TryOpen(number, buffer.AsSpan(0, read), buffer.AsSpan(0, size)))
            throw Failure();
        loaded = number;
        loadedLength = size;
    }

    private int TakeLoaded(Span<byte> target)
    {
        var start = (int)(position % Cobblestone.ChunkLength);
        var taken = Math.Min(target.Length, loadedLength - start);
        buffer.AsSpan(start, taken).CopyTo(target);
        position += taken;
        return taken;
    }

    private OpenFailedException Failure()
    {
        failed = true;
        loaded = -1;
        return new OpenFailedException();
    }
}
