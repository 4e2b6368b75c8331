using Keyladder.Keystore;
using Keyladder.Protocol.Keystore;
using Keyladder.Testing;
using Services.Tests.Client;

namespace Services.Tests.Hosting;

/// <summary>What the service leaves on the disk: for its own user alone, and nothing of what was deleted.</summary>
public sealed class DataFolderTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("keyladder-test-");

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public async Task In_a_folder_that_was_not_there_every_file_is_for_the_owner_alone()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("Windows has no mode bits.");
            return;
        }

        var data = new DirectoryInfo(Path.Combine(folder.FullName, "data"));
        await using var service = KeystoreService.Build(new() { Urls = "http://127.0.0.1:0", Data = data.FullName });
        await service.StartAsync(TestContext.Current.CancellationToken);

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, data.UnixFileMode);
        var files = data.GetFiles().OrderBy(file => file.Name, StringComparer.Ordinal).ToList();
        Assert.Equal(["keystore.at-rest", "keystore.db", "keystore.db-shm", "keystore.db-wal", "keystore.guesses", "keystore.secret"], files.Select(file => file.Name));
        Assert.All(files, file => Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, file.UnixFileMode));
    }

    [Fact]
    public async Task A_deleted_keys_envelopes_are_gone_from_the_file()
    {
        await using var service = await RunningService.StartAsync(Engine.Sqlite);
        var alice = await Person.SignedUpAsync(service);
        var key = alice.NewKey();
        await alice.PutAsync(key, alice.NewKey(), alice.NewKey());
        Assert.Equal((true, true), await FindAsync(service, key));

        await alice.DeleteAsync(key.Id);

        Assert.Equal((false, false), await FindAsync(service, key));
    }

    /// <summary>Looks where a stolen disk or a backup would be looked through: at the bytes, with the write-ahead log brought into the file and emptied.</summary>
    private static async Task<(bool Overview, bool Wrapped)> FindAsync(RunningService service, KeyMessage key)
    {
        await using (var connection = await service.Database.OpenAsync())
        {
            await using var command = connection.CreateCommand();
            command.CommandText = "PRAGMA wal_checkpoint(TRUNCATE);";
            Assert.Equal(0L, await command.ExecuteScalarAsync(TestContext.Current.CancellationToken));
        }

        Assert.Equal(0, service.Database.Folder.GetFiles("*.db-wal").Sum(file => file.Length));
        // The service has the file open: to share it is all that a reader has to say.
        await using var file = new FileStream(service.Database.Folder.GetFiles("*.db").Single().FullName, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var bytes = new MemoryStream();
        await file.CopyToAsync(bytes, TestContext.Current.CancellationToken);
        return (Holds(key.Overview), Holds(key.Wrapped));

        // A freed cell loses its first bytes to the list of free space: its end is looked for.
        bool Holds(byte[] envelope) => bytes.ToArray().AsSpan().IndexOf(envelope.AsSpan(^64..)) >= 0;
    }
}
