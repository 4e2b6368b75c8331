using System.Security.Cryptography;
using CsCheck;
using Keyladder.Cryptography.ChunkedEncryption;

namespace Keyladder.Cryptography.Tests.ChunkedEncryption;

public sealed class PaddingTests
{
    [Theory]
    [InlineData(0, 64)]
    [InlineData(63, 64)]
    [InlineData(64, 128)]
    [InlineData(1_023, 1_024)]
    [InlineData(1_024, 1_088)] // the first of Padmé: E = 10, S = 4, step 64
    [InlineData(2_047, 2_048)]
    [InlineData(2_048, 2_176)] // E = 11, S = 4, step 128
    [InlineData(65_536, 67_584)] // E = 16, S = 5, step 2,048
    [InlineData(1_048_576, 1_081_344)] // E = 20, S = 5, step 32,768
    public void The_shortest_padding_has_the_lengths_of_the_specification(int contentLength, int padded) =>
        Assert.Equal(padded, Padding.Shortest.PaddedLength(contentLength));

    [Fact]
    public void I05_the_shortest_padding_is_that_of_the_formula_and_costs_at_most_an_eighth_beyond_1_KiB()
    {
        var wrong = Enumerable.Range(0, 70_000).Where(content =>
        {
            var padded = Padding.Shortest.PaddedLength(content);
            return padded != Formula(content + 1) || (content >= 1_024 && padded - content - 1 > (content + 1) / 8);
        });
        Assert.Empty(wrong);
    }

    [Fact]
    public void A_fixed_padding_takes_what_leaves_room_for_its_mark()
    {
        Assert.Equal(128, Padding.Fixed(128).PaddedLength(0));
        Assert.Equal(128, Padding.Fixed(128).PaddedLength(127));
        Assert.Throws<ArgumentException>(() => Padding.Fixed(128).PaddedLength(128));
        Assert.Throws<ArgumentException>(() => Padding.Shortest.PaddedLength(int.MaxValue - 100));
    }

    [Fact]
    public void What_was_composed_in_parts_is_the_content_the_mark_and_zeros_and_comes_off_again() =>
        Gen.Select(Gen.Byte.Array[0, 3_000], Gen.Int[1, 700], Gen.Bool).Sample((content, part, isFixed) =>
        {
            var padding = isFixed ? Padding.Fixed(4_000) : Padding.Shortest;
            var padded = new byte[padding.PaddedLength(content.Length)];
            RandomNumberGenerator.Fill(padded);
            for (var start = 0; start < padded.Length; start += part)
                Padding.Compose(content, start, padded.AsSpan(start, Math.Min(part, padded.Length - start)));

            Assert.Equal([.. content, 0x80, .. new byte[padded.Length - content.Length - 1]], padded);
            Assert.True(padding.TryRemove(padded, padded.Length, out var found));
            Assert.Equal(content.Length, found);

            // The end alone is enough: it is all that is opened before the rest has a place.
            var end = padded.AsSpan(padding.ShortestContentLength(padded.Length));
            Assert.True(padding.TryRemove(end, padded.Length, out found));
            Assert.Equal(content.Length, found);
        });

    [Fact]
    public void Every_length_but_the_right_one_is_refused()
    {
        foreach (var content in (int[])[0, 1, 62, 63, 64, 200, 1_023, 1_024, 1_500])
        {
            var accepted = new List<int>();
            var acceptedAsFixed = new List<int>();
            for (var length = content + 1; length < 2_200; length++)
            {
                var padded = new byte[length];
                Padding.Compose(new byte[content], 0, padded);
                if (Padding.Shortest.TryRemove(padded, length, out _))
                    accepted.Add(length);
                if (Padding.Fixed(2_000).TryRemove(padded, length, out _))
                    acceptedAsFixed.Add(length);
            }

            Assert.Equal([Padding.Shortest.PaddedLength(content)], accepted);
            Assert.Equal([2_000], acceptedAsFixed);
        }
    }

    [Theory]
    [InlineData(0x00)]
    [InlineData(0x01)]
    [InlineData(0x81)]
    public void Without_its_mark_nothing_comes_off(byte inPlaceOfTheMark)
    {
        var padded = new byte[64];
        padded[10] = inPlaceOfTheMark;
        Assert.False(Padding.Shortest.TryRemove(padded, 64, out _));
        Assert.False(Padding.Fixed(64).TryRemove(padded, 64, out _));
        Assert.False(Padding.Shortest.TryRemove([], 0, out _));
    }

    // docs/spec/envelopes.md in floating point, as the paper has it.
    private static long Formula(long n)
    {
        if (n <= 1_024)
            return (long)Math.Ceiling(n / 64.0) * 64;
        var e = Math.Floor(Math.Log2(n));
        var s = Math.Floor(Math.Log2(e)) + 1;
        var step = Math.Pow(2, e - s);
        return (long)(Math.Ceiling(n / step) * step);
    }
}
