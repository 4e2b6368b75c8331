using Keyladder.Vectors;

namespace Repository.Tests;

/// <summary>Where things stand in this clone.</summary>
internal static class Repository
{
    public static string Root => Clone.Root;

    /// <summary>Folder of what this build made for a project: bin/Debug/net10.0, say.</summary>
    public static string OutputOf(string project)
    {
        var here = Path.GetDirectoryName(Project("Repository.Tests"))!;
        return Path.Combine(Path.GetDirectoryName(project)!, Path.GetRelativePath(here, AppContext.BaseDirectory));
    }

    /// <summary>Project file by its name.</summary>
    public static string Project(string name) => Projects.Single(path => Path.GetFileNameWithoutExtension(path) == name);

    public static IReadOnlyList<string> Projects { get; } = Files("*.csproj", "src", "tests", "bench", "fuzz", "samples", "soak", "tools");

    /// <summary>Files of these folders (of all, if none is named) that are not products of a build.</summary>
    public static IReadOnlyList<string> Files(string pattern, params string[] folders) =>
        [.. (folders.Length == 0 ? [""] : folders)
            .Select(folder => Path.Combine(Root, folder))
            .Where(Directory.Exists)
            .SelectMany(folder => Directory.EnumerateFiles(folder, pattern, SearchOption.AllDirectories))
            .Where(path => !Path.GetRelativePath(Root, path).Split(Path.DirectorySeparatorChar)[..^1].Any(part =>
                part is "bin" or "obj" or "artifacts" or ".git" or "node_modules" or "TestResults" or "BenchmarkDotNet.Artifacts"))
            .Order(StringComparer.Ordinal)];
}
