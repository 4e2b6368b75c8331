using System.Text;
using Keyladder.Cli.Agent;
using Keyladder.Cli.Profiles;
using Keyladder.Client;
using Keyladder.Keys.Passphrases;
using Keyladder.Testing;

namespace Keyladder.Cli.Tests;

/// <summary>The agent in this process, where a test moves its clock.</summary>
public sealed class StatusTests
{
    [Fact]
    public async Task Whoever_looks_how_long_the_account_stays_open_does_not_keep_it_open()
    {
        var cancelled = TestContext.Current.CancellationToken;
        var folder = Directory.CreateTempSubdirectory("keyladder-status-");
        await using var service = await KeystoreHost.StartAsync(Engine.Sqlite);
        var server = service.Origin.GetLeftPart(UriPartial.Authority);
        var text = new char[Words.MaxTextLength];
        using (var words = Words.Generate())
            Array.Resize(ref text, words.DangerousWriteTo(text));
        Assert.True(UnlockSecret.TryParse(text, null, out var secret, out _));
        using (secret)
        using (var client = new KeyladderClient(service.Origin, new MemoryPinStore()))
            await (await client.SignUpAsync(secret, cancelled)).DisposeAsync();

        var profile = new Profile(folder.FullName);
        var time = new MovableTime();
        var path = "";
        await using var agent = new AgentServer(profile, time);
        var running = agent.RunAsync(announced => path = announced, cancelled);
        await using (var connection = await AgentConnection.TryOpenAsync(path, cancelled))
            await connection!.AskAsync(new Unlock(server, 0, 15 * 60), new MemoryStream(Encoding.UTF8.GetBytes(text)), Stream.Null, cancelled);

        // The unlock counts as a use until just after its answer, so the clock moves once the agent has had time for that.
        for (var looks = 0; looks < 10; looks++)
            await AgentConnection.AskAsync(profile, new Status(), cancelled);
        time.Move(TimeSpan.FromMinutes(10));
        for (var looks = 0; looks < 3; looks++)
        {
            var answer = await AgentConnection.AskAsync(profile, new Status(), cancelled);
            Assert.InRange(answer.SecondsToLock!.Value, 0, 5 * 60);
        }

        await AgentConnection.AskAsync(profile, new LockAccount(), cancelled);
        await running;
        folder.Delete(recursive: true);
    }
}
