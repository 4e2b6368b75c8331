using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
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

    private static readonly Option<bool> Device = new("--device")
    {
        Description = "With this device's own secret or not at all (default: with it, where there is one and no file is named)",
    };

    private static readonly Option<bool> Ask = new("--ask")
    {
        Description = "Ask for words or passphrase, though this device has a secret of its own",
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
        Server, Device, Ask, SecretInput.SecretFile, SecretInput.SecretKeyFile, LockAfter, AcceptRestore,
    }.Does(async (parsed, cancellationToken) =>
    {
        var isFile = parsed.GetValue(SecretInput.SecretFile) is not null || parsed.GetValue(SecretInput.SecretKeyFile) is not null;
        if (parsed.GetValue(Device) && (isFile || parsed.GetValue(Ask)))
            throw Failure.Usage("--device opens the account with nothing else.", "Leave out either --device or the other options for secrets.");
        var profile = parsed.Profile();
        var server = ServiceAddress.Of(parsed.GetValue(Server), profile);
        if (parsed.GetValue(Device) || !isFile && !parsed.GetValue(Ask) && profile.ReadSettings()?.Device?.Server == server && DeviceStore.Of(profile).Exists)
        {
            if (await TryByDeviceAsync(parsed, profile, server, cancellationToken))
                return;
            Screen.Say("This device's own secret opens the account no more: it was removed. Type what does.");
        }

        var (typed, code) = SecretInput.AskToUnlock(parsed, profile);
        using (typed)
        using (code)
        {
            var account = await OpenAsync(profile, server, typed, code, parsed.GetValue(LockAfter), parsed.GetValue(AcceptRestore), cancellationToken);
            Screen.Show(new JsonObject { ["account"] = account, ["server"] = server }, () => Screen.Say("Unlocked."));
        }
    });

    /// <summary>
    /// Starts an agent and gives it the secret; when that has opened the account, ends the agent that there was. What does not open leaves the
    /// account that is open alone. The profile keeps the address, and the Secret Key if there is one.
    /// </summary>
    /// <returns>The account's id.</returns>
    public static Task<string> OpenAsync(Profile profile, string server, TypedSecret typed, TypedSecret? code, int lockAfterMinutes, string? restored, CancellationToken cancellationToken) =>
        ReplaceAgentAsync(
            profile, server, () => SecretKeys.UnlockAsync(profile, code, candidate => StartAgentAsync(profile, server, typed, candidate, lockAfterMinutes, restored, cancellationToken)), cancellationToken);

    /// <returns>False if the secret was refused and there is a person to ask for another one.</returns>
    private static async Task<bool> TryByDeviceAsync(ParseResult parsed, Profile profile, string server, CancellationToken cancellationToken)
    {
        try
        {
            var account = await ReplaceAgentAsync(profile, server, () => StartByDeviceAsync(profile, server, parsed.GetValue(LockAfter), parsed.GetValue(AcceptRestore), cancellationToken), cancellationToken);
            Screen.Show(new JsonObject { ["account"] = account, ["server"] = server }, () => Screen.Say("Unlocked with this device's own secret."));
            return true;
        }
        catch (Failure failure) when (failure.Code == ExitCode.SignInFailed)
        {
            return !parsed.GetValue(Device) && !Console.IsInputRedirected
                ? false
                : throw new Failure(
                    ExitCode.SignInFailed, "This device's own secret opens no account there.", "It was removed, or this is another service. Run `keyladder unlock --ask`, then `keyladder device add`.");
        }
    }

    private static async Task<AgentAnswer> StartByDeviceAsync(Profile profile, string server, int lockAfterMinutes, string? restored, CancellationToken cancellationToken)
    {
        await using var agent = await AgentProcess.StartAsync(profile, cancellationToken);
        var opening = agent.AskAsync(new Unlock(server, 0, lockAfterMinutes * 60, Device: true, restored), Stream.Null, Stream.Null, cancellationToken);
        return await DeviceStore.Of(profile).WaitAsync(opening, cancellationToken);
    }

    private static async Task<string> ReplaceAgentAsync(Profile profile, string server, Func<Task<AgentAnswer>> start, CancellationToken cancellationToken)
    {
        profile.Create();
        using var turn = await profile.EnterUnlockAsync(cancellationToken);
        var former = profile.ReadAgentSocket();
        var opened = await start();
        if (former is not null)
            await EndAsync(former, cancellationToken);
        profile.Write(new ProfileSettings(server, profile.ReadSettings()?.Device));
        return opened.Account!;
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
        return await agent.AskAsync(new Unlock(server, codeBytes.Length, lockAfterMinutes * 60, Restored: restored), secrets, Stream.Null, cancellationToken);
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
