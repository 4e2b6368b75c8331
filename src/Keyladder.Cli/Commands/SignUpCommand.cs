using System.CommandLine;
using System.Text.Json.Nodes;
using Keyladder.Cli.Profiles;
using Keyladder.Cli.Terminal;
using Keyladder.Client;
using Keyladder.Cryptography.Secrets;

namespace Keyladder.Cli.Commands;

internal static class SignUpCommand
{
    private static readonly Option<string> Server = new("--server") { Description = "The service's address", HelpName = "ADDRESS", Required = true };

    public static Command Create() => new Command("sign-up", "Make an account")
    {
        Server, InvitationInput.InvitationFile, CommandLine.ChoosePassphrase, SecretInput.SecretFile, CommandLine.KitFile, UnlockCommand.LockAfter,
    }.Does(async (parsed, cancellationToken) =>
    {
        if (parsed.GetValue(SecretInput.SecretFile) is not null && !parsed.GetValue(CommandLine.ChoosePassphrase))
            throw Failure.Usage("--secret-file holds a passphrase of yours, and the words of an account are generated.", "Add --passphrase to choose one, or leave --secret-file out.");
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
        {
            // First on paper, then at the service: a kit too many does no harm, one too few loses the account.
            kit.Write(client.Address, fresh);
            await using var account = await SignUpAsync(client, fresh, invitation, kit, cancellationToken);
            Keep(profile, server, fresh);
            await account.LockAsync(cancellationToken);
        }

        var opened = await UnlockCommand.OpenAsync(profile, server, fresh.Typed, fresh.Code, parsed.GetValue(UnlockCommand.LockAfter), RestoreChoice.None, cancellationToken);
        var document = new JsonObject { ["account"] = opened.Account, ["server"] = server, ["kit"] = parsed.GetValue(CommandLine.KitFile) };
        Screen.Show(document, () => Screen.Say("Your account is made, and open on this device. " + kit.Advice));
    });

    /// <summary>Before the agent starts: if it does not, `unlock` finds what it needs.</summary>
    private static void Keep(Profile profile, string server, FreshSecret fresh)
    {
        profile.Write(new ProfileSettings(server, NoCopy: profile.ReadSettings()?.NoCopy));
        if (fresh.Code is null)
            return;
        var code = fresh.Code.ToUtf8();
        using var wiped = new Wiped(code);
        SecretKeys.Keep(profile, code);
    }

    /// <summary>With the kit written before; it is taken back where there is no account for certain.</summary>
    public static async Task<UnlockedAccount> SignUpAsync(KeyladderClient client, FreshSecret fresh, InvitationCode? invitation, KitOutput kit, CancellationToken cancellationToken)
    {
        try
        {
            return await InvitationInput.SignUpAsync(client, fresh.Secret, invitation, cancellationToken);
        }
        catch (KeyladderException e) when (e.Reason is FailureReason.AccountExists or FailureReason.Rejected or FailureReason.SignUpClosed or FailureReason.TooManyRequests)
        {
            kit.Discard();
            throw;
        }
        catch (Exception e) when (e is KeyladderException or OperationCanceledException)
        {
            // The answer may be lost and not the account.
            Screen.Say("The account may have been made all the same: keep the kit until `keyladder unlock` with it has said that there is none.");
            throw;
        }
    }
}
