using Keyladder.Keys.Passphrases;

namespace Keyladder.Keys.Tests.Passphrases;

/// <summary>Attack E12: a biased generator of words.</summary>
public sealed class GeneratorTests
{
    private const int Sets = 90_910; // eleven words each, since the twelfth holds the checksum: a million draws

    [Fact]
    public void E12_a_million_generated_words_are_spread_evenly_over_the_list()
    {
        var drawn = new int[WordList.Size];
        var seen = new HashSet<string>();
        for (var set = 0; set < Sets; set++)
        {
            using var words = Words.Generate();
            var text = WordsTests.Write(words);
            Assert.True(seen.Add(text), "Two generated sets are equal.");
            foreach (var word in text.Split(' ').Take(11))
                drawn[WordList.IndexOf(word)]++;
        }

        // Chi-square with 2,047 degrees of freedom: mean 2,047, deviation 64. Six deviations on either side are a chance of one in hundreds of millions.
        var expected = Sets * 11.0 / WordList.Size;
        var chiSquare = drawn.Sum(count => Math.Pow(count - expected, 2) / expected);
        Assert.InRange(chiSquare, 2047 - (6 * 64), 2047 + (6 * 64));
    }

    [Fact]
    public void E12_each_of_the_128_bits_is_set_in_half_of_the_sets()
    {
        const int sets = 10_000;
        var set = new int[12 * 11];
        for (var i = 0; i < sets; i++)
        {
            using var words = Words.Generate();
            var bit = 0;
            foreach (var index in WordsTests.Write(words).Split(' ').Select(word => WordList.IndexOf(word)))
            {
                for (var shift = 10; shift >= 0; shift--)
                    set[bit++] += (index >> shift) & 1;
            }
        }

        // Deviation 50; seven of them. The last four bits are the checksum, as evenly spread.
        Assert.All(set, count => Assert.InRange(count, (sets / 2) - 350, (sets / 2) + 350));
    }
}
