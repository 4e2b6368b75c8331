using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Keyladder.Cryptography;
using Keyladder.Cryptography.Dids;

namespace Keyladder.Testing;

/// <summary>
/// What two services' databases and files have in common, value by value. A value is a UUID (its 16 bytes, whether it is written as text or
/// not), a number, bytes, or text; a signed text is taken apart, down to the values of its members; of a subject of guesses the name after
/// its kind counts; the mark of guesses, a file of 8 bytes, is a number. Two values have something in common if they are the same number, or
/// share a run of 8 bytes.
/// </summary>
/// <remarks>
/// Left out, and nothing else: values of the columns that docs/threat-model.md calls a word (the program's), a day or a moment (when the
/// operator's program made a table); whole hours; numbers below 65,536; in signed texts, the header and the names of members, which the
/// specification fixes, the values of members that it lists, and days; and a run of 8 zero bytes, as the hash of an empty tree has.
/// </remarks>
public static class SharedValues
{
    private const int Run = 8;
    private const string Mark = ".guesses";

    // Members whose values the specification lists.
    private static readonly HashSet<string> Words = ["kind", "purpose", "state", "event"];
    private const long Hour = 3_600_000;
    private const long SmallNumbers = 65_536;

    /// <param name="database">A service's, with its folder.</param>
    /// <param name="document">docs/threat-model.md.</param>
    /// <returns>Every number and every run of bytes that is compared, and the columns where it stands.</returns>
    public static async Task<IReadOnlyDictionary<Trace, string[]>> ReadAsync(TestDatabase database, string document) =>
        Collect((await ValuesAsync(database, document)).Select(each => (each.Place, Enumerable.Repeat(each.Value, 1))));

    /// <summary>Of values that somebody holds otherwise than in a database: a JSON document, or bytes.</summary>
    /// <param name="values">Each with where it stands; JSON is taken apart, down to signed texts in it.</param>
    public static IReadOnlyDictionary<Trace, string[]> Of(IEnumerable<(string Place, object Value)> values) =>
        Collect(values.Select(each => (each.Place, each.Value is JsonElement json ? Read(json) : [each.Value])));

    // Where a value stands twice, both places are told: what one of them has in common must not hide the other.
    private static Dictionary<Trace, string[]> Collect(IEnumerable<(string Place, IEnumerable<object> Parts)> values)
    {
        var traces = new Dictionary<Trace, string[]>();
        var alone = new Dictionary<string, string[]>();
        foreach (var (place, parts) in values)
        {
            if (!alone.TryGetValue(place, out var only))
                alone.Add(place, only = [place]);
            foreach (var trace in parts.SelectMany(Traces))
            {
                if (!traces.TryAdd(trace, only) && !traces[trace].Contains(place))
                    traces[trace] = [.. traces[trace], place];
            }
        }

        return traces;
    }

    /// <returns>One line for each two columns that have something in common, with an example.</returns>
    public static IReadOnlyList<string> Find(IReadOnlyDictionary<Trace, string[]> one, IReadOnlyDictionary<Trace, string[]> other) =>
    [
        .. from each in other
           where one.ContainsKey(each.Key)
           from here in one[each.Key]
           from there in each.Value
           group each.Key by $"{here} and {there}" into places
           select $"{places.Key}: {places.First()}",
    ];

    private static async Task<List<(string Place, object Value)>> ValuesAsync(TestDatabase database, string document)
    {
        var except = StoredPersonalData.ColumnsOf(document, database.Service, "word", "day", "moment");
        var values = new List<(string, object)>();
        foreach (var (table, columns, rows) in await database.TablesAsync())
        {
            foreach (var row in rows)
            {
                foreach (var (index, column) in columns.Index())
                {
                    if (row[index].Length > 0 && !except.Contains($"{table}.{column}"))
                        values.AddRange(Read(row[index]).Select(value => ($"{table}.{column}", value)));
                }
            }
        }

        // The database itself has been read; what SQLite writes around it is the same everywhere.
        foreach (var file in database.Folder.GetFiles("*", SearchOption.AllDirectories).Where(file => !file.Name.StartsWith(database.Service + ".db", StringComparison.Ordinal)))
        {
            var bytes = File.ReadAllBytes(file.FullName);
            values.Add((
                $"{file.Directory!.Name}/{(file.Name.Length > 20 ? "…" : file.Name)}",
                file.Name.EndsWith(Mark, StringComparison.Ordinal) ? BinaryPrimitives.ReadInt64BigEndian(bytes) : bytes));
        }

        return values;
    }

    /// <param name="value">As <see cref="TestDatabase.TablesAsync"/> shows it: bytes in hex.</param>
    private static IEnumerable<object> Read(string value)
    {
        if (Guid.TryParseExact(value, "D", out var id))
            return [id.ToByteArray(bigEndian: true)];
        if (long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            return [number];
        if (value.Length % 2 == 0 && value.All(char.IsAsciiHexDigitLower))
            return [Convert.FromHexString(value)];
        if (value.Split('/') is ["record" or "device" or "username", var name])
            return Read(name);
        return value.Split('.') is [_, var payload, var signature] && Base64UrlText.TryDecode(payload, out var json) && Base64UrlText.TryDecode(signature, out var signed)
            ? [signed, .. Read(JsonDocument.Parse(json).RootElement)]
            : [Encoding.UTF8.GetBytes(value)];
    }

    private static IEnumerable<object> Read(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => element.EnumerateObject().Where(member => !Words.Contains(member.Name)).SelectMany(member => Read(member.Value)),
        JsonValueKind.Array => element.EnumerateArray().SelectMany(Read),
        JsonValueKind.Number => [element.GetInt64()],
        JsonValueKind.String => ReadText(element.GetString()!),
        _ => [],
    };

    private static object[] ReadText(string text) =>
        DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _) ? []
        : Guid.TryParseExact(text, "D", out var id) ? [id.ToByteArray(bigEndian: true)]
        : Did.TryParse(text, out var did) && did.PublicKey is { } key ? [key.Bytes.ToArray()]
        : text.Split('.') is [_, _, _] ? [.. Read(text)]
        : Base64UrlText.TryDecode(text, out var bytes) ? [bytes]
        : [Encoding.UTF8.GetBytes(text)];

    private static IEnumerable<Trace> Traces(object value)
    {
        if (value is long number)
        {
            if (number >= SmallNumbers && number % Hour != 0)
                yield return new Trace(IsNumber: true, (ulong)number);
            yield break;
        }

        var bytes = (byte[])value;
        for (var at = 0; at + Run <= bytes.Length; at++)
        {
            if (BinaryPrimitives.ReadUInt64BigEndian(bytes.AsSpan(at)) is var run and not 0)
                yield return new Trace(IsNumber: false, run);
        }
    }

    /// <summary>A number, or eight bytes that follow one another.</summary>
    public readonly record struct Trace(bool IsNumber, ulong Value)
    {
        public override string ToString() => IsNumber ? $"{Value}" : $"{Value:x16}";
    }
}
