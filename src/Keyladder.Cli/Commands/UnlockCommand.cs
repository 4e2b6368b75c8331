using System.CommandLine;
using Keyladder.Cli.Agent;
using Keyladder.Cli.Profiles;
using Keyladder.Cli.Terminal;

namespace Keyladder.Cli.Commands;

internal static class UnlockCommand
{
    private const int DefaultMinutes = 15;

    public static readonly Option<int> LockAfter = new("--lock-after")
    {
        Description = "Minutes without a command after which the account locks by itself",
        DefaultValueFactory = _ => DefaultMinutes,
        HelpName = "MINUTES",
        Validators =
        {
            result =>
            {
                if (result.GetValueOrDefault<int>() is < 1 or > 1440)
                    result.AddError("--lock-after takes 1 to 1440 minutes.");
            },
        },
    };

    private static readonly Option<string?> Server = new("--server")
    {
        Description = "The service's address (default: the one this device used last)",
        HelpName = "ADDRESS",
    };

    public static Command Create() => new Command("unlock", "Open the account on this device")
    {
        Server, SecretInput.SecretFile, SecretInput.SecretKeyFile, LockAfter,
    }.Does(async (parsed, cancellationToken) =>
    {
        var profile = parsed.Profile();
        var server = ServiceAddress.Of(parsed.GetValue(Server), profile);
        var (typed, code) = SecretInput.AskToUnlock(parsed, profile);
        using (typed)
        using (code)
            await OpenAsync(profile, server, typed, code, parsed.GetValue(LockAfter), cancellationToken);
        Screen.Say("Unlocked.");
    });

    /// <summary>Ends the agent that there may be, starts a new one and gives it the secret. The profile keeps the address, and the Secret Key if there is one.</summary>
    public static async Task OpenAsync(Profile profile, string server, TypedSecret typed, TypedSecret? code, int lockAfterMinutes, CancellationToken cancellationToken)
    {
        profile.Create();
        using var turn = await profile.EnterUnlockAsync(cancellationToken);
        await using (var former = await AgentConnection.TryOpenAsync(profile, cancellationToken))
        {
            if (former is not null)
                await former.AskAsync(new LockAccount(), Stream.Null, Stream.Null, cancellationToken);
        }

        byte[] codeBytes = code?.ToUtf8() ?? [];
        var typedBytes = typed.ToUtf8();
        using var wipedCode = new Wiped(codeBytes);
        using var wipedTyped = new Wiped(typedBytes);
        await using (var agent = await AgentProcess.StartAsync(profile, cancellationToken))
        {
            byte[] both = [.. codeBytes, .. typedBytes];
            using var wipedBoth = new Wiped(both);
            using var secrets = new MemoryStream(both);
            await agent.AskAsync(new Unlock(server, codeBytes.Length, lockAfterMinutes * 60), secrets, Stream.Null, cancellationToken);
        }

        profile.Write(new ProfileSettings(server));
        // A secret that comes to rest on a disk is no surprise to its owner.
        if (code is not null && profile.WriteSecretKey(codeBytes))
            Screen.Say($"Your Secret Key lies in {profile.SecretKeyFile}, which only you can read.");
    }
}
