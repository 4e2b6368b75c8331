using System.Security.Cryptography;
using Keyladder.Keys.Passphrases;

namespace Keyladder.Client;

/// <summary>Key files on the disk (docs/spec/key-file.md): made for their owner alone, and refused where others can read them.</summary>
internal static class KeyFiles
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <exception cref="KeyladderException">It is not there, not whole, of another version, or others can read it.</exception>
    public static KeyFile Read(string path)
    {
        // One byte more than there may be, to see that there is none.
        var bytes = GC.AllocateArray<byte>(KeyFile.MaxSize + 1, pinned: true);
        try
        {
            using var file = new FileStream(path, new FileStreamOptions { Mode = FileMode.Open, Access = FileAccess.Read, BufferSize = 0 });
            // Of what was opened, not of what has the name by now.
            if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(file.SafeFileHandle) & ~OwnerOnly) != 0)
                throw KeyFileFailures.OthersCanRead(path);
            var length = file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            return KeyFile.TryParse(bytes.AsSpan(0, length), out var read, out var fault) ? read : throw KeyFileFailures.Faulty(path, fault.Value);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw KeyFileFailures.Missing(path, e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw KeyFileFailures.Unreadable(path, e);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bytes);
        }
    }

    /// <summary>Writes a new file, on the disk before this returns.</summary>
    /// <exception cref="KeyladderException">There is a file of that name, or none can be made.</exception>
    public static void Write(string path, KeyFile keyFile)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.None, BufferSize = 0 };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = OwnerOnly;
        var bytes = GC.AllocateArray<byte>(keyFile.Size, pinned: true);
        try
        {
            keyFile.DangerousWriteTo(bytes);
            using var file = new FileStream(path, options);
            file.Write(bytes);
            file.Flush(flushToDisk: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw KeyFileFailures.NotWritten(path, e);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bytes);
        }
    }
}
