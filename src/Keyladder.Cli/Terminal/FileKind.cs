using System.Runtime.InteropServices;

namespace Keyladder.Cli.Terminal;

/// <summary>What stands at a path. .NET does not tell a device from a file.</summary>
internal static partial class FileKind
{
    private const int WorkingFolder = -100;
    private const uint WithType = 1;
    private const int TypeBits = 0xF000;
    private const int Folder = 0x4000;
    private const int RegularFile = 0x8000;

    /// <summary>
    /// Whether this is a device, a pipe or a socket: written to, never replaced. The type says it, not the name: below /dev/shm are files. Elsewhere
    /// than on Linux the name has to do, and there is nothing but devices below /dev.
    /// </summary>
    public static bool IsWrittenInPlace(string path)
    {
        if (!OperatingSystem.IsLinux())
            return Path.GetFullPath(path).StartsWith("/dev/", StringComparison.Ordinal);
        // struct statx, the same on every processor: 256 bytes, the mode as u16 at 28. What is not there yet will be a file.
        Span<byte> status = stackalloc byte[256];
        if (GetStatus(WorkingFolder, path, 0, WithType, ref MemoryMarshal.GetReference(status)) != 0)
            return false;
        return (MemoryMarshal.Read<ushort>(status[28..]) & TypeBits) is not (RegularFile or Folder);
    }

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int GetStatus(int folder, string path, int flags, uint mask, ref byte status);
}
