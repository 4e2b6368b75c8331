namespace Keyladder.Keys.Vault;

/// <summary>Reads ahead of somebody who verifies, and keeps what it read until it may be handed on.</summary>
internal sealed class CopyingStream(Stream source) : Stream
{
    private readonly MemoryStream held = new();

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    /// <summary>Writes what was read since the last time.</summary>
    public async Task HandOnAsync(Stream destination, CancellationToken cancellationToken)
    {
        await destination.WriteAsync(held.GetBuffer().AsMemory(0, (int)held.Length), cancellationToken).ConfigureAwait(false);
        held.SetLength(0);
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> target, CancellationToken cancellationToken = default)
    {
        var read = await source.ReadAsync(target, cancellationToken).ConfigureAwait(false);
        held.Write(target.Span[..read]);
        return read;
    }

    public override Task<int> ReadAsync(byte[] target, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(target.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] target, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin from) => throw new NotSupportedException();

    public override void Flush()
    {
    }

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] bytes, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        held.Dispose();
        base.Dispose(disposing);
    }
}
