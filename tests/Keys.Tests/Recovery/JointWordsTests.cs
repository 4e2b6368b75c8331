using System.Security.Cryptography;
using Keyladder.Cryptography;
using Keyladder.Cryptography.Signing;
using Keyladder.Keys.Passphrases;
using Keyladder.Keys.Recovery;
using Keyladder.Keys.Tests.Passphrases;

namespace Keyladder.Keys.Tests.Recovery;

/// <summary>Attack E12: a biased generator of words, at either of the two sides that make them.</summary>
public sealed class JointWordsTests
{
    private const int Sets = 90_910; // eleven words each, since the twelfth holds the checksum: a million draws

    private static readonly RecoveryPlace Place =
        new(Origin.TryParse("https://passphrases.example.org", out var origin) ? origin : null!, RecoveryRecordId.Generate());

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void E12_a_million_words_are_spread_evenly_where_one_side_draws_zeros(bool serviceDrawsZeros)
    {
        var drawn = new int[WordList.Size];
        var seen = new HashSet<string>();
        var random = new byte[Words.JointRandomSize];
        var zeros = new byte[Words.JointRandomSize];
        for (var set = 0; set < Sets; set++)
        {
            RandomNumberGenerator.Fill(random);
            using var words = serviceDrawsZeros ? Words.Derive(zeros, random, Place) : Words.Derive(random, zeros, Place);
            var text = WordsTests.Write(words);
            Assert.True(seen.Add(text), "Two sets are equal.");
            foreach (var word in text.Split(' ').Take(11))
                drawn[WordList.IndexOf(word)]++;
        }

        // As in GeneratorTests: six deviations on either side.
        var expected = Sets * 11.0 / WordList.Size;
        var chiSquare = drawn.Sum(count => Math.Pow(count - expected, 2) / expected);
        Assert.InRange(chiSquare, 2047 - (6 * 64), 2047 + (6 * 64));
    }

    [Fact]
    public void The_same_answer_of_a_service_gives_other_words_each_time()
    {
        var service = new byte[Words.JointRandomSize];
        using var one = Words.GenerateWith(service, Place);
        using var other = Words.GenerateWith(service, Place);
        Assert.NotEqual(WordsTests.Write(one), WordsTests.Write(other));
    }

    [Theory]
    [InlineData(31)]
    [InlineData(33)]
    [InlineData(0)]
    public void A_service_that_gives_another_number_of_bytes_is_refused(int length) =>
        Assert.Throws<ArgumentException>(() => Words.GenerateWith(new byte[length], Place));
}
