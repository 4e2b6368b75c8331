using System.Globalization;
using System.Text.Json.Nodes;

namespace Keyladder.Testing;

/// <summary>
/// Every answer that differs from a genuine one in one place: a value changed, a row missing or there twice, or anything that genuine
/// answers to others, or of other moments, have in the same place.
/// </summary>
public static class Falsifications
{
    /// <param name="genuine">The answer as the service gave it.</param>
    /// <param name="others">Answers to the same call: another person's, an older one. The name says whose.</param>
    public static IEnumerable<(string Name, JsonObject Answer)> Of(JsonObject genuine, params IReadOnlyList<(string Whose, JsonObject Answer)> others)
    {
        foreach (var (whose, answer) in others)
        {
            if (!JsonNode.DeepEquals(answer, genuine))
                yield return ($"the whole answer: {whose}", answer.DeepClone().AsObject());
        }

        foreach (var (name, member) in genuine.ToList())
        {
            var counterparts = others.Where(other => other.Answer[name] is not null).Select(other => (other.Whose, other.Answer[name]!)).ToList();
            foreach (var (what, value) in Values(name, member, counterparts))
            {
                var answer = genuine.DeepClone().AsObject();
                answer[name] = value;
                yield return (what, answer);
            }
        }
    }

    private static IEnumerable<(string Name, JsonNode? Value)> Values(string path, JsonNode? genuine, List<(string Whose, JsonNode Value)> others)
    {
        foreach (var (whose, value) in others.Where(other => !JsonNode.DeepEquals(other.Value, genuine)))
            yield return ($"{path}: {whose}", value.DeepClone());

        var inside = genuine switch
        {
            JsonObject members => Members(path, members, others),
            JsonArray rows => Rows(path, rows, others),
            JsonValue value => Changed(path, value),
            _ => [],
        };
        foreach (var one in inside)
            yield return one;
    }

    private static IEnumerable<(string Name, JsonNode? Value)> Members(string path, JsonObject genuine, List<(string Whose, JsonNode Value)> others)
    {
        foreach (var (name, member) in genuine)
        {
            var counterparts = others.Where(other => other.Value is JsonObject && other.Value[name] is not null).Select(other => (other.Whose, other.Value[name]!)).ToList();
            foreach (var (what, value) in Values($"{path}.{name}", member, counterparts))
            {
                var changed = genuine.DeepClone().AsObject();
                changed[name] = value;
                yield return (what, changed);
            }
        }
    }

    private static IEnumerable<(string Name, JsonNode? Value)> Rows(string path, JsonArray genuine, List<(string Whose, JsonNode Value)> others)
    {
        // The neighbours are rows of others too: nothing may take another's place.
        var foreign = others.Where(other => other.Value is JsonArray).SelectMany(other => other.Value.AsArray().OfType<JsonNode>().Select(row => (other.Whose, row))).ToList();
        for (var at = 0; at < genuine.Count; at++)
        {
            var place = string.Create(CultureInfo.InvariantCulture, $"{path}[{at}]");
            yield return ($"{place} is missing", With(genuine, rows => rows.RemoveAt(at)));
            yield return ($"{place} stands there twice", With(genuine, rows => rows.Add(rows[at]!.DeepClone())));
            var neighbours = genuine.Where((_, other) => other != at).Select(row => ("its neighbour's", row!));
            foreach (var (what, value) in Values(place, genuine[at], [.. foreign, .. neighbours]))
                yield return (what, With(genuine, rows => rows[at] = value));
        }

        foreach (var (whose, row) in foreign.Where(row => !genuine.Any(own => JsonNode.DeepEquals(own, row.row))))
            yield return ($"{path}: one more, {whose}", With(genuine, rows => rows.Add(row.DeepClone())));
    }

    private static IEnumerable<(string Name, JsonNode? Value)> Changed(string path, JsonValue value)
    {
        if (value.TryGetValue<string>(out var text) && text.Length > 0)
        {
            foreach (var at in new[] { 0, text.Length / 2, text.Length - 1 }.Distinct())
                yield return (string.Create(CultureInfo.InvariantCulture, $"{path}: another character at {at}"), text[..at] + (text[at] == 'A' ? 'B' : 'A') + text[(at + 1)..]);
        }
        else if (value.TryGetValue<long>(out var number))
        {
            yield return ($"{path}: one more", number + 1);
            yield return ($"{path}: one less", number - 1);
        }
    }

    private static JsonArray With(JsonArray genuine, Action<JsonArray> edit)
    {
        var rows = genuine.DeepClone().AsArray();
        edit(rows);
        return rows;
    }
}
