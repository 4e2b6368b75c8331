using Keyladder.Storage;

namespace Keyladder.Client;

/// <summary>Files that their owner alone can read, in a folder of the same kind: locked, and replaced as a whole.</summary>
internal static class PrivateFile
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private static readonly TimeSpan LockPause = TimeSpan.FromMilliseconds(10);

    /// <summary>Makes the folder of a file.</summary>
    public static void CreateFolder(string path)
    {
        var folder = Path.GetDirectoryName(path)!;
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(folder);
        else
            Directory.CreateDirectory(folder, OwnerOnly | UnixFileMode.UserExecute);
    }

    public static FileStream Open(string path, FileMode mode, FileShare share = FileShare.ReadWrite | FileShare.Delete)
    {
        // Without a buffer: what the disk did not take would wait in it, and be written when the file is cut or closed, long after it was said that it was not.
        var options = new FileStreamOptions { Mode = mode, Access = FileAccess.ReadWrite, Share = share, BufferSize = 0 };
        if (!OperatingSystem.IsWindows() && mode != FileMode.Open)
            options.UnixCreateMode = OwnerOnly;
        return new FileStream(path, options);
    }

    /// <summary>Takes the lock of a file, in this process and in others. It is a file beside it, which stays: to delete it would hand the next two two different ones.</summary>
    /// <exception cref="IOException">It is taken.</exception>
    public static FileStream Lock(string path) => Open(path + ".lock", FileMode.OpenOrCreate, FileShare.None);

    /// <summary>The same, waiting for a while.</summary>
    /// <exception cref="IOException">It is still taken then.</exception>
    public static async Task<FileStream> TakeTurnAsync(string path, TimeSpan patience, CancellationToken cancellationToken)
    {
        CreateFolder(path);
        for (var waited = TimeSpan.Zero; ; waited += LockPause)
        {
            try
            {
                return Lock(path);
            }
            catch (IOException) when (waited < patience)
            {
                await Task.Delay(LockPause, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Begins what is to replace a file, beside it.</summary>
    public static FileStream Begin(string path)
    {
        File.Delete(Beside(path));
        return Open(Beside(path), FileMode.CreateNew);
    }

    /// <summary>Puts what was begun and written in the place of a file: a crash leaves the old one or the new one, and after the call the new one.</summary>
    public static void Complete(FileStream begun, string path)
    {
        begun.Flush(flushToDisk: true);
        File.Move(Beside(path), path, overwrite: true);
        FolderFlush.Of(path);
    }

    /// <summary>Deletes a file, with what a write of it that was cut off has left.</summary>
    public static void Delete(string path)
    {
        foreach (var file in new[] { path, Beside(path) }.Where(File.Exists))
            File.Delete(file);
        if (Directory.Exists(Path.GetDirectoryName(path)))
            FolderFlush.Of(path);
    }

    private static string Beside(string path) => path + ".new";
}
