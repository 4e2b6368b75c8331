using System.Globalization;
using System.Text;

namespace Keyladder.Cli.Terminal;

/// <summary>What commands print. Results go to standard output, one thing a line; words for the person go to standard error.</summary>
internal static class Screen
{
    public static void Say(string line) => Console.Error.WriteLine(line);

    /// <summary>Columns for eyes on a terminal, never cut: ids and DIDs are there to be copied. Tabs for programs elsewhere.</summary>
    public static void Table(string[] header, IEnumerable<string[]> rows)
    {
        var cells = rows.Select(row => row.Select(Printable).ToArray()).ToList();
        if (Console.IsOutputRedirected)
        {
            cells.ForEach(row => Console.Out.WriteLine(string.Join('\t', row)));
            return;
        }

        cells.Insert(0, header);
        var widths = header.Select((_, column) => cells.Max(row => row[column].Length)).ToArray();
        foreach (var row in cells)
            Console.Out.WriteLine(string.Concat(row.Select((cell, column) => cell.PadRight(widths[column] + 2))).TrimEnd());
    }

    /// <summary>
    /// Labels and answers come from other devices and services: nothing that moves the cursor, changes the direction of text or hides reaches the
    /// terminal. Line ends stay. By code point, not by character: tags, which carry invisible text, stand beyond the first plane.
    /// </summary>
    public static string Printable(string text) =>
        string.Concat(text.EnumerateRunes().Select(rune => rune.Value != '\n' && MovesOrHides(rune) ? "\uFFFD" : rune.ToString()));

    /// <summary>The block of tags and supplementary variation selectors is hidden as a whole, with what is not assigned there yet.</summary>
    private static bool MovesOrHides(Rune rune) =>
        rune.Value is >= 0xE0000 and <= 0xE0FFF
        || Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;
}
