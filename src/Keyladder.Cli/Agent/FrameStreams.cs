using System.Security.Cryptography;

namespace Keyladder.Cli.Agent;

/// <summary>The data frames that come in, read as a stream that ends at the end frame. A connection cut before it is an error, not an end.</summary>
internal sealed class IncomingData(FrameChannel channel) : Stream
{
    private byte[] _current = [];
    private int _offset;
    private bool _ended;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (!_ended && _offset == _current.Length)
        {
            CryptographicOperations.ZeroMemory(_current);
            (_current, _offset) = ([], 0);
            switch (await channel.ReadAsync(cancellationToken))
            {
                case (FrameKind.Data, var payload):
                    _current = payload;
                    break;
                case (FrameKind.End, _):
                    _ended = true;
                    break;
                default:
                    throw new EndOfStreamException("The connection ended before the data did.");
            }
        }

        var count = Math.Min(buffer.Length, _current.Length - _offset);
        _current.AsMemory(_offset, count).CopyTo(buffer);
        _offset += count;
        return count;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => ReadAsync(buffer.AsMemory(offset, count)).AsTask().GetAwaiter().GetResult();

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}

/// <summary>Writes a stream as data frames. The end frame is the caller's to send: only he knows that all went well.</summary>
internal sealed class OutgoingData(FrameChannel channel) : Stream
{
    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        for (; buffer.Length > FrameChannel.MaxData; buffer = buffer[FrameChannel.MaxData..])
            await channel.WriteAsync(FrameKind.Data, buffer[..FrameChannel.MaxData], cancellationToken);
        if (buffer.Length > 0)
            await channel.WriteAsync(FrameKind.Data, buffer, cancellationToken);
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Write(byte[] buffer, int offset, int count) => WriteAsync(buffer.AsMemory(offset, count)).AsTask().GetAwaiter().GetResult();

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
