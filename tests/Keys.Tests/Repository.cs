namespace Keyladder.Keys.Tests;

/// <summary>Finds the specification, and the public vectors beside the project's root.</summary>
internal static class Repository
{
    public static string Root { get; } = Find();

    /// <summary>Without the folder, the test reports itself as skipped.</summary>
    public static string PublicVector(string path)
    {
        var file = Path.Combine(Root, "..", "shared", "vectors", path);
        Assert.SkipUnless(File.Exists(file), $"The public vectors are not here: ../shared/vectors/{path}");
        return file;
    }

    private static string Find()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Keyladder.slnx")))
            folder = folder.Parent;
        return folder?.FullName ?? throw new DirectoryNotFoundException("The tests do not run inside the repository.");
    }
}
