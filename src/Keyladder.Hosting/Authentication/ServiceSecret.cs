using System.Diagnostics.CodeAnalysis;
using Keyladder.Cryptography.Secrets;
using Keyladder.Storage;

namespace Keyladder.Hosting.Authentication;

/// <summary>
/// What a service derives its halves of session keys and its nonces from. It lives in a file apart from the database, which alone signs nothing. The file holds one or two entries,
/// newest first, each u8(generation) ‖ 32 bytes; what the older one signed stays good until the next rotation. Instances that share the file are restarted one after the other: one
/// that is still running meets the new generation in what the others have handed out, and reads the file again.
/// </summary>
public sealed class ServiceSecret
{
    private const int SecretSize = 32;
    private const int EntrySize = 1 + SecretSize;
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly string path;
    private readonly Lock reading = new();
    private volatile IReadOnlyList<(byte Generation, SecretBytes Secret)> entries;
    private FileStamp? stamp;

    private ServiceSecret(string path, FileStamp? stamp, IReadOnlyList<(byte Generation, SecretBytes Secret)> entries) => (this.path, this.stamp, this.entries) = (path, stamp, entries);

    internal (byte Generation, SecretBytes Secret) Current => entries[0];

    /// <exception cref="StartupException">The file cannot be read or made, is open to others, or is not a secret.</exception>
    public static ServiceSecret LoadOrCreate(string path) => Guard(path, () =>
    {
        if (!File.Exists(path))
            Create(path);
        return Load(path);
    });

    /// <summary>
    /// Puts a new secret before the present one and drops the one before that. A running service takes it up at its next start, or when it meets something that another one made of it.
    /// </summary>
    /// <exception cref="StartupException">As <see cref="LoadOrCreate"/>.</exception>
    public static void Rotate(string path) => Guard(path, () =>
    {
        var present = Load(path);
        var next = (Generation: (byte)((present.Current.Generation % byte.MaxValue) + 1), Secret: SecretBytes.Generate(SecretSize));
        var temporary = WriteTemporary(path, [next, present.entries[0]]);
        File.Move(temporary, path, overwrite: true);
        FolderFlush.Of(path);
        return present;
    });

    /// <summary>The secret of a generation that is good now.</summary>
    internal bool TryGet(byte generation, [NotNullWhen(true)] out SecretBytes? secret)
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
                entries = Guard(path, () => Load(path)).entries;
            }
            catch (StartupException)
            {
                // What is in memory stays good; the next start says what is wrong with the file.
            }
        }
    }

    private static void Create(string path)
    {
        var temporary = WriteTemporary(path, [(1, SecretBytes.Generate(SecretSize))]);
        try
        {
            File.Move(temporary, path, overwrite: false);
        }
        catch (IOException) when (File.Exists(path))
        {
            // Another process that started at the same moment was first: its secret counts.
            File.Delete(temporary);
        }

        FolderFlush.Of(path);
    }

    private static string WriteTemporary(string path, IEnumerable<(byte Generation, SecretBytes Secret)> entries)
    {
        var temporary = $"{path}.{Path.GetRandomFileName()}";
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, BufferSize = 0 };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = OwnerOnly;
        using var file = new FileStream(temporary, options);
        foreach (var (generation, secret) in entries)
        {
            file.WriteByte(generation);
            file.Write(secret.DangerousSpan);
        }

        file.Flush(flushToDisk: true);
        return temporary;
    }

    private static ServiceSecret Load(string path)
    {
        if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(path) & ~OwnerOnly) != 0)
            throw new StartupException($"The service secret {path} is open to others.", $"Run: chmod 600 {path}");

        var stamp = FileStamp.Of(path);
        using var content = SecretBytes.CopyOf(File.ReadAllBytes(path));
        var span = content.DangerousSpan;
        if (span.Length is not (EntrySize or 2 * EntrySize) || (span.Length > EntrySize && span[0] == span[EntrySize]))
            throw new StartupException($"The file {path} does not hold a service secret.", "Restore it from a backup, or remove it: a new one is made and every session ends.");

        var entries = new List<(byte, SecretBytes)>();
        for (; !span.IsEmpty; span = span[EntrySize..])
            entries.Add((span[0], SecretBytes.CopyOf(span[1..EntrySize])));
        return new ServiceSecret(path, stamp, entries);
    }

    private static ServiceSecret Guard(string path, Func<ServiceSecret> action)
    {
        try
        {
            return action();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new StartupException($"The service secret {path} cannot be read or written.", "Check that its folder exists and that the service's user owns both.", exception);
        }
    }
}
