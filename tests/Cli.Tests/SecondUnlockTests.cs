using System.Text;
using Keyladder.Cli.Agent;
using Keyladder.Cli.Profiles;
using Keyladder.Client;
using Keyladder.Keys.Passphrases;
using Keyladder.Testing;

namespace Keyladder.Cli.Tests;

public sealed class SecondUnlockTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("keyladder-second-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Unlocking_an_open_agent_again_locks_what_was_open()
    {
        await using var service = await KeystoreHost.StartAsync(Engine.Sqlite);
        using var words = Words.Generate();
        var text = new char[Words.MaxTextLength];
        var typed = Encoding.ASCII.GetBytes(text, 0, words.DangerousWriteTo(text));
        using (var client = new KeyladderClient(service.Origin, new MemoryPinStore()))
        using (var secret = UnlockSecret.FromWords(words))
        await using (var account = await client.SignUpAsync(secret, TestContext.Current.CancellationToken))
            await account.LockAsync(TestContext.Current.CancellationToken);
        await using var open = new OpenAccount(new Profile(_folder.FullName));

        for (var times = 0; times < 2; times++)
        {
            using var input = new MemoryStream(typed);
            await AskAsync(open, new Unlock(service.Origin.GetLeftPart(UriPartial.Authority), 0, 60), input);
        }

        // The session of the first one ended with its keys.
        Assert.Single((await AskAsync(open, new ListSessions(), Stream.Null)).Sessions!);
    }

    private static Task<AgentAnswer> AskAsync(OpenAccount open, AgentRequest request, Stream input) =>
        open.DoAsync(request, input, Stream.Null, () => 0, TestContext.Current.CancellationToken);
}
