using System.Text;

namespace Keyladder.Keys.Passphrases;

/// <summary>The 2,048 words of BIP-39's English list, in its order, which is alphabetical.</summary>
internal static class WordList
{
    public const int Size = 2048;
    public const int LongestWord = 8;

    private const int MaxSuggestions = 3;

    private static readonly string[] Words = Load();

    public static IReadOnlyList<string> All => Words;

    /// <param name="word">In lower case.</param>
    /// <returns>The index, negative where the list does not have the word.</returns>
    public static int IndexOf(ReadOnlySpan<char> word) => Words.AsSpan().BinarySearch(new OrdinalKey(word));

    /// <summary>
    /// At most three words of the list, the best guess first: those that one or two slips of the fingers turn into what was typed, and,
    /// since BIP-39 tells its words apart by their first four letters, the one that shares these.
    /// </summary>
    /// <param name="typed">In lower case; not on the list.</param>
    public static IReadOnlyList<string> Nearest(ReadOnlySpan<char> typed)
    {
        if (typed.Length > 2 * LongestWord)
            return [];

        var guesses = new List<(int Slips, int FromStart, int Index)>();
        for (var index = 0; index < Size; index++)
        {
            var slips = Slips(typed, Words[index]);
            var inCommon = typed.CommonPrefixLength(Words[index]);
            if (inCommon >= 4)
                slips = Math.Min(slips, 2);
            if (slips <= 2 && slips < typed.Length)
                guesses.Add((slips, -inCommon, index));
        }

        return [.. guesses.Order().Take(MaxSuggestions).Select(guess => Words[guess.Index])];
    }

    /// <summary>Letters left out, added, mistaken or exchanged with a neighbour: the optimal string alignment distance.</summary>
    private static int Slips(ReadOnlySpan<char> typed, ReadOnlySpan<char> word)
    {
        Span<int> beforeLast = stackalloc int[LongestWord + 1];
        Span<int> last = stackalloc int[LongestWord + 1];
        Span<int> row = stackalloc int[LongestWord + 1];
        for (var j = 0; j <= word.Length; j++)
            row[j] = j;

        for (var i = 1; i <= typed.Length; i++)
        {
            last.CopyTo(beforeLast);
            row.CopyTo(last);
            row[0] = i;
            for (var j = 1; j <= word.Length; j++)
            {
                row[j] = Math.Min(Math.Min(last[j], row[j - 1]) + 1, last[j - 1] + (typed[i - 1] == word[j - 1] ? 0 : 1));
                if (i > 1 && j > 1 && typed[i - 1] == word[j - 2] && typed[i - 2] == word[j - 1])
                    row[j] = Math.Min(row[j], beforeLast[j - 2] + 1);
            }
        }

        return row[word.Length];
    }

    private static string[] Load()
    {
        using var resource = typeof(WordList).Assembly.GetManifestResourceStream("bip39-english")!;
        using var reader = new StreamReader(resource, Encoding.ASCII);
        return reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    private readonly ref struct OrdinalKey(ReadOnlySpan<char> word) : IComparable<string>
    {
        private readonly ReadOnlySpan<char> word = word;

        public int CompareTo(string? other) => word.SequenceCompareTo(other);
    }
}
