using System.Buffers.Binary;
using System.Diagnostics;
using Keyladder.Hosting.Problems;
using Keyladder.Hosting.Storage;
using Keyladder.Storage;

namespace Keyladder.Hosting.Recovery;

/// <summary>
/// How many guesses the service has counted, in a file of 8 bytes beside the database, which a restore of the database does not set back (docs/spec/passphrase-store.md section 5). Written
/// before each evaluation and flushed each second: what ends the process loses nothing, what ends the machine a second's guesses, and that only together with a restore.
/// </summary>
public sealed class GuessMark
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(5);

    private readonly string path;
    private readonly Lock gate = new();
    private bool isFlushed = true;

    private GuessMark(string path) => this.path = path;

    /// <param name="path">Of the file. Several processes may share it, or have one each.</param>
    /// <exception cref="StartupException">It cannot be read or made, is open to others, or holds something else.</exception>
    public static GuessMark LoadOrCreate(string path)
    {
        try
        {
            if (!File.Exists(path))
                Create(path);
            OwnerOnly.Require(path, "mark of guesses");
            var mark = new GuessMark(path);
            return new FileInfo(path).Length == sizeof(long) && mark.Read() >= 0
                ? mark
                : throw new StartupException(
                    $"The file {path} does not hold the mark of guesses.", "Remove it: a new one is made. It must be as it was only if the database has been restored since it was written.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StartupException($"The mark of guesses {path} cannot be read or written.", "Check that its folder exists and that the service's user owns both.", e);
        }
    }

    /// <exception cref="ProblemException">The file does not answer.</exception>
    internal long Read() => Use(file =>
    {
        Span<byte> bytes = stackalloc byte[sizeof(long)];
        file.ReadExactly(bytes);
        return BinaryPrimitives.ReadInt64BigEndian(bytes);
    });

    /// <summary>Writes the number, unless the file holds a higher one.</summary>
    /// <exception cref="ProblemException">The file does not take it: nothing may be evaluated.</exception>
    internal void Raise(long total) => Use(file =>
    {
        Span<byte> bytes = stackalloc byte[sizeof(long)];
        file.ReadExactly(bytes);
        if (BinaryPrimitives.ReadInt64BigEndian(bytes) >= total)
            return false;
        BinaryPrimitives.WriteInt64BigEndian(bytes, total);
        file.Position = 0;
        file.Write(bytes);
        isFlushed = false;
        return true;
    });

    /// <exception cref="ProblemException">The disk does not take it.</exception>
    internal void Flush()
    {
        if (Volatile.Read(ref isFlushed))
            return;
        Use(file =>
        {
            file.Flush(flushToDisk: true);
            return isFlushed = true;
        });
    }

    private static void Create(string path)
    {
        var temporary = $"{path}.{Path.GetRandomFileName()}";
        using (var file = OwnerOnly.Create(temporary))
        {
            file.Write(new byte[sizeof(long)]);
            file.Flush(flushToDisk: true);
        }

        try
        {
            File.Move(temporary, path, overwrite: false);
        }
        catch (IOException) when (File.Exists(path))
        {
            File.Delete(temporary);
        }

        FolderFlush.Of(path);
    }

    // Opened for oneself alone, so that processes that share the file raise it one after the other; who is second waits for some microseconds.
    private T Use<T>(Func<FileStream, T> use)
    {
        lock (gate)
        {
            for (var started = Stopwatch.GetTimestamp(); ;)
            {
                try
                {
                    using var file = new FileStream(path, new FileStreamOptions { Mode = FileMode.Open, Access = FileAccess.ReadWrite, Share = FileShare.None, BufferSize = 0 });
                    return use(file);
                }
                catch (IOException e) when (e is not FileNotFoundException && Stopwatch.GetElapsedTime(started) < LongestWait)
                {
                    Thread.Sleep(1);
                }
                catch (Exception e) when (e is IOException or UnauthorizedAccessException)
                {
                    throw Problem.Unavailable(e, "The mark of guesses cannot be read or written: see that its file is there, that the service's user owns it, and that its disk takes data.");
                }
            }
        }
    }
}
