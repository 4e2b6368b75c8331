using static Keyladder.Client.Tests.Person;

namespace Keyladder.Client.Tests.Http;

/// <summary>How much of an answer is read before the client gives up on it.</summary>
public sealed class BoundedAnswerTests
{
    private const int Longest = 100_000;

    [Theory, InlineData(0), InlineData(1), InlineData(Longest - 1), InlineData(Longest)]
    public async Task What_keeps_the_bound_is_read_whole(int length)
    {
        using var source = new Source(length);
        using var content = new StreamContent(source);

        Assert.Equal(length, (await BoundedAnswer.ReadAsync(content, Longest, Cancellation))!.Value.Length);
    }

    [Theory, InlineData(Longest + 1L), InlineData(long.MaxValue)]
    public async Task What_breaks_it_is_left_at_the_next_piece(long length)
    {
        using var source = new Source(length);
        using var content = new StreamContent(source);

        Assert.Null(await BoundedAnswer.ReadAsync(content, Longest, Cancellation));
        Assert.InRange(source.Given, Longest + 1, Longest + (64 * 1024));
    }

    /// <summary>Bytes without an announced length, as many as are asked for at a time.</summary>
    private sealed class Source(long length) : Stream
    {
        public long Given { get; private set; }

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override int Read(byte[] buffer, int offset, int count)
        {
            // Far beyond any bound, or a reader without one would go on until its memory ends.
            Assert.True(Given < 100L * Longest, "Nobody stops reading.");
            var given = (int)Math.Min(count, length - Given);
            Given += given;
            return given;
        }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
