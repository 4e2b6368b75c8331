using System.Diagnostics.CodeAnalysis;
using Keyladder.Cryptography.Secrets;
using Keyladder.Storage;

namespace Keyladder.Hosting.Storage;

/// <summary>
/// A file of secrets beside the database, for its owner alone: one entry for each generation, newest first, each u8(generation) ‖ 32 bytes. It changes as a whole, and an instance that
/// is running meets a new generation in what others have made of it, and reads the file again.
/// </summary>
internal sealed class SecretFile
{
    private const int SecretSize = 32;
    private const int EntrySize = 1 + SecretSize;

    private readonly string path;
    private readonly SecretFileKind kind;
    private readonly Lock reading = new();
    private volatile IReadOnlyList<(byte Generation, SecretBytes Secret)> entries;
    private FileStamp? stamp;

    /// <exception cref="StartupException">The file cannot be read, is open to others, or is not what it should be.</exception>
    public SecretFile(string path, SecretFileKind kind) => (this.path, this.kind, (stamp, entries)) = (path, kind, Read(path, kind));

    /// <summary>Newest first.</summary>
    public IReadOnlyList<(byte Generation, SecretBytes Secret)> Entries => entries;

    /// <summary>Makes the file with its first generation. Where another process that started at the same moment was first, its file counts.</summary>
    /// <exception cref="StartupException">It cannot be written.</exception>
    public static void Create(string path, SecretFileKind kind) => Guard(path, kind, () =>
    {
        var temporary = WriteTemporary(path, [(1, SecretBytes.Generate(SecretSize))]);
        try
        {
            File.Move(temporary, path, overwrite: false);
        }
        catch (IOException) when (File.Exists(path))
        {
            File.Delete(temporary);
        }

        FolderFlush.Of(path);
        return true;
    });

    /// <summary>Puts a new generation before as many of those that are there as the kind keeps.</summary>
    /// <exception cref="StartupException">The file cannot be read or written, or takes no more.</exception>
    public static void Rotate(string path, SecretFileKind kind) => Guard(path, kind, () =>
    {
        var present = Read(path, kind);
        var next = (Generation: (byte)((present.Entries[0].Generation % byte.MaxValue) + 1), Secret: SecretBytes.Generate(SecretSize));
        var kept = present.Entries.Take(kind.Kept).ToList();
        if (kept.Exists(entry => entry.Generation == next.Generation))
            throw new StartupException($"The {kind.Name} {path} has had all the generations that there are.", "It cannot be rotated any more.");
        File.Move(WriteTemporary(path, [next, .. kept]), path, overwrite: true);
        FolderFlush.Of(path);
        return true;
    });

    /// <summary>The secret of a generation that is good now.</summary>
    public bool TryGet(byte generation, [NotNullWhen(true)] out SecretBytes? secret)
    {
        secret = Find(generation);
        if (secret is null)
        {
            ReadAgain();
            secret = Find(generation);
        }

        return secret is not null;
    }

    private SecretBytes? Find(byte generation) => entries.FirstOrDefault(entry => entry.Generation == generation).Secret;

    // Anyone can make up a generation: the file is looked at for that, but read once for each change.
    private void ReadAgain()
    {
        lock (reading)
        {
            if (FileStamp.Of(path) is not { } now || now == stamp)
                return;
            stamp = now;
            try
            {
                entries = Read(path, kind).Entries;
            }
            catch (StartupException)
            {
                // What is in memory stays good; the next start says what is wrong with the file.
            }
        }
    }

    private static (FileStamp? Stamp, IReadOnlyList<(byte Generation, SecretBytes Secret)> Entries) Read(string path, SecretFileKind kind) => Guard(path, kind, () =>
    {
        OwnerOnly.Require(path, kind.Name);
        var stamp = FileStamp.Of(path);
        using var content = SecretBytes.CopyOf(File.ReadAllBytes(path));
        var entries = new List<(byte Generation, SecretBytes Secret)>();
        for (var rest = content.DangerousSpan; rest.Length >= EntrySize; rest = rest[EntrySize..])
            entries.Add((rest[0], SecretBytes.CopyOf(rest[1..EntrySize])));
        return content.Length == entries.Count * EntrySize && entries.Count >= 1 && entries.Count <= kind.Kept + 1
            && entries.DistinctBy(entry => entry.Generation).Count() == entries.Count
            ? (stamp, (IReadOnlyList<(byte, SecretBytes)>)entries)
            : throw new StartupException($"The file {path} does not hold the {kind.Name}.", kind.Remedy);
    });

    private static string WriteTemporary(string path, IEnumerable<(byte Generation, SecretBytes Secret)> entries)
    {
        var temporary = $"{path}.{Path.GetRandomFileName()}";
        using var file = OwnerOnly.Create(temporary);
        foreach (var (generation, secret) in entries)
        {
            file.WriteByte(generation);
            file.Write(secret.DangerousSpan);
        }

        file.Flush(flushToDisk: true);
        return temporary;
    }

    private static T Guard<T>(string path, SecretFileKind kind, Func<T> action)
    {
        try
        {
            return action();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new StartupException($"The {kind.Name} {path} cannot be read or written.", "Check that its folder exists and that the service's user owns both.", exception);
        }
    }
}

/// <param name="Name">What the file is to an operator.</param>
/// <param name="Kept">Generations that a rotation leaves behind the new one.</param>
/// <param name="Remedy">What an operator can do about a file that holds something else.</param>
internal sealed record SecretFileKind(string Name, int Kept, string Remedy);
