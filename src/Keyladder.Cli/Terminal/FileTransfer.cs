namespace Keyladder.Cli.Terminal;

/// <summary>Input and output as command-line users expect: a file or standard input; a file that appears only when it is whole, or standard output.</summary>
internal static class FileTransfer
{
    public static Stream OpenInput(string? path) => path is null or "-" ? Console.OpenStandardInput() : OpenFile(path);

    public static Stream OpenFile(string path)
    {
        try
        {
            return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16, FileOptions.Asynchronous | FileOptions.SequentialScan);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new Failure(ExitCode.NotFound, $"{path} cannot be read.", "Check the path and who may read it.");
        }
    }

    /// <summary>
    /// Gives <paramref name="work"/> a stream to write to. A file named by <paramref name="path"/> is written beside its place under another name and
    /// moved there when the work has succeeded; after a failure nothing is left.
    /// </summary>
    public static async Task WriteAsync(string? path, bool binary, Func<Stream, Task> work)
    {
        if (path is null or "-")
        {
            if (binary && path is null && !Console.IsOutputRedirected)
                throw Failure.Usage("The result is binary and standard output is a terminal.", "Give a file with --output FILE, or `--output -` to do it all the same.");
            await using var standard = Console.OpenStandardOutput();
            await work(standard);
            return;
        }

        try
        {
            if (FileKind.IsWrittenInPlace(path))
            {
                await using var device = new FileStream(path, FileMode.Open, FileAccess.Write);
                await work(device);
                return;
            }

            var named = new FileInfo(path);
            await PlaceAsync(named.LinkTarget is null ? named.FullName : named.ResolveLinkTarget(returnFinalTarget: true)!.FullName, overwrite: true, work);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw NotWritable(path);
        }
    }

    /// <summary>A file that is not there yet and that only its owner can read; after a failure nothing is left.</summary>
    public static async Task WriteNewAsync(string path, Func<Stream, Task> work)
    {
        RequireNew(path);
        try
        {
            await PlaceAsync(Path.GetFullPath(path), overwrite: false, work);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            RequireNew(path);
            throw NotWritable(path);
        }
    }

    /// <summary>Before anything is asked of the person.</summary>
    public static void RequireNew(string path)
    {
        if (Path.Exists(path) || new FileInfo(path).LinkTarget is not null)
            throw Failure.Usage($"{path} is there already.", "Name a file that does not exist yet.");
    }

    private static Failure NotWritable(string path) =>
        new(ExitCode.NotFound, $"{path} cannot be written.", "Check the folder, who may write there and how much room is left.");

    private static async Task PlaceAsync(string target, bool overwrite, Func<Stream, Task> work)
    {
        // A name that nobody can guess or own already: what is there before is neither opened nor deleted.
        var partial = $"{target}.{Path.GetRandomFileName()}.partial";
        var made = false;
        try
        {
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Options = FileOptions.Asynchronous, BufferSize = 1 << 16 };
            if (!OperatingSystem.IsWindows())
                options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            await using (var file = new FileStream(partial, options))
            {
                made = true;
                await work(file);
                file.Flush(flushToDisk: true);
            }

            File.Move(partial, target, overwrite);
        }
        finally
        {
            if (made)
                File.Delete(partial);
        }
    }
}
