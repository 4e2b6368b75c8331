using System.Buffers.Binary;
using System.Buffers.Text;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Keyladder.Demo;

/// <summary>
/// What two places have in common, value by value, as whoever lays them side by side would look for it: the same number, or eight bytes that follow one another. A UUID is its 16 bytes; a
/// signed text is taken apart, down to the values of its members.
/// </summary>
/// <remarks>
/// Left out: in databases, the columns that docs/threat-model.md calls a word, a day or a moment; whole hours and numbers below 65,536; in signed texts, the header; in what people see, what was
/// shared and the words of the program.
/// </remarks>
internal static partial class Comparison
{
    private const int Run = 8;
    private const long Hour = 3_600_000;
    private const long SmallNumbers = 65_536;
    private const string DidPrefix = "did:key:z6Mk";

    // What was shared and the terms are meant to be the same; names stay with who gave them; states and events are words; safety words follow from the DIDs.
    private static readonly HashSet<string> Alike = ["name", "kind", "type", "value", "terms", "from", "state", "status", "event", "until", "safetyWords"];

    /// <param name="isVault">Whose columns, as the document lists them.</param>
    public static IReadOnlySet<string> Words(bool isVault)
    {
        var document = File.ReadAllText(Path.Combine(Stage.Root, "docs", "threat-model.md")).Split("\nAt a Vault:\n")[isVault ? 1 : 0];
        return Row().Matches(document)
            .SelectMany(row => Column().Matches(row.Groups[2].Value).Where(column => column.Groups[2].Value is "word" or "day" or "moment").Select(column => $"{row.Groups[1].Value}.{column.Groups[1].Value}"))
            .ToHashSet();
    }

    /// <returns>Every number and every run of bytes, and a place where it stands.</returns>
    public static Dictionary<(bool IsNumber, ulong Value), string> Traces(IEnumerable<(string Place, object Value)> values)
    {
        var traces = new Dictionary<(bool, ulong), string>();
        foreach (var (place, value) in values)
        {
            foreach (var trace in Plain(value).SelectMany(Traces))
                traces.TryAdd(trace, place);
        }

        return traces;
    }

    /// <param name="documents">What a person's program has printed, each as JSON.</param>
    public static Dictionary<(bool IsNumber, ulong Value), string> Traces(IEnumerable<string> documents) =>
        Traces(documents.SelectMany(document => Members("", JsonDocument.Parse(document).RootElement)));

    /// <returns>A line for each two places that have something in common.</returns>
    public static IReadOnlyList<string> Find(Dictionary<(bool IsNumber, ulong Value), string> one, Dictionary<(bool IsNumber, ulong Value), string> other) =>
        [.. other.Where(each => one.ContainsKey(each.Key)).Select(each => $"{one[each.Key]} and {each.Value}").Distinct()];

    private static IEnumerable<(string Place, object Value)> Members(string place, JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => element.EnumerateObject().Where(member => !Alike.Contains(member.Name)).SelectMany(member => Members(member.Name, member.Value)),
        JsonValueKind.Array => element.EnumerateArray().SelectMany(each => Members(place, each)),
        JsonValueKind.Number => [(place, element.GetInt64())],
        JsonValueKind.String => [(place, element.GetString()!)],
        _ => [],
    };

    private static IEnumerable<object> Plain(object value)
    {
        if (value is byte[] bytes)
            return [bytes];
        if (value is not string text)
            return [value];
        if (text.Split('.') is [_, var payload, var signature] && Base64Url.IsValid(payload) && Base64Url.IsValid(signature))
            return Members("", JsonDocument.Parse(Base64Url.DecodeFromChars(payload)).RootElement).SelectMany(member => OfSigned(member.Value)).Append(Base64Url.DecodeFromChars(signature));
        return Guid.TryParseExact(text, "D", out var id) ? [id.ToByteArray(bigEndian: true)] : [Encoding.UTF8.GetBytes(text.StartsWith(DidPrefix, StringComparison.Ordinal) ? text[DidPrefix.Length..] : text)];
    }

    private static IEnumerable<object> OfSigned(object value) => value is not string text ? [value]
        : DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _) ? []
        : !Guid.TryParseExact(text, "D", out _) && Base64Url.IsValid(text) ? [Base64Url.DecodeFromChars(text)]
        : Plain(text);

    private static IEnumerable<(bool IsNumber, ulong Value)> Traces(object value)
    {
        if (value is not byte[] bytes)
        {
            var number = Convert.ToInt64(value, CultureInfo.InvariantCulture);
            return number >= SmallNumbers && number % Hour != 0 ? [(true, (ulong)number)] : [];
        }

        return Enumerable.Range(0, Math.Max(0, bytes.Length - Run + 1)).Select(at => BinaryPrimitives.ReadUInt64BigEndian(bytes.AsSpan(at))).Where(run => run != 0).Select(run => (false, run));
    }

    [GeneratedRegex(@"^\| `([a-z_]+)` \| ((?:`[a-z_]+` [a-z0-9 ]+(?:, )?)+) \|$", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex("`([a-z_]+)` ([a-z0-9 ]+)")]
    private static partial Regex Column();
}
