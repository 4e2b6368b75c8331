using System.Security.Cryptography;
using CsCheck;
using Keyladder.Cryptography.ChunkedEncryption;
using Keyladder.Cryptography.Secrets;

namespace Keyladder.Cryptography.Tests.ChunkedEncryption;

public sealed class EnvelopeTests : IDisposable
{
    private static readonly byte[] Context = Fields.Encode("test/v1/thing", 1);

    private readonly SecretBytes key = SecretBytes.Generate(32);

    // Around one and two chunks, where padded content ends before, at and behind a border.
    public static TheoryData<int> Borders =>
        [0, 1, 63, 64, 127, 128, 16_127, 16_128, 16_383, 16_384, 16_385, 32_255, 32_256, 32_767, 32_768, 32_769, 49_151, 49_152, 200_000];

    public void Dispose() => key.Dispose();

    [Theory]
    [MemberData(nameof(Borders))]
    public void Content_comes_back_at_every_border_of_chunks_and_paddings(int length)
    {
        var content = RandomNumberGenerator.GetBytes(length);
        Padding[] paddings = [Padding.None, Padding.Shortest, Padding.Fixed(length + 1), Padding.Fixed(length + 40_000)];
        foreach (var padding in paddings)
        {
            var envelope = Envelope.Seal(key, Context, content, padding);
            Assert.Equal(1 + Cobblestone.MessageLength(padding.PaddedLength(length)), envelope.Length);
            Assert.Equal(content, Envelope.Open(key, Context, envelope, padding));
            using var secret = Envelope.OpenSecret(key, Context, envelope, padding);
            Assert.True(secret.FixedTimeEquals(content));
        }
    }

    [Fact]
    public void Content_and_context_of_any_length_come_back() =>
        Gen.Select(Gen.Byte.Array[0, 2_000], Gen.Byte.Array[0, 2_000]).Sample((content, context) =>
            Assert.Equal(content, Envelope.Open(key, context, Envelope.Seal(key, context, content, Padding.Shortest), Padding.Shortest)));

    [Theory]
    [InlineData(128, 201)]
    [InlineData(512, 585)]
    public void Envelopes_of_a_fixed_padding_have_the_lengths_of_the_specification(int padded, int expected) =>
        Assert.Equal(expected, Envelope.Seal(key, Context, new byte[32], Padding.Fixed(padded)).Length);

    [Fact]
    public void Sealing_twice_shares_no_run_of_bytes_but_the_version()
    {
        var one = Envelope.Seal(key, Context, new byte[100], Padding.Shortest);
        var other = Envelope.Seal(key, Context, new byte[100], Padding.Shortest);
        Assert.Equal(one[0], other[0]);
        for (var start = 1; start + 8 <= one.Length; start++)
            Assert.NotEqual(one[start..(start + 8)], other[start..(start + 8)]);
    }

    [Fact]
    public async Task A_key_that_is_disposed_of_while_it_seals_seals_nothing_as_a_key_of_zeros()
    {
        for (var round = 0; round < 100; round++)
        {
            using var going = SecretBytes.CopyOf(key.DangerousSpan);
            using var started = new ManualResetEventSlim();
            var last = Task.Run(() =>
            {
                byte[] newest = [];
                try
                {
                    while (true)
                    {
                        newest = Envelope.Seal(going, Context, [], Padding.Shortest);
                        started.Set();
                    }
                }
                catch (ObjectDisposedException)
                {
                    return newest;
                }
            });
            started.Wait(TestContext.Current.CancellationToken);
            Thread.SpinWait(round);
            going.Dispose();

            var envelope = await last;
            Assert.True(Envelope.IsSealedUnder(key, Context, envelope));
        }
    }

    [Fact]
    public void B16_C07_every_flipped_bit_every_cut_and_every_byte_more_is_refused_with_one_face()
    {
        var envelope = Envelope.Seal(key, Context, RandomNumberGenerator.GetBytes(64), Padding.Shortest);
        for (var bit = 0; bit < envelope.Length * 8; bit++)
            AssertRefused(Flip(envelope, bit));
        for (var length = 0; length < envelope.Length; length++)
            AssertRefused(envelope[..length]);
        for (var more = 0; more < 256; more++)
            AssertRefused([.. envelope, (byte)more]);
    }

    [Fact]
    public void C06_every_version_but_the_one_there_is_is_refused()
    {
        var envelope = Envelope.Seal(key, Context, new byte[64], Padding.Shortest);
        for (var version = 0; version < 256; version++)
        {
            envelope[0] = (byte)version;
            Assert.Equal(version == Envelope.Version, Envelope.IsSealedUnder(key, Context, envelope));
            if (version != Envelope.Version)
                AssertRefused(envelope);
        }
    }

    [Fact]
    public void E16_how_long_an_envelope_is_depends_on_the_padded_length_alone() =>
        Gen.Select(Gen.Byte.Array[0, 3_000], Gen.Byte).Sample((content, same) =>
        {
            var monotonous = Enumerable.Repeat(same, content.Length).ToArray();
            var length = 1 + Cobblestone.MessageLength(Padding.Shortest.PaddedLength(content.Length));
            Assert.Equal(length, Envelope.Seal(key, Context, content, Padding.Shortest).Length);
            Assert.Equal(length, Envelope.Seal(key, Context, monotonous, Padding.Shortest).Length);
        });

    [Fact]
    public void B10_D10_what_has_several_chunks_is_refused_wherever_it_was_altered_cut_or_rearranged()
    {
        var envelope = Envelope.Seal(key, Context, RandomNumberGenerator.GetBytes(40_000), Padding.Shortest);
        var chunks = envelope[Envelope.HeaderLength..].Chunk(Cobblestone.SealedChunkLength).ToArray();
        Assert.Equal(3, chunks.Length);

        Gen.Int[0, (envelope.Length * 8) - 1].Sample(bit => AssertRefused(Flip(envelope, bit)), iter: 300);
        Gen.Int[0, envelope.Length - 1].Sample(length => AssertRefused(envelope[..length]), iter: 300);
        var header = envelope[..Envelope.HeaderLength];
        AssertRefused([.. header, .. chunks[1], .. chunks[0], .. chunks[2]]);
        AssertRefused([.. header, .. chunks[0], .. chunks[2]]);
        AssertRefused([.. header, .. chunks[0], .. chunks[1]]);
        AssertRefused([.. header, .. chunks[0], .. chunks[0], .. chunks[2]]);
        AssertRefused([.. envelope, .. chunks[2]]);
    }

    [Fact]
    public void Another_key_another_context_and_another_padding_are_refused_with_the_same_face()
    {
        var envelope = Envelope.Seal(key, Context, new byte[64], Padding.Shortest);
        using var otherKey = SecretBytes.Generate(32);
        AssertRefused(envelope, otherKey, Context, Padding.Shortest);
        AssertRefused(envelope, key, Fields.Encode("test/v1/thing", 2), Padding.Shortest);
        AssertRefused(envelope, key, Fields.Encode("test/v1/other", 1), Padding.Shortest);
        AssertRefused(envelope, key, [], Padding.Shortest);
        AssertRefused(envelope, key, Context, Padding.Fixed(512));
    }

    [Fact]
    public void A_genuine_envelope_with_more_or_less_padding_than_its_content_needs_is_refused_with_the_same_face()
    {
        byte[] wasteful = [1, 2, 3, 0x80, .. new byte[124]];
        byte[] unmarked = new byte[64];
        byte[] crooked = [1, 2, 3, 0x80, .. new byte[59]];
        foreach (var plaintext in (byte[][])[wasteful, unmarked, crooked, []])
            AssertRefused(Envelope.Seal(key, Context, plaintext, Padding.None));
    }

    [Fact]
    public void The_header_alone_tells_whether_a_key_and_context_sealed_it()
    {
        var envelope = Envelope.Seal(key, Context, new byte[64], Padding.Shortest);
        var header = envelope[..Envelope.HeaderLength];
        using var otherKey = SecretBytes.Generate(32);

        Assert.True(Envelope.IsSealedUnder(key, Context, header));
        Assert.True(Envelope.IsSealedUnder(key, Context, envelope));
        Assert.False(Envelope.IsSealedUnder(otherKey, Context, header));
        Assert.False(Envelope.IsSealedUnder(key, [], header));
        Assert.False(Envelope.IsSealedUnder(key, Context, header.AsSpan(..^1)));
        Assert.False(Envelope.IsSealedUnder(key, Context, []));
        for (var bit = 0; bit < header.Length * 8; bit++)
            Assert.False(Envelope.IsSealedUnder(key, Context, Flip(header, bit)));
    }

    [Fact]
    public void Content_that_failed_half_way_is_not_left_behind()
    {
        var envelope = Envelope.Seal(key, Context, Enumerable.Repeat((byte)7, 60_000).ToArray(), Padding.Shortest);
        envelope[Envelope.HeaderLength + Cobblestone.SealedChunkLength] ^= 1; // the second of four chunks

        using var reader = new EnvelopeReader(key, Context, envelope, Padding.Shortest, default);
        var content = new byte[reader.ContentLength];
        var refused = false;
        try
        {
            reader.CopyTo(content);
        }
        catch (OpenFailedException)
        {
            refused = true;
        }

        Assert.True(refused);
        Assert.Equal(new byte[60_000], content);
    }

    [Fact]
    public void Into_memory_that_exists_it_seals_and_opens_the_same_and_writes_nothing_beside()
    {
        foreach (var length in (int[])[0, 63, 64, 1023, 16_383, 16_384, 100_000])
        {
            var content = RandomNumberGenerator.GetBytes(length);
            var destination = new byte[Envelope.SealedLength(length, Padding.Shortest) + 5];
            var written = Envelope.Seal(key, Context, content, Padding.Shortest, destination);
            Assert.Equal(destination.Length - 5, written);
            Assert.Equal(new byte[5], destination[written..]);
            Assert.Equal(content, Envelope.Open(key, Context, destination.AsSpan(0, written), Padding.Shortest));

            var opened = new byte[length + 5];
            Assert.Equal(length, Envelope.Open(key, Context, destination.AsSpan(0, written), Padding.Shortest, opened));
            Assert.Equal([.. content, .. new byte[5]], opened);
        }
    }

    [Fact]
    public void Memory_that_is_too_short_or_the_same_is_refused_before_anything_is_written()
    {
        var memory = new byte[1000];
        var longEnough = Envelope.SealedLength(100, Padding.Shortest);
        Assert.Throws<ArgumentException>(() => Envelope.Seal(key, Context, new byte[100], Padding.Shortest, memory.AsSpan(0, longEnough - 1)));
        Assert.Throws<ArgumentException>(() => Envelope.Seal(key, Context, memory.AsSpan(longEnough - 1, 100), Padding.Shortest, memory));
        var envelope = Envelope.Seal(key, Context, Enumerable.Repeat((byte)7, 100).ToArray(), Padding.Shortest);
        Assert.Throws<ArgumentException>(() => Envelope.Open(key, Context, envelope, Padding.Shortest, memory.AsSpan(0, 99)));
        Assert.Equal(new byte[1000], memory);
        var untouched = envelope.ToArray();
        Assert.Throws<ArgumentException>(() => Envelope.Open(key, Context, envelope, Padding.Shortest, envelope));
        Assert.Equal(untouched, envelope);
    }

    [Fact]
    public void A_key_that_is_not_of_32_bytes_and_content_too_long_for_its_padding_are_the_callers_mistakes()
    {
        using var shortKey = SecretBytes.Generate(31);
        Assert.Throws<ArgumentOutOfRangeException>(() => Envelope.Seal(shortKey, Context, [], Padding.Shortest));
        Assert.Throws<ArgumentException>(() => Envelope.Seal(key, Context, new byte[128], Padding.Fixed(128)));
        var gone = SecretBytes.Generate(32);
        gone.Dispose();
        Assert.Throws<ObjectDisposedException>(() => Envelope.Seal(gone, Context, [], Padding.Shortest));
    }

    private static byte[] Flip(byte[] bytes, int bit)
    {
        var flipped = bytes.ToArray();
        flipped[bit / 8] ^= (byte)(1 << (bit % 8));
        return flipped;
    }

    private static void AssertRefused(byte[] envelope, SecretBytes key, byte[] context, Padding padding)
    {
        var face = new OpenFailedException();
        foreach (var open in (Action[])[
            () => Envelope.Open(key, context, envelope, padding),
            () => Envelope.Open(key, context, envelope, padding, new byte[envelope.Length]),
            () => Envelope.OpenSecret(key, context, envelope, padding)])
        {
            var refusal = Assert.Throws<OpenFailedException>(open);
            Assert.Equal(face.Message, refusal.Message);
            Assert.Equal(face.HResult, refusal.HResult);
            Assert.Null(refusal.InnerException);
            Assert.Empty(refusal.Data);
        }
    }

    private void AssertRefused(byte[] envelope) => AssertRefused(envelope, key, Context, Padding.Shortest);
}
