using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Keyladder.Cli.Profiles;
using Keyladder.Cli.Terminal;
using Keyladder.Client;

namespace Keyladder.Cli.Commands;

internal static class ImportCommand
{
    public static Command Create()
    {
        var file = new Argument<string>("FILE") { Description = "What `account export` wrote" };
        var server = new Option<string>("--server") { Description = "The new service's address", HelpName = "ADDRESS", Required = true };
        return new Command("import", "Bring an exported account to another service")
        {
            file, server, InvitationInput.InvitationFile, SecretInput.SecretFile, SecretInput.SecretKeyFile, UnlockCommand.LockAfter,
        }.Does(async (parsed, cancellationToken) =>
        {
            var profile = parsed.Profile();
            if (profile.ReadSettings() is { Server: var known })
            {
                throw Failure.Usage(
                    $"This device's profile belongs to an account at {known} already.",
                    "Use a profile folder of its own for the new service: --profile FOLDER.");
            }

            var address = ServiceAddress.Of(parsed.GetRequiredValue(server), profile);
            var path = parsed.GetRequiredValue(file);
            // Before the person types: a path that is wrong is said first.
            await FileTransfer.OpenFile(path).DisposeAsync();
            using var invitation = InvitationInput.Read(parsed);
            var (typed, code) = SecretInput.AskToUnlock(parsed, profile);
            using var closeTyped = typed;
            using var closeCode = code;
            profile.Create();
            int keys;
            using (var client = ServiceAddress.Connect(address, profile))
            await using (var account = await SecretKeys.UnlockAsync(profile, code, async candidate =>
            {
                using var secret = SecretInput.Parse(typed, candidate);
                return await InvitationInput.ImportAsync(client, () => FileTransfer.OpenFile(path), secret, invitation, cancellationToken);
            }))
            {
                keys = (await account.Keys.ListAsync(cancellationToken)).Count;
                await account.LockAsync(cancellationToken);
            }

            // Before the agent starts: if it does not, `unlock` finds what it needs.
            profile.Write(new ProfileSettings(address, NoCopy: profile.ReadSettings()?.NoCopy));
            var opened = await UnlockCommand.OpenAsync(profile, address, typed, code, parsed.GetValue(UnlockCommand.LockAfter), RestoreChoice.None, cancellationToken);
            Screen.Show(new JsonObject { ["account"] = opened.Account, ["server"] = address, ["keys"] = keys }, () =>
            {
                Screen.Say($"The account is at {address} now, with {keys.ToString(CultureInfo.InvariantCulture)} keys, and open on this device.");
                Screen.Say("Recovery keys and devices are to be added here anew. If the export is from another service than this one, that keeps its copy until you delete the account there.");
            });
        });
    }
}
