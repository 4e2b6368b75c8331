using System.Buffers;

namespace Keyladder.Client;

/// <summary>
/// The bytes of an attachment as the Vault gives them, fetched where they are read: a little where somebody jumps to, much where he reads on, and then what
/// follows while he reads. What it gives may be anything.
/// </summary>
/// <param name="name">For an alarm.</param>
/// <param name="length">Of what is sealed.</param>
/// <param name="fetch">Given where from and where to, the number of bytes that came; none where there is no such attachment.</param>
/// <param name="buffers">For ciphertext alone.</param>
internal sealed class AttachmentSource(string name, long length, Func<long, Memory<byte>, CancellationToken, Task<int>> fetch, ArrayPool<byte> buffers) : Stream
{
    private const int FirstLength = 64 * 1024;

    private readonly CancellationTokenSource _ended = new();

    // As large as what was ever fetched at once, and used again.
    private byte[] _window = [];
    private long _windowStart;
    private int _filled;
    private int _next = FirstLength;
    private (long Start, byte[] Window, Task<int> Fetch)? _ahead;

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
            var readsOn = within == _filled;
            _next = readsOn ? Math.Min(8 * _next, VaultCalls.LongestPart) : FirstLength;
            _filled = 0; // what is cut off half-way is nothing
            if (!await TryTakeAheadAsync(cancellationToken).ConfigureAwait(false))
            {
                if (_window.Length < _next)
                {
                    GiveBack();
                    _window = buffers.Rent(_next);
                }

                _filled = await fetch(Position, _window.AsMemory(0, LengthAt(Position)), cancellationToken).ConfigureAwait(false);
            }

            if (_filled == 0)
                throw Alarms.Withheld(name);
            (_windowStart, within) = (Position, 0);
            if (readsOn && _next == VaultCalls.LongestPart)
                FetchAhead(Position + _filled);
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
        if (disposing && !_ended.IsCancellationRequested)
        {
            _ended.Cancel();
            LeaveAhead();
        }

        GiveBack();
        _filled = 0;
        base.Dispose(disposing);
    }

    private int LengthAt(long position) => (int)Math.Min(_next, length - position);

    private void FetchAhead(long start)
    {
        if (start >= length || _ended.IsCancellationRequested)
            return;
        var window = buffers.Rent(_next);
        _ahead = (start, window, fetch(start, window.AsMemory(0, LengthAt(start)), _ended.Token));
    }

    /// <returns>False where nothing was fetched ahead of here.</returns>
    private async Task<bool> TryTakeAheadAsync(CancellationToken cancellationToken)
    {
        if (_ahead is not { } ahead)
            return false;
        if (ahead.Start != Position)
        {
            LeaveAhead();
            return false;
        }

        // A reader that gives up waiting may come again.
        await ((Task)ahead.Fetch).WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellationToken.ThrowIfCancellationRequested();
        _ahead = null;
        GiveBack();
        _window = ahead.Window;
        _filled = await ahead.Fetch.ConfigureAwait(false);
        return true;
    }

    // Its memory is free once nothing is read into it any more.
    private void LeaveAhead()
    {
        if (_ahead is { } ahead)
            _ = ahead.Fetch.ContinueWith(fetched => { _ = fetched.Exception; buffers.Return(ahead.Window); }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        _ahead = null;
    }

    // Once: what is given back twice would be lent to two.
    private void GiveBack()
    {
        if (Interlocked.Exchange(ref _window, []) is { Length: > 0 } bytes)
            buffers.Return(bytes);
    }
}
