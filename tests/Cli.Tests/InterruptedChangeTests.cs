using Keyladder.Testing;

namespace Keyladder.Cli.Tests;

/// <summary>A change of passphrase that ends after the service has it and before the agent is open again.</summary>
public sealed class InterruptedChangeTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("keyladder-change-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task The_new_passphrase_unlocks_though_the_agent_did_not_start_after_the_change()
    {
        await using var service = await KeystoreHost.StartAsync(Engine.Sqlite);
        var script = new Script(_folder.FullName, new() { ["SERVER"] = service.Origin.GetLeftPart(UriPartial.Authority) });
        try
        {
            await TellAsync(script, """
                in correct horse, battery staple!
                p$ keyladder sign-up --server $SERVER --passphrase --secret-file - --kit kit.txt
                p$ keyladder lock
                write new.txt another horse, another battery!
                """);

            // No agent can leave its note here.
            var obstacle = Directory.CreateDirectory(Path.Combine(_folder.FullName, "p", "agent.new"));
            await TellAsync(script, """
                in correct horse, battery staple!
                p$ keyladder passphrase change --passphrase --secret-file - --new-secret-file new.txt --kit kit2.txt
                exit 1
                """);
            obstacle.Delete();

            await TellAsync(script, """
                p$ keyladder unlock --secret-file new.txt
                missing p/secret-key.next
                p$ keyladder lock
                """);
        }
        finally
        {
            await script.CloseAsync();
        }
    }

    private async Task TellAsync(Script script, string story)
    {
        var path = Path.Combine(_folder.FullName, "story.txt");
        await File.WriteAllTextAsync(path, story, TestContext.Current.CancellationToken);
        await script.RunAsync(path);
    }
}
