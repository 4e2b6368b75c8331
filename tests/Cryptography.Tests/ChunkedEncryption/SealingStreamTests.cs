using System.Security.Cryptography;
using CsCheck;
using Keyladder.Cryptography.ChunkedEncryption;
using Keyladder.Cryptography.Secrets;

namespace Keyladder.Cryptography.Tests.ChunkedEncryption;

public sealed class SealingStreamTests : IDisposable
{
    private static readonly byte[] Context = Fields.Encode("test/v1/stream");

    private readonly SecretBytes key = SecretBytes.Generate(32);

    public void Dispose() => key.Dispose();

    [Fact]
    public void However_it_is_written_it_is_the_envelope_of_its_content() =>
        Gen.Select(Gen.Int[0, 70_000], Gen.Int[1, 40_000].Array[1, 6], Gen.Bool).Sample((length, portions, asynchronous) =>
        {
            var content = RandomNumberGenerator.GetBytes(length);
            using var target = new MemoryStream();
            using (var stream = new SealingStream(target, key, Context))
            {
                for (int start = 0, turn = 0; start < length; turn++)
                {
                    var size = Math.Min(portions[turn % portions.Length], length - start);
                    if (asynchronous)
                        stream.WriteAsync(content, start, size, CancellationToken.None).GetAwaiter().GetResult();
                    else
                        stream.Write(content, start, size);
                    stream.Flush();
                    start += size;
                }

                if (asynchronous)
                    stream.CompleteAsync(CancellationToken.None).GetAwaiter().GetResult();
                else
                    stream.Complete();
            }

            Assert.Equal(1 + Cobblestone.MessageLength(length), target.Length);
            Assert.Equal(content, Envelope.Open(key, Context, target.ToArray(), Padding.None));
        }, iter: 60);

    [Theory]
    [InlineData(0)]
    [InlineData(100)]
    [InlineData(16_384)]
    [InlineData(20_000)]
    public void Disposed_without_completing_it_leaves_what_does_not_open(int length)
    {
        using var target = new MemoryStream();
        using (var stream = new SealingStream(target, key, Context))
            stream.Write(new byte[length]);

        Assert.Throws<OpenFailedException>(() => Envelope.Open(key, Context, target.ToArray(), Padding.None));
    }

    [Fact]
    public void Completed_or_disposed_it_takes_no_more()
    {
        using var stream = new SealingStream(new MemoryStream(), key, Context);
        stream.Complete();
        Assert.False(stream.CanWrite);
        Assert.Throws<InvalidOperationException>(() => stream.WriteByte(1));
        Assert.Throws<InvalidOperationException>(stream.Complete);

        var disposed = new SealingStream(new MemoryStream(), key, Context);
        disposed.Dispose();
        disposed.Dispose();
        Assert.Throws<InvalidOperationException>(() => disposed.WriteByte(1));
        Assert.Throws<InvalidOperationException>(disposed.Complete);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public async Task After_a_write_that_failed_it_cannot_be_completed(int goodWrites)
    {
        using var stream = new SealingStream(new FailingStream(new MemoryStream(), goodWrites), key, Context);
        Assert.Throws<IOException>(() => stream.Write(new byte[100_000]));
        Assert.Throws<InvalidOperationException>(() => stream.WriteByte(1));
        Assert.Throws<InvalidOperationException>(stream.Complete);
        await Assert.ThrowsAsync<InvalidOperationException>(() => stream.CompleteAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task After_a_write_that_was_cancelled_it_cannot_be_completed()
    {
        using var stream = new SealingStream(new MemoryStream(), key, Context);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => stream.WriteAsync(new byte[100_000], new CancellationToken(canceled: true)).AsTask());
        Assert.Throws<InvalidOperationException>(stream.Complete);
    }

    [Fact]
    public void Plaintext_does_not_stay_in_the_target_of_a_stream_that_is_only_flushed()
    {
        using var target = new MemoryStream();
        using var stream = new SealingStream(target, key, Context);
        stream.Write("attack at dawn"u8);
        stream.Flush();
        Assert.Equal(0, target.Length);
    }
}
