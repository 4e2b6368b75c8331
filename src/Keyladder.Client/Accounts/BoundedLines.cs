namespace Keyladder.Client;

/// <summary>Lines of a stream that may hold anything, or never end: each ends with a line feed and is no longer than it may be.</summary>
/// <param name="input">Read from where it stands.</param>
/// <param name="malformed">What the person is told where they are not like that.</param>
/// <param name="buffered">What a line may be at most.</param>
internal sealed class BoundedLines(Stream input, Func<KeyladderException> malformed, int buffered = BoundedLines.Longest)
{
    /// <summary>What a line may be at most, where nothing else was said.</summary>
    public const int Longest = 64 * 1024;

    private readonly byte[] _buffer = new byte[buffered + 1];
    private int _start;
    private int _end;

    /// <summary>Where the next line begins, from where the input stood.</summary>
    public long Position { get; private set; }

    /// <param name="longest">Bytes, up to what is buffered, without the line feed.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The line without its line feed, good until the next call; null at the end of the stream.</returns>
    /// <exception cref="KeyladderException">The line is longer, or nothing ends it.</exception>
    public async Task<ReadOnlyMemory<byte>?> ReadAsync(int longest, CancellationToken cancellationToken)
    {
        while (true)
        {
            var length = _buffer.AsSpan(_start, _end - _start).IndexOf((byte)'\n');
            if (length > longest || (length < 0 && _end - _start > longest))
                throw malformed();
            if (length >= 0)
            {
                var line = _buffer.AsMemory(_start, length);
                _start += length + 1;
                Position += length + 1;
                return line;
            }

            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            (_start, _end) = (0, _end - _start);
            var read = await input.ReadAsync(_buffer.AsMemory(_end), cancellationToken).ConfigureAwait(false);
            if (read == 0)
                return _end == 0 ? null : throw malformed();
            _end += read;
        }
    }
}
