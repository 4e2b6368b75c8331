using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace Services.Tests.Client;

/// <summary>A body that is right, in every form that is not.</summary>
internal static class SpoiledBody
{
    public static IEnumerable<(string Name, byte[] Body)> Of(byte[] right)
    {
        var text = Encoding.UTF8.GetString(right);
        foreach (var (name, body) in new[]
        {
            ("nothing", ""), ("white space", " "), ("cut", text[..^1]), ("no JSON", "planted"), ("null", "null"), ("a text", "\"planted\""), ("a list", $"[{text}]"), ("a number", "1"),
            ("trailing data", text + "{}"), ("trailing comma", text[..^1] + ",}"), ("a comment", "/*planted*/" + text), ("single quotes", text.Replace('"', '\'')),
            ("an unknown member", """{"planted":1,""" + text[1..]), ("capital names", text[..1] + text[1..2] + char.ToUpperInvariant(text[2]) + text[3..]),
            ("nested in an unknown member", """{"planted":""" + new string('[', 20) + new string(']', 20) + "," + text[1..]), ("deep", new string('[', 10_000)), ("deep objects", string.Concat(Enumerable.Repeat("{\"a\":", 10_000))),
        })
            yield return (name, Encoding.UTF8.GetBytes(body));
        yield return ("a byte order mark", [0xEF, 0xBB, 0xBF, .. right]);
        yield return ("UTF-16", Encoding.Unicode.GetBytes(text));
        yield return ("no UTF-8", [.. right[..2], 0xFF, .. right[3..]]);
        yield return ("a lone surrogate", Encoding.UTF8.GetBytes(ReplaceFirstText(text, "\\ud800")));
        yield return ("a NUL", Encoding.UTF8.GetBytes("\0" + text));

        foreach (var (path, spoiled) in SpoilMembers(text))
            yield return (path, Encoding.UTF8.GetBytes(spoiled));
    }

    // Every member at every depth: absent, null, twice, of another type; ids and byte strings in other forms.
    private static IEnumerable<(string Path, string Text)> SpoilMembers(string text)
    {
        var paths = Members(JsonNode.Parse(text)!, []).ToList();
        foreach (var path in paths)
        {
            var name = string.Join('.', path);
            var optional = path[^1] is "replaces" or "remove" or "add" or "attachment" || path is ["channels" or "letters" or "taken"] or ["channels", _, "key"] or ["letters", _, "sealed"];
            if (!optional)
            {
                yield return ($"{name} absent", Change(text, path, (parent, member) => parent.Remove(member)));
                yield return ($"{name} null", Change(text, path, (parent, member) => parent[member] = null));
            }

            yield return ($"{name} of another type", Change(text, path, (parent, member) => parent[member] = parent[member] is JsonArray or JsonObject ? JsonValue.Create("planted") : new JsonObject()));
            yield return ($"{name} a truth value", Change(text, path, (parent, member) => parent[member] = true));
            yield return ($"{name} twice", Twice(text, path));
            var value = At(JsonNode.Parse(text)!, path);
            if (value is JsonArray { Count: > 0 })
                yield return ($"{name} with null inside", Change(text, path, (parent, member) => parent[member]![0] = null));
            if (value is JsonValue single && single.TryGetValue<string>(out var content) && path[^1] is not ("assertion" or "proof" or "kind"))
            {
                foreach (var other in OtherForms(content))
                    yield return ($"{name} as {other}", Change(text, path, (parent, member) => parent[member] = other));
            }

            if (value is JsonValue number && number.TryGetValue<long>(out var count))
            {
                foreach (var other in new[] { "-1", $"{count}.0", $"{count}.5", "1e3", "9007199254740992", "99999999999999999999", $"\"{count.ToString(CultureInfo.InvariantCulture)}\"" })
                    yield return ($"{name} as {other}", Change(text, path, (parent, member) => parent[member] = JsonNode.Parse(other)));
            }
        }
    }

    private static string[] OtherForms(string content) => Guid.TryParseExact(content, "D", out var id)
        ? [content.ToUpperInvariant(), $"{id:N}", $"{{{content}}}", content + " ", "planted", "", "00000000-0000-0000-0000-000000000000", content[..14] + "1" + content[15..], content[..19] + "c" + content[20..]]
        : [content + "=", content + "==", " " + content, content + "\n", content[..^1] + "+", content[..^1] + "*", content[..^1], ""];

    private static IEnumerable<string[]> Members(JsonNode node, string[] path)
    {
        if (node is JsonArray list)
        {
            foreach (var (index, item) in list.Index())
            {
                foreach (var inner in Members(item!, [.. path, index.ToString(CultureInfo.InvariantCulture)]))
                    yield return inner;
            }
        }

        foreach (var (name, value) in node as JsonObject ?? [])
        {
            yield return [.. path, name];
            foreach (var inner in value is null ? [] : Members(value, [.. path, name]))
                yield return inner;
        }
    }

    private static JsonNode? At(JsonNode root, IEnumerable<string> path) =>
        path.Aggregate((JsonNode?)root, (node, step) => node is JsonArray list ? list[int.Parse(step, CultureInfo.InvariantCulture)] : node![step]);

    private static string Change(string text, string[] path, Action<JsonObject, string> change)
    {
        var root = JsonNode.Parse(text)!;
        change(At(root, path[..^1])!.AsObject(), path[^1]);
        return root.ToJsonString();
    }

    // A parsed document has each name once: the second one is written under a name that is then replaced.
    private static string Twice(string text, string[] path) => Change(text, path, (parent, member) => parent["twice"] = parent[member]?.DeepClone()).Replace("\"twice\":", $"\"{path[^1]}\":", StringComparison.Ordinal);

    private static string ReplaceFirstText(string text, string replacement)
    {
        var start = text.IndexOf(":\"", StringComparison.Ordinal) is >= 0 and var found ? found + 2 : text.IndexOf("[\"", StringComparison.Ordinal) + 2;
        return text[..start] + replacement + text[text.IndexOf('"', start)..];
    }
}
