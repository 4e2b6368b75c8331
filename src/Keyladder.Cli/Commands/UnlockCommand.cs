using System.CommandLine;
using System.Globalization;
using Keyladder.Cli.Agent;
using Keyladder.Cli.Profiles;
using Keyladder.Cli.Terminal;
using Keyladder.Client;

namespace Keyladder.Cli.Commands;

internal static class UnlockCommand
{
    private const int DefaultMinutes = 15;

    public static readonly Option<int> LockAfter = CommandLine.Number(
        "--lock-after", "Minutes without a command after which the account locks by itself", "MINUTES", most: 1440, usual: DefaultMinutes);

    private static readonly Option<string?> Server = new("--server")
    {
        Description = "The service's address (default: the one this device used last)",
        HelpName = "ADDRESS",
    };

    private static readonly Option<string?> AcceptRestore = new("--accept-restore")
    {
        Description = "Go back with a restored service, from the change that this device has seen to the one that the service shows",
        HelpName = "SEEN:SHOWN",
    };

    /// <summary>What a person writes who goes back with a restored service: nobody does by a key pressed too fast, and no script does.</summary>
    public static string Restored(RestoredException shown) => string.Create(CultureInfo.InvariantCulture, $"{shown.Seen}:{shown.Shown}");

    public static Command Create() => new Command("unlock", "Open the account on this device")
    {
        Server, SecretInput.SecretFile, SecretInput.SecretKeyFile, LockAfter, AcceptRestore,
    }.Does(async (parsed, cancellationToken) =>
    {
        var profile = parsed.Profile();
        var server = ServiceAddress.Of(parsed.GetValue(Server), profile);
        var (typed, code) = SecretInput.AskToUnlock(parsed, profile);
        using (typed)
        using (code)
            await OpenAsync(profile, server, typed, code, parsed.GetValue(LockAfter), parsed.GetValue(AcceptRestore), cancellationToken);
        Screen.Say("Unlocked.");
    });

    /// <summary>
    /// Starts an agent and gives it the secret; when that has opened the account, ends the agent that there was. What does not open leaves the
    /// account that is open alone. The profile keeps the address, and the Secret Key if there is one.
    /// </summary>
    public static async Task OpenAsync(Profile profile, string server, TypedSecret typed, TypedSecret? code, int lockAfterMinutes, string? restored, CancellationToken cancellationToken)
    {
        profile.Create();
        using var turn = await profile.EnterUnlockAsync(cancellationToken);
        var former = profile.ReadAgentSocket();
        await SecretKeys.UnlockAsync(profile, code, candidate => StartAgentAsync(profile, server, typed, candidate, lockAfterMinutes, restored, cancellationToken));
        if (former is not null)
            await EndAsync(former, cancellationToken);
        profile.Write(new ProfileSettings(server));
    }

    private static async Task<AgentAnswer> StartAgentAsync(
        Profile profile, string server, TypedSecret typed, TypedSecret? code, int lockAfterMinutes, string? restored, CancellationToken cancellationToken)
    {
        byte[] codeBytes = code?.ToUtf8() ?? [];
        var typedBytes = typed.ToUtf8();
        using var wipedCode = new Wiped(codeBytes);
        using var wipedTyped = new Wiped(typedBytes);
        byte[] both = [.. codeBytes, .. typedBytes];
        using var wipedBoth = new Wiped(both);
        using var secrets = new MemoryStream(both);
        await using var agent = await AgentProcess.StartAsync(profile, cancellationToken);
        return await agent.AskAsync(new Unlock(server, codeBytes.Length, lockAfterMinutes * 60, restored), secrets, Stream.Null, cancellationToken);
    }

    private static async Task EndAsync(string agent, CancellationToken cancellationToken)
    {
        try
        {
            await using var connection = await AgentConnection.TryOpenAsync(agent, cancellationToken);
            if (connection is not null)
                await connection.AskAsync(new LockAccount(), Stream.Null, Stream.Null, cancellationToken);
        }
        catch (Failure failure) when (failure.Code == ExitCode.Locked)
        {
            // It ended by itself meanwhile.
        }
    }
}
