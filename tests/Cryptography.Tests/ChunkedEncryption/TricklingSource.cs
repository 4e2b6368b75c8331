namespace Keyladder.Cryptography.Tests.ChunkedEncryption;

/// <summary>A source like a pipe or a socket: cannot seek, and hands out a few bytes at a time.</summary>
internal sealed class TricklingSource(Stream source) : Stream
{
    private const int Portion = 4_093;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override int Read(byte[] buffer, int offset, int count) => source.Read(buffer, offset, Math.Min(count, Portion));

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
