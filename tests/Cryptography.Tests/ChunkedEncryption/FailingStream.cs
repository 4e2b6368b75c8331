namespace Keyladder.Cryptography.Tests.ChunkedEncryption;

/// <summary>A disk that fails: the first calls pass, the next moves half of what was asked and throws, and then it works again.</summary>
internal sealed class FailingStream(Stream inner, int goodCalls) : Stream
{
    private int calls;

    public override bool CanRead => inner.CanRead;

    public override bool CanSeek => inner.CanSeek;

    public override bool CanWrite => inner.CanWrite;

    public override long Length => inner.Length;

    public override long Position
    {
        get => inner.Position;
        set => inner.Position = value;
    }

    public override int Read(Span<byte> buffer)
    {
        if (calls++ != goodCalls)
            return inner.Read(buffer);
        inner.ReadExactly(buffer[..(buffer.Length / 2)]);
        throw new IOException("The disk failed.");
    }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        if (calls++ != goodCalls)
        {
            inner.Write(buffer);
            return;
        }

        inner.Write(buffer[..(buffer.Length / 2)]);
        throw new IOException("The disk failed.");
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override long Seek(long offset, SeekOrigin origin) => inner.Seek(offset, origin);

    public override void SetLength(long value) => inner.SetLength(value);

    public override void Flush() => inner.Flush();
}
