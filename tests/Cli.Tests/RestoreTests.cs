using System.Text;
using Keyladder.Cli.Agent;
using Keyladder.Cli.Profiles;
using Keyladder.Client;
using Keyladder.Keys.Passphrases;
using Keyladder.Keystore;
using Keyladder.Keystore.Backups;
using Keyladder.Testing;

namespace Keyladder.Cli.Tests;

public sealed class RestoreTests
{
    [Fact]
    public async Task Who_unlocks_at_a_restored_service_is_told_what_went_back_and_goes_on_only_by_these_numbers()
    {
        var cancelled = TestContext.Current.CancellationToken;
        var folder = Directory.CreateTempSubdirectory("keyladder-restore-");
        await using var service = await KeystoreHost.StartAsync(Engine.Sqlite, recorded: true);
        var text = new char[Words.MaxTextLength];
        using (var words = Words.Generate())
            Array.Resize(ref text, words.DangerousWriteTo(text));
        Assert.True(UnlockSecret.TryParse(text, null, out var secret, out _));
        var profile = new Profile(folder.FullName);
        var backup = Path.Combine(folder.FullName, "backup");
        var options = new KeystoreOptions { Data = service.Database.Folder.FullName };
        using (secret)
        using (var client = new KeyladderClient(service.Origin, new MemoryPinStore()))
        {
            await using var account = await client.SignUpAsync(secret, cancelled);
            await KeystoreBackup.WriteAsync(options, backup, service.Time, cancelled);
            (await account.Keys.GeneratePersonalAsync("photos", cancelled)).Dispose();
        }

        await UnlockAsync(null);
        await KeystoreBackup.RestoreAsync(options, backup, replace: true, service.Time, cancelled);
        await service.RestartAsync();

        foreach (var chosen in new[] { null, "2:2", "1:2", "yes" })
        {
            var told = await Assert.ThrowsAsync<Failure>(() => UnlockAsync(chosen));
            Assert.Equal(ExitCode.Alarm, told.Code);
            Assert.EndsWith("keyladder unlock --accept-restore 2:1", told.Next, StringComparison.Ordinal);
        }

        await UnlockAsync("2:1");
        await UnlockAsync(null);
        folder.Delete(recursive: true);

        // As a new agent does for each unlock.
        async Task UnlockAsync(string? chosen)
        {
            var path = "";
            await using var agent = new AgentServer(profile, TimeProvider.System);
            var running = agent.RunAsync(announced => path = announced, cancelled);
            try
            {
                await using (var connection = await AgentConnection.TryOpenAsync(path, cancelled))
                {
                    var unlock = new Unlock(service.Origin.GetLeftPart(UriPartial.Authority), 0, 60, Restored: chosen);
                    await connection!.AskAsync(unlock, new MemoryStream(Encoding.UTF8.GetBytes(text)), Stream.Null, cancelled);
                }

                await AgentConnection.AskAsync(profile, new LockAccount(), cancelled);
            }
            finally
            {
                await running;
            }
        }
    }
}
