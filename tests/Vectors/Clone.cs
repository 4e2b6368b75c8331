using Xunit;

namespace Keyladder.Vectors;

/// <summary>Where things lie in this clone, and beside it. Compiled into every test project that reads files of the repository.</summary>
internal static class Clone
{
    public static string Root { get; } = Find();

    /// <summary>
    /// A file of vectors that others published, in <c>../shared/vectors</c> beside the root; without it the test reports itself as skipped.
    /// </summary>
    public static string PublicVectors(string path)
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
