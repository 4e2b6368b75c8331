using System.Globalization;
using System.Text;
using Keyladder.Cli.Agent;
using Keyladder.Cli.Profiles;
using Keyladder.Testing;

namespace Keyladder.Cli.Tests;

/// <summary>The agent as it is, but in this process, where a test moves its clock; the commands that ask it are processes.</summary>
public sealed class IdleLockTests
{
    private static readonly TimeSpan AlmostTheTime = TimeSpan.FromMinutes(14);

    [Fact]
    public async Task An_account_that_nobody_uses_locks_by_itself_and_ends_its_session()
    {
        await using var story = await Story.BeginAsync();
        await story.TellAsync("""
            laptop$ keyladder sign-up --server $SERVER --kit kit.txt
            set WORDS file kit.txt Words:\s+(.*)
            laptop$ keyladder lock
            """);
        var profile = new Profile(story.PathOf("laptop"));
        var time = new MovableTime();
        await using var agent = new AgentServer(profile, time);
        var listening = new TaskCompletionSource<string>();
        var running = agent.RunAsync(listening.SetResult, TestContext.Current.CancellationToken);
        var socket = await listening.Task.WaitAsync(TestContext.Current.CancellationToken);
        await using (var connection = await AgentConnection.TryOpenAsync(socket, TestContext.Current.CancellationToken))
        {
            using var words = new MemoryStream(Encoding.UTF8.GetBytes(story["WORDS"]));
            await connection!.AskAsync(new Unlock(story["SERVER"], 0, 15 * 60), words, Stream.Null, TestContext.Current.CancellationToken);
        }

        // Each use begins the time anew; to ask how much is left is none.
        for (var uses = 0; uses < 2; uses++)
        {
            time.Move(AlmostTheTime);
            await story.TellAsync("""
                laptop$ keyladder status
                out locks after [12] more
                laptop$ keyladder status
                out locks after [12] more
                laptop$ keyladder key list
                laptop$ keyladder status
                out locks after 15 more
                """);
        }

        Assert.Equal(1, await SessionsAsync(story));
        time.Move(AlmostTheTime + TimeSpan.FromMinutes(2));
        await running.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
        await story.TellAsync("""
            laptop$ keyladder status
            exit 4
            err keyladder unlock
            missing laptop/agent
            """);
        Assert.Equal(0, await SessionsAsync(story));
    }

    private static async Task<int> SessionsAsync(Story story)
    {
        await using var database = await story.Service.Database.OpenAsync();
        await using var command = database.CreateCommand();
        command.CommandText = "SELECT count(*) FROM sessions";
        return Convert.ToInt32(await command.ExecuteScalarAsync(), CultureInfo.InvariantCulture);
    }
}
