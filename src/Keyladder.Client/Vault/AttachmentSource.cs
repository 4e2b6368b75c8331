using System.Buffers;

namespace Keyladder.Client;

/// <summary>
/// The bytes of an attachment as the Vault gives them, fetched where they are read: a little where somebody jumps to, much where he reads on. What
/// it gives may be anything.
/// </summary>
/// <param name="name">For an alarm.</param>
/// <param name="length">Of what is sealed.</param>
/// <param name="fetch">Given where from and where to, the number of bytes that came; none where there is no such attachment.</param>
/// <param name="buffers">For ciphertext alone.</param>
internal sealed class AttachmentSource(string name, long length, Func<long, Memory<byte>, CancellationToken, Task<int>> fetch, ArrayPool<byte> buffers) : Stream
{
    private const int FirstLength = 64 * 1024;

    // As large as what was ever fetched at once, and used again.
    private byte[] _window = [];
    private long _windowStart;
    private int _filled;
    private int _next = FirstLength;

    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length => length;

    public override long Position { get; set; }

    public override async ValueTask<int> ReadAsync(Memory<byte> target, CancellationToken cancellationToken = default)
    {
        var within = Position - _windowStart;
        if (within < 0 || within >= _filled)
        {
            if (Position >= length)
                return 0;
            _next = within == _filled ? Math.Min(8 * _next, VaultCalls.LongestPart) : FirstLength;
            _filled = 0; // what is cut off half-way is nothing
            if (_window.Length < _next)
            {
                GiveBack();
                _window = buffers.Rent(_next);
            }

            var asked = (int)Math.Min(_next, length - Position);
            _filled = await fetch(Position, _window.AsMemory(0, asked), cancellationToken).ConfigureAwait(false);
            if (_filled == 0)
                throw Alarms.Withheld(name);
            (_windowStart, within) = (Position, 0);
        }

        var taken = Math.Min(target.Length, _filled - (int)within);
        _window.AsMemory((int)within, taken).CopyTo(target);
        Position += taken;
        return taken;
    }

    public override Task<int> ReadAsync(byte[] target, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(target.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] target, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin from) => Position = from switch
    {
        SeekOrigin.Begin => offset,
        SeekOrigin.Current => Position + offset,
        _ => length + offset,
    };

    public override void Flush()
    {
    }

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] bytes, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        GiveBack();
        _filled = 0;
        base.Dispose(disposing);
    }

    // Once: what is given back twice would be lent to two.
    private void GiveBack()
    {
        if (Interlocked.Exchange(ref _window, []) is { Length: > 0 } bytes)
            buffers.Return(bytes);
    }
}
