using System.Buffers;
using System.Security.Cryptography;
using Keyladder.Cryptography.ChunkedEncryption;
using Keyladder.Cryptography.Secrets;

namespace Keyladder.Cryptography.Tests.ChunkedEncryption;

/// <summary>
/// What an envelope's opening borrows goes back empty: whoever rents next, in any part of the process, must not find a plaintext in it.
/// </summary>
public sealed class RentedBufferTests : IDisposable
{
    private const byte Untouched = 0xEE;
    private const int ContentLength = 40_000;

    // Three chunks, all of which may hold the content's end; and three of which only the last may.
    private static readonly Padding OneBufferForAll = Padding.Fixed(ContentLength + 1);
    private static readonly Padding OneForTheLast = Padding.None;

    private readonly SecretBytes key = SecretBytes.Generate(32);

    public void Dispose() => key.Dispose();

    [Fact]
    public void After_opening()
    {
        Assert.Equal(ContentLength, AssertZeroed(OneBufferForAll, ContentLength + 1, envelope => Open(envelope, OneBufferForAll)));
        Assert.Equal(ContentLength, AssertZeroed(OneForTheLast, ContentLength % Cobblestone.ChunkLength, envelope => Open(envelope, OneForTheLast)));
    }

    [Fact]
    public void After_a_failure_behind_chunks_that_opened() =>
        AssertZeroed(OneBufferForAll, ContentLength + 1, envelope =>
        {
            envelope[^1] ^= 1;
            return Assert.Throws<OpenFailedException>(() => Open(envelope, OneBufferForAll));
        });

    [Fact]
    public void After_a_failure_before_the_last_chunk_that_opened() =>
        AssertZeroed(OneForTheLast, ContentLength % Cobblestone.ChunkLength, envelope =>
        {
            envelope[Envelope.HeaderLength] ^= 1;
            return Assert.Throws<OpenFailedException>(() => Open(envelope, OneForTheLast));
        });

    [Fact]
    public void After_another_padding_was_found() =>
        AssertZeroed(OneForTheLast, ContentLength, envelope => Assert.Throws<OpenFailedException>(() => Open(envelope, Padding.Fixed(ContentLength))));

    [Fact]
    public void After_a_destination_that_was_too_short() =>
        AssertZeroed(OneBufferForAll, ContentLength + 1, envelope =>
            Assert.Throws<ArgumentException>(() => Envelope.Open(key, [], envelope, OneBufferForAll, new byte[ContentLength - 1])));

    [Fact]
    public void What_needed_no_rented_buffer_leaves_nothing_on_the_stack()
    {
        var scratch = Enumerable.Repeat(Untouched, 1024).ToArray();
        using (var reader = new EnvelopeReader(key, [], Envelope.Seal(key, [], Content(100), Padding.Shortest), Padding.Shortest, scratch))
            Assert.Equal(100, reader.ContentLength);

        Assert.All(scratch.Take(128), value => Assert.Equal(0, value));
    }

    /// <param name="used">How many bytes of the buffer will have held plaintext.</param>
    private T AssertZeroed<T>(Padding padding, int used, Func<byte[], T> open)
    {
        var envelope = Envelope.Seal(key, [], Content(ContentLength), padding);

        // The pool hands a thread what this thread gave back last: the buffer that is watched is the one that will be rented.
        var watched = ArrayPool<byte>.Shared.Rent(used);
        watched.AsSpan().Fill(Untouched);
        ArrayPool<byte>.Shared.Return(watched);
        var result = open(envelope);
        var again = ArrayPool<byte>.Shared.Rent(used);
        try
        {
            Assert.Same(watched, again);
            Assert.Equal(-1, again.AsSpan(0, used).IndexOfAnyExcept((byte)0));
            Assert.Equal(-1, again.AsSpan(used).IndexOfAnyExcept(Untouched));
            return result;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(again);
        }
    }

    private int Open(byte[] envelope, Padding padding) => Envelope.Open(key, [], envelope, padding).Length;

    private static byte[] Content(int length)
    {
        var content = RandomNumberGenerator.GetBytes(length);
        for (var i = 0; i < length; i++)
            content[i] |= 1; // No byte of it is zero.
        return content;
    }
}
