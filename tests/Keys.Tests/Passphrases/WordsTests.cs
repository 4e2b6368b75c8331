using System.Text.Json;
using Keyladder.Keys.Passphrases;
using Keyladder.Vectors;

namespace Keyladder.Keys.Tests.Passphrases;

public sealed class WordsTests
{
    private const string Valid = "legal winner thank year wave sausage worth useful legal winner thank yellow";

    public static TheoryData<string, string> Vectors()
    {
        var data = new TheoryData<string, string>();
        var file = Path.Combine(Clone.Root, "..", "shared", "vectors", "bip39/vectors.json");
        if (!File.Exists(file))
            return data;
        using var document = JsonDocument.Parse(File.ReadAllBytes(file));
        foreach (var vector in document.RootElement.GetProperty("english").EnumerateArray())
            data.Add(vector[0].GetString()!, vector[1].GetString()!);
        return data;
    }

    [Fact]
    public void The_public_vectors_are_here_or_the_test_says_so()
    {
        Clone.PublicVectors("bip39/vectors.json");
        Assert.Equal(24, Vectors().Count);
    }

    [Theory(SkipTestWithoutData = true)]
    [MemberData(nameof(Vectors))]
    public void Vectors_of_128_bits_give_their_words_and_their_entropy_back_and_longer_ones_are_refused_by_their_count(string entropy, string text)
    {
        var bytes = Convert.FromHexString(entropy);
        if (bytes.Length != 16)
        {
            Assert.Equal(UnlockSecretFault.WordCount, Refused(text).Fault);
            Assert.Equal(text.Split(' ').Length, Refused(text).Count);
            return;
        }

        using var words = Words.FromEntropy(bytes);
        Assert.Equal(text, Write(words));
        Assert.True(Words.TryParse(text, out var read, out _));
        using (read)
            Assert.True(read.HasEntropy(bytes));
    }

    [Fact]
    public void The_list_is_the_published_one()
    {
        var published = File.ReadAllLines(Clone.PublicVectors("bip39/english.txt"));
        Assert.Equal(published, WordList.All);
    }

    [Fact]
    public void The_list_has_2048_distinct_words_in_order_that_differ_in_their_first_four_letters()
    {
        Assert.Equal(2048, WordList.All.Distinct().Count());
        Assert.Equal(2048, WordList.All.Select(word => word[..Math.Min(4, word.Length)]).Distinct().Count());
        Assert.Equal(WordList.All.Order(StringComparer.Ordinal), WordList.All);
        Assert.All(WordList.All, word => Assert.InRange(word.Length, 3, WordList.LongestWord));
        Assert.All(WordList.All, (word, index) => Assert.Equal(index, WordList.IndexOf(word)));
    }

    [Theory]
    [InlineData("LEGAL winner thank year wave sausage worth useful legal winner thank Yellow")]
    [InlineData("  legal\twinner\nthank  year wave sausage\u00a0worth useful legal winner thank yellow \r\n")]
    [InlineData("ｌｅｇａｌ winner\u3000thank year wave \u017fausage worth useful legal winner thank yellow")]
    public void Case_and_extra_white_space_do_not_matter(string typed)
    {
        Assert.True(Words.TryParse(typed, out var words, out _));
        using (words)
            Assert.Equal(Valid, Write(words));
    }

    [Fact]
    public void Exactly_one_last_word_in_sixteen_has_the_right_checksum()
    {
        var first = Valid[..Valid.LastIndexOf(' ')];
        var accepted = 0;
        foreach (var last in WordList.All)
        {
            if (Words.TryParse($"{first} {last}", out var words, out var error))
                accepted++;
            else
                Assert.Equal(UnlockSecretFault.WordsChecksum, error.Fault);
            words?.Dispose();
        }

        Assert.Equal(128, accepted);
    }

    [Fact]
    public void Two_words_that_changed_places_fail_the_checksum() =>
        Assert.Equal(UnlockSecretFault.WordsChecksum, Refused("winner legal thank year wave sausage worth useful legal winner thank yellow").Fault);

    [Theory]
    [InlineData("", 0)]
    [InlineData("legal", 1)]
    [InlineData("legal winner thank year wave sausage worth useful legal winner thank", 11)]
    [InlineData(Valid + " zoo", 13)]
    public void A_wrong_count_is_said(string typed, int count)
    {
        var error = Refused(typed);
        Assert.Equal((UnlockSecretFault.WordCount, count), (error.Fault, error.Count));
    }

    [Theory]
    [InlineData("winnner", "winner")]
    [InlineData("winenr", "winner")]
    [InlineData("winer", "wine")]
    [InlineData("wimner", "winner")]
    [InlineData("innerw", "inner")]
    [InlineData("WINNR", "winner")]
    [InlineData("acoustics", "acoustic")]
    [InlineData("abandonment", "abandon")]
    public void A_word_that_is_not_on_the_list_is_named_by_its_position_with_the_nearest_word_first(string typed, string nearest)
    {
        var error = Refused($"legal {typed} thank year wave sausage worth useful legal winner thank yellow");
        Assert.Equal((UnlockSecretFault.UnknownWord, 2), (error.Fault, error.Position));
        Assert.Equal(nearest, error.Nearest[0]);
        Assert.InRange(error.Nearest.Count, 1, 3);
    }

    [Fact]
    public void Where_two_words_are_as_near_both_are_offered() =>
        Assert.Equal(["wine", "winner"], Refused("legal winer thank year wave sausage worth useful legal winner thank yellow").Nearest.Take(2));

    [Theory]
    [InlineData("qqqqqqqq")]
    [InlineData("q")]
    [InlineData("\u0455ausage")]
    [InlineData("пароль")]
    [InlineData("a-very-long-run-of-letters-that-never-ends-and-is-no-word")]
    public void A_run_that_resembles_nothing_is_refused_like_any_other_unknown_word(string typed)
    {
        var error = Refused($"{typed} winner thank year wave sausage worth useful legal winner thank yellow");
        Assert.Equal((UnlockSecretFault.UnknownWord, 1), (error.Fault, error.Position));
    }

    [Fact]
    public void An_unknown_word_is_said_before_a_wrong_count_because_it_says_where() =>
        Assert.Equal((UnlockSecretFault.UnknownWord, 3), (Refused("legal winner thankyear wave").Fault, Refused("legal winner thankyear wave").Position));

    [Fact]
    public void J04_no_error_holds_anything_of_what_was_typed_but_the_guesses_for_the_screen()
    {
        const string typed = "legal wimner thank year wave sausage worth useful legal winner thank yellow";
        foreach (var error in (UnlockSecretError[])[Refused(typed), Refused(typed.Replace("wimner", "inner")), Refused(Valid + " zoo")])
        {
            var said = error.ToString();
            Assert.All(typed.Split(' ').Append("inner").Append("zoo"), word => Assert.DoesNotContain(word, said));
            Assert.DoesNotContain("wimner", error.Nearest);
        }

        // Of the right words only the one that was meant.
        Assert.Equal(["winner"], Refused(typed).Nearest.Intersect(Valid.Split(' ')));
    }

    [Fact]
    public void What_is_written_reads_back()
    {
        for (var i = 0; i < 1000; i++)
        {
            using var words = Words.Generate();
            Assert.True(Words.TryParse(Write(words), out var read, out _));
            using (read)
                Assert.Equal(Write(words), Write(read));
        }
    }

    [Fact]
    public void A_short_buffer_is_refused_before_anything_is_written()
    {
        using var words = Words.Generate();
        var buffer = new char[Words.MaxTextLength - 1];
        Assert.Throws<ArgumentOutOfRangeException>(() => words.DangerousWriteTo(buffer));
        Assert.All(buffer, character => Assert.Equal('\0', character));
    }

    internal static string Write(Words words)
    {
        var buffer = new char[Words.MaxTextLength];
        return new string(buffer, 0, words.DangerousWriteTo(buffer));
    }

    private static UnlockSecretError Refused(string typed)
    {
        Assert.False(Words.TryParse(typed, out var words, out var error));
        Assert.Null(words);
        return error;
    }
}
