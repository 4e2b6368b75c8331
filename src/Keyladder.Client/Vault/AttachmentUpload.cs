using System.Security.Cryptography;
using Keyladder.Cryptography;
using Keyladder.Cryptography.Signing;
using Keyladder.Keys.Vault;

namespace Keyladder.Client;

/// <summary>
/// Content on its way to a Vault, sealed on this device in constant memory. Where it breaks off, <see cref="RunAsync"/> called again goes on
/// with the part that did not arrive, for a day.
/// </summary>
public sealed class AttachmentUpload : IAsyncDisposable
{
    private const int ReadAtOnce = 64 * 1024;
    private const int PartLength = VaultCalls.LongestPart - (2 * ReadAtOnce);

    private readonly VaultCalls _calls;
    private readonly Stream _content;
    private readonly AttachmentSealing _sealing;

    // What is sealed; what it takes beyond a part is the end of what was read last.
    private readonly MemoryStream _part;
    private readonly byte[] _read = new byte[ReadAtOnce];
    private byte[] _sealed = [];

    // What is on its way, until it has arrived: the next part is sealed meanwhile.
    private byte[] _leaving = [];
    private int _leavingLength;
    private bool _isLeavingLast;
    private long _leavingSize;
    private ContentDigest _leavingDigest = ContentDigest.OfNothing;
    private ContentDigest? _digest;
    private long _stored;
    private State _state;

    internal AttachmentUpload(VaultCalls calls, Stream content, Func<Stream, AttachmentSealing> seal)
    {
        // What is small takes little memory, as far as its length is known.
        var length = content.CanSeek ? Math.Max(0, content.Length - content.Position) : PartLength;
        if (length < PartLength)
            _part = new MemoryStream((int)length + ReadAtOnce);
        else
            (_part = new MemoryStream(_sealed = calls.Ciphertexts.Rent(VaultCalls.LongestPart), 0, VaultCalls.LongestPart, writable: true, publiclyVisible: true)).SetLength(0);
        (_calls, _content, _sealing) = (calls, content, seal(_part));
    }

    private enum State
    {
        Reading,
        Padding,
        Whole,
        Arrived,
    }

    /// <summary>Reads the content to its end, and sends it.</summary>
    /// <param name="progress">Hears how many bytes of the content have been sealed and arrived.</param>
    /// <param name="cancellationToken">Breaks it off; it can go on.</param>
    /// <returns>What an attribute says of it: <see cref="Attachment.ToAttribute"/>. The Vault keeps it for a day unless an item has such an attribute by then.</returns>
    /// <exception cref="KeyladderException">It did not arrive, or the account holds as much as it may.</exception>
    public async Task<Attachment> RunAsync(IProgress<long>? progress = null, CancellationToken cancellationToken = default)
    {
        while (_state != State.Arrived)
        {
            // Both have ended when either fails: the one that did not is not done again.
            await Task.WhenAll(SendAsync(progress, cancellationToken), FillAsync(cancellationToken)).ConfigureAwait(false);
            Release();
        }

        // Whoever keeps the upload at hand while he reads keeps no memory with it.
        GiveBackBoth();
        return _sealing.ToAttachment();
    }

    public ValueTask DisposeAsync()
    {
        CryptographicOperations.ZeroMemory(_read);
        GiveBackBoth();
        return _sealing.DisposeAsync();
    }

    private void GiveBackBoth()
    {
        GiveBack(ref _sealed);
        GiveBack(ref _leaving);
    }

    // Once: what is given back twice would be lent to two.
    private void GiveBack(ref byte[] rented)
    {
        if (Interlocked.Exchange(ref rented, []) is { Length: > 0 } bytes)
            _calls.Ciphertexts.Return(bytes);
    }

    private async Task FillAsync(CancellationToken cancellationToken)
    {
        while (_state is State.Reading or State.Padding && _part.Length < PartLength)
            await SealMoreAsync(cancellationToken).ConfigureAwait(false);
        _digest ??= ContentDigest.Of(_part.GetBuffer().AsSpan(0, (int)_part.Length));
    }

    /// <summary>Lets the sealed part go; the one before it has arrived.</summary>
    private void Release()
    {
        (_leavingLength, _isLeavingLast, _leavingSize) = ((int)_part.Length, _state == State.Whole, _sealing.Size);
        (_leavingDigest, _digest) = (_digest!, null);
        if (_leaving.Length < _leavingLength)
        {
            GiveBack(ref _leaving);
            _leaving = _calls.Ciphertexts.Rent(Math.Max(_leavingLength, _part.Capacity));
        }

        _part.GetBuffer().AsSpan(0, _leavingLength).CopyTo(_leaving);
        _part.SetLength(0);
    }

    private async Task SealMoreAsync(CancellationToken cancellationToken)
    {
        if (_state == State.Padding)
        {
            if (await _sealing.PadAsync(CancellationToken.None).ConfigureAwait(false))
                _state = State.Whole;
            return;
        }

        var length = await _content.ReadAsync(_read, cancellationToken).ConfigureAwait(false);
        if (length == 0)
            _state = State.Padding;
        else
            await _sealing.WriteAsync(_read.AsMemory(0, length), CancellationToken.None).ConfigureAwait(false);
    }

    private async Task SendAsync(IProgress<long>? progress, CancellationToken cancellationToken)
    {
        if (_leavingLength == 0)
            return;
        var end = _stored + _leavingLength;
        var answer = await _calls.PutPartAsync(_sealing.Id, _stored, _leaving.AsMemory(0, _leavingLength), _leavingDigest, _isLeavingLast, cancellationToken).ConfigureAwait(false);
        if (answer.Stored != end || answer.Complete != _isLeavingLast)
            throw Failures.UploadEnded();
        (_stored, _leavingLength) = (end, 0);
        if (_isLeavingLast)
            _state = State.Arrived;
        progress?.Report(_leavingSize);
    }
}
