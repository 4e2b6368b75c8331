using Keyladder.Keystore;
using Keyladder.Testing;
using static Keyladder.Client.Tests.Person;

namespace Keyladder.Client.Tests.Integrity;

/// <summary>A folder with backups of a service, and the operator who restores one: gone with the test.</summary>
public sealed class YesterdaysBackup : IDisposable
{
    public DirectoryInfo Folder { get; } = Directory.CreateTempSubdirectory("keyladder-test-");

    private string File => Path.Combine(Folder.FullName, "yesterday");

    /// <param name="keystore">What is written as it is now.</param>
    /// <param name="file">Null for yesterday's.</param>
    public Task WriteAsync(KeystoreHost keystore, string? file = null) =>
        KeystoreService.Backups.WriteAsync(Options(keystore), file ?? File, keystore.Time, Cancellation);

    /// <summary>Puts it in the place of what the service holds, and starts the service again.</summary>
    /// <param name="keystore">What is replaced.</param>
    /// <param name="file">Null for yesterday's.</param>
    public async Task RestoreAsync(KeystoreHost keystore, string? file = null)
    {
        await KeystoreService.Backups.RestoreAsync(Options(keystore), file ?? File, replace: true, keystore.Time, Cancellation);
        await keystore.RestartAsync();
    }

    public void Dispose() => Folder.Delete(recursive: true);

    private static KeystoreOptions Options(KeystoreHost keystore) => new() { Data = keystore.Database.Folder.FullName, Database = keystore.Database.Postgres };
}
