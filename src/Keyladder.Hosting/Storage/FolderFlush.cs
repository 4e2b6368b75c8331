using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Keyladder.Storage;

/// <summary>What has become of the entries of a folder, on the disk. The client's files and the services' need the same: this file is compiled into each of them.</summary>
internal static partial class FolderFlush
{
    /// <summary>A file that was made, moved or deleted is an entry of its folder: until that is on the disk, a loss of power brings back what was there before.</summary>
    /// <param name="path">Of the file.</param>
    /// <exception cref="IOException">It is not known to be on the disk.</exception>
    public static void Of(string path)
    {
        if (OperatingSystem.IsWindows())
            return;
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        using var handle = new SafeFileHandle(OpenReadOnly(folder, flags: 0), ownsHandle: true);
        if (handle.IsInvalid)
            throw new IOException($"The folder {folder} cannot be opened.", new Win32Exception(Marshal.GetLastPInvokeError()));
        RandomAccess.FlushToDisk(handle);
    }

    // The platform opens no folders.
    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int OpenReadOnly(string path, int flags);
}
