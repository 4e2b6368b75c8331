using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Keyladder.Cli.Agent;
using Keyladder.Cli.Commands;

namespace Keyladder.Cli.Terminal;

/// <summary>What commands print. Results go to standard output, one thing a line; words for the person go to standard error.</summary>
internal static class Screen
{
    private static readonly ConcurrentQueue<string> Unsaid = [];
    private static readonly ConcurrentQueue<string> Notices = [];

    /// <summary>Whether <c>--json</c> was given; set once, before the command runs.</summary>
    public static bool IsJson { get; set; }

    /// <summary>To the person. A program gets it only with a failure: what was done stands in the document.</summary>
    public static void Say(string line)
    {
        if (IsJson)
            Unsaid.Enqueue(line);
        else
            Console.Error.WriteLine(line);
    }

    /// <summary>To the person, whatever the command is about. A program gets it with the result too.</summary>
    public static void Notify(string line)
    {
        if (IsJson)
            Notices.Enqueue(line);
        Say(line);
    }

    /// <summary>The result: as one JSON document where a program asked for it, else as <paramref name="text"/> shows it; null where the result went to a file.</summary>
    public static void Show(JsonObject document, Action? text = null)
    {
        if (!IsJson)
            text?.Invoke();
        else
        {
            if (!Notices.IsEmpty)
                document["notices"] = new JsonArray([.. Notices.Select(line => (JsonNode)line)]);
            Write(Console.Out, document);
        }
    }

    /// <summary>A failure as one JSON document on standard error, with what was said before it.</summary>
    public static void ShowFailure(JsonObject document)
    {
        document["notes"] = new JsonArray([.. Unsaid.Select(line => (JsonNode)line)]);
        Write(Console.Error, document);
    }

    public static JsonNode? ToJson<T>(T lines) => JsonSerializer.SerializeToNode(lines, typeof(T), LinesJson.Default);

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

    // The standard encoder leaves nothing but printable ASCII: no label moves a cursor.
    private static void Write(TextWriter output, JsonObject document) => output.WriteLine(document.ToJsonString());

    /// <summary>The block of tags and supplementary variation selectors is hidden as a whole, with what is not assigned there yet.</summary>
    private static bool MovesOrHides(Rune rune) =>
        rune.Value is >= 0xE0000 and <= 0xE0FFF
        || Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;
}

/// <summary>What commands list, with the names that docs/guide/cli.md promises.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(KeyLine[]))]
[JsonSerializable(typeof(SessionLine[]))]
[JsonSerializable(typeof(UnlockMethodLine[]))]
[JsonSerializable(typeof(EventLine[]))]
[JsonSerializable(typeof(CheckLine[]))]
[JsonSerializable(typeof(DeviceLine[]))]
[JsonSerializable(typeof(ItemLine[]))]
[JsonSerializable(typeof(RestoreLine[]))]
[JsonSerializable(typeof(RestoreQuestion))]
[JsonSerializable(typeof(RelationshipLine[]))]
[JsonSerializable(typeof(GivenLine[]))]
[JsonSerializable(typeof(HeldLine[]))]
[JsonSerializable(typeof(NewsLine))]
[JsonSerializable(typeof(RecoveryLine[]))]
internal sealed partial class LinesJson : JsonSerializerContext;
