namespace Keyladder.Fuzz.Parsers;

/// <summary>For parsers that take a file: a folder of this process, gone when it ends.</summary>
internal static class ScratchFolder
{
    private static readonly DirectoryInfo Folder = Directory.CreateTempSubdirectory("keyladder-fuzz-");

    static ScratchFolder() => AppDomain.CurrentDomain.ProcessExit += (_, _) => Folder.Delete(recursive: true);

    public static string Path => Folder.FullName;
}
