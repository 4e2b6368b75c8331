using Keyladder.Cryptography.ChunkedEncryption;

namespace Keyladder.Client;

/// <summary>Content that opens while it is read: where it does not, the person is told what of.</summary>
/// <param name="content">What throws where it does not open.</param>
/// <param name="failure">What the person is told then.</param>
internal sealed class VerifiedStream(Stream content, Func<OpenFailedException, KeyladderException> failure) : Stream
{
    public VerifiedStream(Stream content, string name)
        : this(content, e => Alarms.DoesNotOpen(name, e))
    {
    }

    public override bool CanRead => content.CanRead;

    public override bool CanSeek => content.CanSeek;

    public override bool CanWrite => false;

    public override long Length => content.Length;

    public override long Position
    {
        get => content.Position;
        set => content.Position = value;
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> target, CancellationToken cancellationToken = default)
    {
        try
        {
            return await content.ReadAsync(target, cancellationToken).ConfigureAwait(false);
        }
        catch (OpenFailedException e)
        {
            throw failure(e);
        }
    }

    public override Task<int> ReadAsync(byte[] target, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(target.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] target, int offset, int count) => content.Read(target, offset, count);

    public override long Seek(long offset, SeekOrigin from) => content.Seek(offset, from);

    public override void Flush()
    {
    }

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] bytes, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            content.Dispose();
        base.Dispose(disposing);
    }
}
