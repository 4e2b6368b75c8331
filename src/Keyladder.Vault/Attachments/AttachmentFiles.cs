using System.Buffers;
using System.Security.Cryptography;
using Keyladder.Cryptography;
using Keyladder.Hosting.Problems;
using Keyladder.Storage;
using Microsoft.Extensions.Logging;

namespace Keyladder.Vault.Attachments;

/// <summary>
/// The folder of the attachments' bytes. Each part is a file with a random name, written once: two requests never write to one, and what no row names is
/// nothing.
/// </summary>
internal sealed class AttachmentFiles(VaultOptions options, ILogger<AttachmentFiles> logger)
{
    private const int BufferLength = 128 * 1024;

    private readonly string folder = Path.GetFullPath(options.Attachments ?? Path.Combine(options.Data, "attachments"));

    public string PathOf(Guid file) => Path.Combine(folder, file.ToString("N")[..2], file.ToString());

    /// <summary>Every file that there is and was written before a moment.</summary>
    public IEnumerable<Guid> WrittenBefore(DateTime utc) => Directory.Exists(folder)
        ? from path in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
          where File.GetLastWriteTimeUtc(path) < utc && Guid.TryParseExact(Path.GetFileName(path), "D", out _)
          select Guid.ParseExact(Path.GetFileName(path), "D")
        : [];

    public void Delete(Guid file)
    {
        try
        {
            File.Delete(PathOf(file));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // What no row names is nothing; the sweeper tries again.
        }
    }

    /// <summary>Writes a part to the disk, with its name in its folder, and hashes it on the way.</summary>
    /// <returns>A file that the caller deletes unless a row names it in the end.</returns>
    /// <exception cref="ProblemException">There is no room, or no folder.</exception>
    public async Task<WrittenPart> WriteAsync(Stream body, CancellationToken cancellation)
    {
        var file = AttachmentId.Generate().Value; // random like every id, and no attachment's
        var buffer = ArrayPool<byte>.Shared.Rent(BufferLength);
        try
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            var length = 0L;
            await using (var target = Create(file))
            {
                for (int read; (read = await body.ReadAsync(buffer, cancellation)) > 0; length += read)
                {
                    hash.AppendData(buffer, 0, read);
                    Guard(() => target.Write(buffer, 0, read));
                }

                Guard(() => target.Flush(flushToDisk: true));
            }

            Guard(() => FlushFolders(file));
            return new WrittenPart(file, length, hash.GetHashAndReset());
        }
        catch
        {
            Delete(file);
            throw;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private FileStream Create(Guid file)
    {
        FileStream? created = null;
        Guard(() =>
        {
            var path = PathOf(file);
            if (OperatingSystem.IsWindows())
                Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            else
                Directory.CreateDirectory(Path.GetDirectoryName(path)!, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            var mode = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, BufferSize = 0 };
            if (!OperatingSystem.IsWindows())
                mode.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            created = new FileStream(path, mode);
        });
        return created!;
    }

    // Of the part, and of the folders that may have been made for it; where nothing has changed that costs nothing.
    private void FlushFolders(Guid file)
    {
        var path = PathOf(file);
        FolderFlush.Of(path);
        FolderFlush.Of(Path.GetDirectoryName(path)!);
        FolderFlush.Of(folder);
    }

    // The body's own failures are the client's; only those of the disk are caught. A file that the system lets grow no further (EFBIG) is an ArgumentOutOfRangeException to the framework.
    private void Guard(Action work)
    {
        try
        {
            work();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentOutOfRangeException)
        {
            VaultLog.AttachmentNotWritten(logger, e.GetType().Name);
            throw Problem.Unavailable(e);
        }
    }
}

/// <param name="Sha256">Of the bytes.</param>
internal sealed record WrittenPart(Guid File, long Length, byte[] Sha256);
