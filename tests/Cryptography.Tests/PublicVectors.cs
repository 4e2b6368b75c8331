using System.Text.Json;

namespace Keyladder.Cryptography.Tests;

/// <summary>
/// Vectors that others published, read from <c>../shared/vectors</c> beside the project's root; without that folder a test reports itself
/// as skipped.
/// </summary>
internal static class PublicVectors
{
    /// <summary>The project's root.</summary>
    public static string Root { get; } = Find();

    public static JsonElement Read(string path)
    {
        var file = Path.Combine(Root, "..", "shared", "vectors", path);
        Assert.SkipUnless(File.Exists(file), $"The public vectors are not here: ../shared/vectors/{path}");
        using var document = JsonDocument.Parse(File.ReadAllBytes(file));
        return document.RootElement.Clone();
    }

    /// <summary>The cases of a Wycheproof file, each with the group it stands in.</summary>
    public static IEnumerable<(JsonElement Group, JsonElement Case)> Wycheproof(string name) =>
        from theGroup in Read($"wycheproof/{name}").GetProperty("testGroups").EnumerateArray()
        from theCase in theGroup.GetProperty("tests").EnumerateArray()
        select (theGroup, theCase);

    public static byte[] Hex(this JsonElement element, string member) => Convert.FromHexString(element.GetProperty(member).GetString()!);

    public static string Text(this JsonElement element, string member) => element.GetProperty(member).GetString()!;

    private static string Find()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Keyladder.slnx")))
            folder = folder.Parent;
        return folder?.FullName ?? throw new DirectoryNotFoundException("The tests do not run inside the repository.");
    }
}
