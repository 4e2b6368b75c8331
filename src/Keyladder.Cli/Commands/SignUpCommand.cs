using System.CommandLine;
using Keyladder.Cli.Profiles;
using Keyladder.Cli.Terminal;

namespace Keyladder.Cli.Commands;

internal static class SignUpCommand
{
    private static readonly Option<string> Server = new("--server") { Description = "The service's address", HelpName = "ADDRESS", Required = true };

    public static Command Create() => new Command("sign-up", "Make an account")
    {
        Server, InvitationInput.InvitationFile, CommandLine.ChoosePassphrase, SecretInput.SecretFile, CommandLine.KitFile, UnlockCommand.LockAfter,
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
        using var invitation = InvitationInput.Read(parsed);
        profile.Create();
        using var fresh = FreshSecret.Make(parsed.GetValue(CommandLine.ChoosePassphrase), parsed.GetValue(SecretInput.SecretFile));
        using var kit = KitOutput.Open(parsed.GetValue(CommandLine.KitFile));
        using (var client = ServiceAddress.Connect(server, profile))
        await using (var account = await InvitationInput.SignUpAsync(client, fresh.Secret, invitation, cancellationToken))
        {
            // Before anything else can fail: the account exists from here on, and this is the only copy of what opens it.
            kit.Write(client.Address, fresh);
            Keep(profile, server, fresh);
            await account.LockAsync(cancellationToken);
        }

        await UnlockCommand.OpenAsync(profile, server, fresh.Typed, fresh.Code, parsed.GetValue(UnlockCommand.LockAfter), cancellationToken);
        Screen.Say("Your account is made, and open on this device. " + kit.Advice);
    });

    /// <summary>Before the agent starts: if it does not, `unlock` finds what it needs.</summary>
    private static void Keep(Profile profile, string server, FreshSecret fresh)
    {
        profile.Write(new ProfileSettings(server));
        if (fresh.Code is null)
            return;
        var code = fresh.Code.ToUtf8();
        using var wiped = new Wiped(code);
        SecretKeys.Keep(profile, code);
    }
}
