using System.Security.Cryptography;
using CsCheck;
using Keyladder.Cryptography.ChunkedEncryption;
using Keyladder.Cryptography.Secrets;

namespace Keyladder.Cryptography.Tests.ChunkedEncryption;

public sealed class OpeningStreamTests : IDisposable
{
    private const int Chunk = Cobblestone.ChunkLength;
    private const int SealedChunk = Cobblestone.SealedChunkLength;

    private static readonly byte[] Context = Fields.Encode("test/v1/stream");

    private readonly SecretBytes key = SecretBytes.Generate(32);

    public static TheoryData<int> Lengths => [0, 1, Chunk - 1, Chunk, Chunk + 1, (3 * Chunk) - 1, 3 * Chunk, (3 * Chunk) + 1];

    public void Dispose() => key.Dispose();

    [Theory]
    [MemberData(nameof(Lengths))]
    public async Task Content_comes_back_from_a_pipe_and_from_a_file(int length)
    {
        var (content, envelope) = Sealed(length);
        Assert.Equal(content, ReadAll(Opening(envelope, seekable: false)));
        Assert.Equal(content, ReadAll(Opening(envelope, seekable: true)));

        using var opened = new MemoryStream();
        await Opening(envelope, seekable: false).CopyToAsync(opened, TestContext.Current.CancellationToken);
        Assert.Equal(content, opened.ToArray());
    }

    [Theory]
    [MemberData(nameof(Lengths))]
    public void A_length_is_that_of_the_content_and_the_end_stays_the_end(int length)
    {
        using var stream = Opening(Sealed(length).Envelope, seekable: true);
        Assert.True(stream.CanSeek);
        Assert.Equal(length, stream.Length);
        Assert.Equal(length, stream.Seek(0, SeekOrigin.End));
        Assert.Equal(-1, stream.ReadByte());
        stream.Position = length + 100_000L;
        Assert.Equal(-1, stream.ReadByte());
        Assert.Throws<ArgumentOutOfRangeException>(() => stream.Seek(-1, SeekOrigin.Begin));
    }

    [Fact]
    public void Random_access_gives_the_slice()
    {
        var (content, envelope) = Sealed((4 * Chunk) + 777);
        using var stream = Opening(envelope, seekable: true);
        Gen.Select(Gen.Int[0, content.Length], Gen.Int[0, 40_000], Gen.Enum<SeekOrigin>(), Gen.Bool).Sample(
            (start, count, origin, asynchronous) =>
            {
                stream.Seek(start - origin switch { SeekOrigin.Begin => 0, SeekOrigin.Current => stream.Position, _ => content.Length }, origin);
                var slice = new byte[Math.Min(count, content.Length - start)];
                if (asynchronous)
                    stream.ReadExactlyAsync(slice, CancellationToken.None).AsTask().GetAwaiter().GetResult();
                else
                    stream.ReadExactly(slice);
                Assert.Equal(content[start..(start + slice.Length)], slice);
                Assert.Equal(start + slice.Length, stream.Position);
            },
            threads: 1); // a stream has one reader
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void D10_J01_wherever_it_was_cut_it_throws_before_it_reports_the_end(bool seekable)
    {
        var (content, envelope) = Sealed((2 * Chunk) + 100);
        foreach (var length in Cuts(envelope.Length))
        {
            using var stream = Opening(envelope[..length], seekable);
            var read = ReadUntilFailure(stream);
            Assert.Equal(content[..read.Length], read);
            Assert.Equal(0, read.Length % Chunk);
            Assert.Throws<OpenFailedException>(() => stream.ReadByte());
        }
    }

    [Fact]
    public void Wherever_it_was_cut_no_length_is_told_and_no_place_is_found()
    {
        var (_, envelope) = Sealed((2 * Chunk) + 100);
        foreach (var length in Cuts(envelope.Length))
        {
            using var stream = Opening(envelope[..length], seekable: true);
            Assert.Throws<OpenFailedException>(() => stream.Length);
            Assert.Throws<OpenFailedException>(() => stream.Seek(0, SeekOrigin.Begin));
            Assert.Throws<OpenFailedException>(() => stream.Position = 5);
            Assert.Throws<OpenFailedException>(() => stream.ReadByte());
        }
    }

    [Fact]
    public void A_cut_header_another_key_and_another_context_fail_at_once()
    {
        var (_, envelope) = Sealed(100);
        using var otherKey = SecretBytes.Generate(32);
        for (var length = 0; length < Envelope.HeaderLength; length++)
            Assert.Throws<OpenFailedException>(() => Opening(envelope[..length], seekable: false));
        Assert.Throws<OpenFailedException>(() => new OpeningStream(Stream.Null, envelope.AsSpan(0, Envelope.HeaderLength), otherKey, Context));
        Assert.Throws<OpenFailedException>(() => new OpeningStream(Stream.Null, envelope.AsSpan(0, Envelope.HeaderLength), key, []));
    }

    [Fact]
    public void D10_what_follows_the_last_chunk_is_refused()
    {
        var (content, envelope) = Sealed(Chunk + 100);
        foreach (var seekable in (bool[])[false, true])
        {
            using var stream = Opening([.. envelope, 0], seekable);
            Assert.Equal(content[..Chunk], ReadUntilFailure(stream));
        }

        using var lengthened = Opening([.. envelope, .. new byte[20_000]], seekable: true);
        Assert.Throws<OpenFailedException>(() => lengthened.Length);
    }

    [Fact]
    public void J01_an_altered_chunk_gives_nothing_of_itself_and_ends_all_reading()
    {
        var (content, envelope) = Sealed(3 * Chunk);
        envelope[Envelope.HeaderLength + SealedChunk + 5] ^= 1;
        using var stream = Opening(envelope, seekable: true);

        Assert.Equal(3 * Chunk, stream.Length); // the last chunk is genuine
        Assert.Equal(content[..Chunk], ReadUntilFailure(stream));
        Assert.Throws<OpenFailedException>(() => stream.Position = 0);
        Assert.Throws<OpenFailedException>(() => stream.ReadByte());
    }

    [Fact]
    public void J01_a_read_that_failed_half_way_leaves_nothing_unverified_to_read()
    {
        var (content, envelope) = Sealed(3 * Chunk);
        var header = envelope.AsSpan(0, Envelope.HeaderLength);
        using var source = new MemoryStream(envelope[Envelope.HeaderLength..]);

        // The length takes two reads (the last chunk, and that nothing follows), chunk 0 one; the next fails inside chunk 1.
        using var stream = new OpeningStream(new FailingStream(source, goodCalls: 3), header, key, Context);
        stream.Position = 0;
        Assert.Equal(content[0], stream.ReadByte());
        stream.Position = Chunk;
        Assert.Throws<IOException>(() => stream.ReadByte());

        stream.Position = 1;
        Assert.Equal(content[1], stream.ReadByte());
        stream.Position = Chunk;
        Assert.Equal(content[Chunk], stream.ReadByte());
    }

    [Fact]
    public void From_a_pipe_there_is_no_length_and_no_seeking()
    {
        using var stream = Opening(Sealed(100).Envelope, seekable: false);
        Assert.False(stream.CanSeek);
        Assert.Throws<NotSupportedException>(() => stream.Length);
        Assert.Throws<NotSupportedException>(() => stream.Seek(0, SeekOrigin.Begin));
    }

    [Fact]
    public void Disposed_it_reads_nothing()
    {
        var stream = Opening(Sealed(100).Envelope, seekable: true);
        stream.ReadByte();
        stream.Dispose();
        stream.Dispose();
        Assert.False(stream.CanRead);
        Assert.Throws<ObjectDisposedException>(() => stream.ReadByte());
        Assert.Throws<ObjectDisposedException>(() => stream.Length);
    }

    // Around every border, and some places between.
    private static IEnumerable<int> Cuts(int length)
    {
        int[] borders = [0, SealedChunk, 2 * SealedChunk, length - Envelope.HeaderLength];
        return borders
            .SelectMany(border => (int[])[border - 17, border - 16, border - 1, border, border + 1, border + 15, border + 16, border + 17, border + 5_000])
            .Where(cut => cut >= 0 && cut < length - Envelope.HeaderLength)
            .Select(cut => Envelope.HeaderLength + cut);
    }

    private static byte[] ReadAll(OpeningStream stream)
    {
        using var opened = new MemoryStream();
        stream.CopyTo(opened, 1_000);
        return opened.ToArray();
    }

    private static byte[] ReadUntilFailure(OpeningStream stream)
    {
        using var opened = new MemoryStream();
        var buffer = new byte[1_000];
        Assert.Throws<OpenFailedException>(() =>
        {
            int read;
            while ((read = stream.Read(buffer)) > 0)
                opened.Write(buffer, 0, read);
        });
        return opened.ToArray();
    }

    private OpeningStream Opening(byte[] envelope, bool seekable)
    {
        var header = envelope.AsSpan(0, Math.Min(Envelope.HeaderLength, envelope.Length));

        // As in a file: the chunks begin somewhere behind the source's start.
        var source = new MemoryStream([.. new byte[75], .. envelope[header.Length..]]) { Position = 75 };
        return new OpeningStream(seekable ? source : new TricklingSource(source), header, key, Context);
    }

    private (byte[] Content, byte[] Envelope) Sealed(int length)
    {
        var content = RandomNumberGenerator.GetBytes(length);
        return (content, Envelope.Seal(key, Context, content, Padding.None));
    }
}
