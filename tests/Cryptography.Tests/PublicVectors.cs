using System.Text.Json;
using Keyladder.Vectors;

namespace Keyladder.Cryptography.Tests;

/// <summary>Vectors that others published, and the members of their cases.</summary>
internal static class PublicVectors
{
    public static JsonElement Read(string path)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(Clone.PublicVectors(path)));
        return document.RootElement.Clone();
    }

    /// <summary>The cases of a Wycheproof file, each with the group it stands in.</summary>
    public static IEnumerable<(JsonElement Group, JsonElement Case)> Wycheproof(string name) =>
        from theGroup in Read($"wycheproof/{name}").GetProperty("testGroups").EnumerateArray()
        from theCase in theGroup.GetProperty("tests").EnumerateArray()
        select (theGroup, theCase);

    public static byte[] Hex(this JsonElement element, string member) => Convert.FromHexString(element.GetProperty(member).GetString()!);

    public static string Text(this JsonElement element, string member) => element.GetProperty(member).GetString()!;
}
