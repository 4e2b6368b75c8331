using System.CommandLine;
using Keyladder.Cli.Profiles;
using Keyladder.Cli.Terminal;

namespace Keyladder.Cli.Commands;

internal static class SignUpCommand
{
    private static readonly Option<string> Server = new("--server") { Description = "The service's address", HelpName = "ADDRESS", Required = true };

    public static Command Create() => new Command("sign-up", "Make an account")
    {
        Server, CommandLine.ChoosePassphrase, SecretInput.SecretFile, CommandLine.KitFile, UnlockCommand.LockAfter,
    }.Does(async (parsed, cancellationToken) =>
    {
        var profile = parsed.Profile();
        if (profile.ReadSettings() is { Server: var known })
        {
            throw Failure.Usage(
                $"This device's profile belongs to an account at {known} already.",
                "Use another profile folder for another account: --profile FOLDER, or unlock this one.");
        }

        var server = ServiceAddress.Of(parsed.GetRequiredValue(Server), profile);
        profile.Create();
        using var fresh = FreshSecret.Make(parsed.GetValue(CommandLine.ChoosePassphrase), parsed.GetValue(SecretInput.SecretFile));
        using var kit = KitOutput.Open(parsed.GetValue(CommandLine.KitFile));
        using (var client = ServiceAddress.Connect(server, profile))
        await using (var account = await client.SignUpAsync(fresh.Secret, cancellationToken))
        {
            // Before anything else can fail: the account exists from here on, and this is the only copy of what opens it.
            kit.Write(client.Address, fresh);
            await account.LockAsync(cancellationToken);
        }

        await UnlockCommand.OpenAsync(profile, server, fresh.Typed, fresh.Code, parsed.GetValue(UnlockCommand.LockAfter), cancellationToken);
        Screen.Say("Your account is made, and open on this device. " + kit.Advice);
    });
}
