using System.CommandLine;
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

    private static readonly Option<bool> NoCopy = new("--no-copy")
    {
        Description = "Keep no copy of the Vault on this device, from now on",
    };

    public static Command Create() => new Command("unlock", "Open the account on this device")
    {
        Server, Device, Ask, SecretInput.SecretFile, SecretInput.SecretKeyFile, LockAfter, NoCopy, RestoreChoice.AcceptRestore, RestoreChoice.PutBackOption,
    }.Does(async (parsed, cancellationToken) =>
    {
        var isFile = parsed.GetValue(SecretInput.SecretFile) is not null || parsed.GetValue(SecretInput.SecretKeyFile) is not null;
        if (parsed.GetValue(Device) && (isFile || parsed.GetValue(Ask)))
            throw Failure.Usage("--device opens the account with nothing else.", "Leave out either --device or the other options for secrets.");
        var choice = RestoreChoice.Of(parsed);
        var profile = parsed.Profile();
        var server = ServiceAddress.Of(parsed.GetValue(Server), profile);
        if (parsed.GetValue(NoCopy))
            KeepNoCopy(profile, server);
        if (parsed.GetValue(Device) || !isFile && !parsed.GetValue(Ask) && profile.ReadSettings()?.Device?.Server == server && DeviceStore.Of(profile).Exists)
        {
            if (await TryByDeviceAsync(parsed, profile, server, choice, cancellationToken))
                return;
            Screen.Say("This device's own secret opens the account no more: it was removed. Type what does.");
        }

        var (typed, code) = SecretInput.AskToUnlock(parsed, profile);
        using (typed)
        using (code)
        {
            var opened = await OpenAsync(profile, server, typed, code, parsed.GetValue(LockAfter), choice, cancellationToken);
            Screen.Show(Document(opened, server), () => Screen.Say("Unlocked."));
        }
    });

    /// <summary>
    /// Gives the secret to the agent that has the account open, which alone holds what a restore may have taken; where there is none, to one that is started.
    /// What does not open leaves alone what is open. The profile keeps the address, and the Secret Key if there is one.
    /// </summary>
    public static Task<AgentAnswer> OpenAsync(
        Profile profile, string server, TypedSecret typed, TypedSecret? code, int lockAfterMinutes, RestoreChoice choice, CancellationToken cancellationToken) =>
        OpenAsync(
            profile,
            server,
            choice,
            made => SecretKeys.UnlockAsync(profile, code, candidate => AskAsync(profile, server, typed, candidate, lockAfterMinutes, made, cancellationToken)),
            cancellationToken);

    // Deleting the copy is for the person: what waits in it is nowhere else.
    private static void KeepNoCopy(Profile profile, string server)
    {
        if (Directory.Exists(profile.Copies) && Directory.EnumerateFiles(profile.Copies).Any())
        {
            throw new Failure(
                ExitCode.Refused,
                "This device has a copy of a Vault; what waits in it to be sent is nowhere else.",
                $"Run `keyladder vault sync`, then `keyladder lock`, delete the folder {profile.Copies}, and run this again.");
        }

        profile.Write((profile.ReadSettings() ?? new ProfileSettings(server)) with { NoCopy = true });
    }

    private static JsonObject Document(AgentAnswer opened, string server) =>
        new() { ["account"] = opened.Account, ["server"] = server, ["wentBack"] = Screen.ToJson(opened.WentBack ?? []) };

    /// <returns>False if the secret was refused and there is a person to ask for another one.</returns>
    private static async Task<bool> TryByDeviceAsync(ParseResult parsed, Profile profile, string server, RestoreChoice choice, CancellationToken cancellationToken)
    {
        try
        {
            var lockAfterSeconds = parsed.GetValue(LockAfter) * 60;
            var opened = await OpenAsync(
                profile,
                server,
                choice,
                made => DeviceStore.Of(profile).WaitAsync(
                    AskAsync(profile, new Unlock(server, 0, lockAfterSeconds, Device: true, made.Restored, made.PutBack), [], cancellationToken), cancellationToken),
                cancellationToken);
            Screen.Show(Document(opened, server), () => Screen.Say("Unlocked with this device's own secret."));
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

    private static async Task<AgentAnswer> OpenAsync(
        Profile profile, string server, RestoreChoice choice, Func<RestoreChoice, Task<AgentAnswer>> open, CancellationToken cancellationToken)
    {
        profile.Create();
        using var turn = await profile.EnterUnlockAsync(cancellationToken);
        var former = profile.ReadAgentSocket();
        var made = choice;
        var opened = await choice.UnlockAsync(next => open(made = next));
        if (former is not null && former != profile.ReadAgentSocket())
            await EndAsync(former, cancellationToken);
        profile.Write((profile.ReadSettings() ?? new ProfileSettings(server)) with { Server = server });
        return opened with { WentBack = await RestoreChoice.TellAsync(
            opened, made, "unlock", () => AgentConnection.AskAsync(profile, new PutBack(), cancellationToken)) };
    }

    private static async Task<AgentAnswer> AskAsync(
        Profile profile, string server, TypedSecret typed, TypedSecret? code, int lockAfterMinutes, RestoreChoice made, CancellationToken cancellationToken)
    {
        var (both, codeLength) = SecretInput.Join(typed, code);
        using var wiped = new Wiped(both);
        return await AskAsync(
            profile, new Unlock(server, codeLength, lockAfterMinutes * 60, Restored: made.Restored, PutBack: made.PutBack), both, cancellationToken);
    }

    private static async Task<AgentAnswer> AskAsync(Profile profile, Unlock request, byte[] secrets, CancellationToken cancellationToken)
    {
        if (await AgentConnection.TryOpenAsync(profile, cancellationToken) is { } open)
        {
            await using (open)
            {
                try
                {
                    return await AskAsync(open, request, secrets, cancellationToken);
                }
                catch (Failure failure) when (failure.Code == ExitCode.Locked && !request.PutBack)
                {
                    // It ended meanwhile.
                }
            }
        }

        await using var agent = await AgentProcess.StartAsync(profile, cancellationToken);
        return await AskAsync(agent, request, secrets, cancellationToken);
    }

    private static async Task<AgentAnswer> AskAsync(AgentConnection agent, Unlock request, byte[] secrets, CancellationToken cancellationToken)
    {
        using var input = new MemoryStream(secrets);
        return await agent.AskAsync(request, input, Stream.Null, cancellationToken);
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
