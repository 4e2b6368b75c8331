using Keyladder.Cryptography.ChunkedEncryption;

namespace Keyladder.Keys.Vault;

/// <summary>The content of an attachment: what its envelope holds before the padding. The end is reported once the last chunk has been verified.</summary>
internal sealed class AttachmentStream(OpeningStream padded, Stream source, long size) : Stream
{
    private bool verified;

    public override bool CanRead => padded.CanRead;

    public override bool CanSeek => padded.CanSeek;

    public override bool CanWrite => false;

    public override long Length => size;

    public override long Position
    {
        get => padded.Position;
        set => Seek(value, SeekOrigin.Begin);
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> target, CancellationToken cancellationToken = default)
    {
        var left = size - Position;
        if (left > 0 || target.IsEmpty)
            return await padded.ReadAsync(target[..(int)Math.Min(target.Length, Math.Max(0, left))], cancellationToken).ConfigureAwait(false);
        if (!verified)
            await padded.VerifyLastAsync(cancellationToken).ConfigureAwait(false);
        verified = true;
        return 0;
    }

    public override Task<int> ReadAsync(byte[] target, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(target.AsMemory(offset, count), cancellationToken).AsTask();

    /// <summary>The bytes may be far away: a thread that waited for them would be lost to everything else.</summary>
    public override int Read(byte[] target, int offset, int count) => throw new NotSupportedException("Read an attachment asynchronously.");

    public override long Seek(long offset, SeekOrigin from) => padded.Seek(
        from switch
        {
            SeekOrigin.Begin => offset,
            SeekOrigin.Current => checked(Position + offset),
            _ => checked(size + offset),
        },
        SeekOrigin.Begin);

    public override void Flush()
    {
    }

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] bytes, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            padded.Dispose();
            source.Dispose();
        }

        base.Dispose(disposing);
    }
}
