using System.Runtime.Versioning;
using System.Text;
using Keyladder.Testing;

namespace Keyladder.Cli.Tests;

/// <summary>What other people and other programs on the machine learn of an account: nothing.</summary>
[SupportedOSPlatform("linux")]
public sealed class PrivacyTests
{
    private const UnixFileMode OwnersFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode OwnersFolder = OwnersFile | UnixFileMode.UserExecute;
    private const string Passphrase = "seven lanterns, one dry umbrella";

    [Fact]
    public async Task Files_and_socket_are_the_owners_and_no_process_shows_a_secret()
    {
        await using var story = await Story.BeginAsync();
        var canaries = new Canaries();
        canaries.Plant("passphrase", Passphrase);

        await using var terminal = story.AtTerminal("laptop", $"sign-up --server {story["SERVER"]} --passphrase --kit kit.txt");
        await terminal.ShowsAsync("New passphrase: ");
        await terminal.TypeAsync(Passphrase + PseudoTerminal.Enter);
        await terminal.ShowsAsync("The same again: ");
        Assert.Contains("sign-up", Search(canaries), StringComparison.Ordinal);
        await terminal.TypeAsync(Passphrase + PseudoTerminal.Enter);
        Assert.Equal(0, await terminal.EndAsync());
        Assert.DoesNotContain(Passphrase, terminal.Shown, StringComparison.Ordinal);

        await story.TellAsync("""
            set SECRETKEY file kit.txt Secret Key:\s+(KL1-\S+)
            laptop$ keyladder key generate personal
            """);
        canaries.Plant("Secret Key", story["SECRETKEY"]);
        Assert.Contains($"agent --profile {story.PathOf("laptop")}", Search(canaries), StringComparison.Ordinal);

        Assert.Equal(OwnersFile, File.GetUnixFileMode(story.PathOf("kit.txt")));
        Assert.Equal(OwnersFolder, File.GetUnixFileMode(story.PathOf("laptop")));
        var profile = Directory.GetFiles(story.PathOf("laptop"), "*", SearchOption.AllDirectories);
        Assert.Contains(story.PathOf("laptop/secret-key"), profile);
        Assert.All(profile, file => Assert.Equal((file, OwnersFile), (file, File.GetUnixFileMode(file))));
        var socket = await File.ReadAllTextAsync(story.PathOf("laptop/agent"), TestContext.Current.CancellationToken);
        Assert.Equal(OwnersFolder, File.GetUnixFileMode(Path.GetDirectoryName(socket)!));
    }

    /// <summary>Arguments and environment of every process, as far as this one may read them.</summary>
    /// <returns>The arguments, so that a test sees whom it has searched.</returns>
    private static string Search(Canaries canaries)
    {
        var arguments = new StringBuilder();
        foreach (var process in Directory.GetDirectories("/proc").Where(path => int.TryParse(Path.GetFileName(path), out _)))
        {
            foreach (var file in new[] { "cmdline", "environ" })
            {
                try
                {
                    var bytes = File.ReadAllBytes(Path.Combine(process, file));
                    Assert.Empty(canaries.FindIn(bytes));
                    if (file == "cmdline")
                        arguments.AppendLine(Encoding.UTF8.GetString(bytes).Replace('\0', ' '));
                }
                catch (Exception e) when (e is IOException or UnauthorizedAccessException)
                {
                    // It has ended, or keeps others out.
                }
            }
        }

        return arguments.ToString();
    }
}
