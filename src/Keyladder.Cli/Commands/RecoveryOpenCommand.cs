using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Keyladder.Cli.Profiles;
using Keyladder.Cli.Terminal;
using Keyladder.Client;

namespace Keyladder.Cli.Commands;

internal static class RecoveryOpenCommand
{
    public static Command Create()
    {
        var yes = new Option<bool>("--yes") { Description = "Do not ask whether it is your account" };
        return new Command("open", "Open the account on an empty device, with username and password alone")
        {
            RecoveryInput.Store, RecoveryInput.Username, RecoveryInput.PasswordFile, yes, UnlockCommand.LockAfter,
        }.Does(async (parsed, cancellationToken) =>
        {
            // Before anything is shown: what no person at a terminal reads is kept somewhere.
            if (!parsed.GetValue(yes) && Console.IsInputRedirected)
                throw Failure.Usage("There is no terminal to ask on whether this is your account.", "Give --yes if you are sure of it.");
            var profile = parsed.Profile();
            using var store = RecoveryInput.Connect(parsed, profile);
            using var opened = await RecoveryInput.FetchAsync(parsed, profile, store, cancellationToken);
            var server = opened.Keystore.GetLeftPart(UriPartial.Authority);
            if (profile.ReadSettings() is { Server: var known } && known != server)
            {
                throw new Failure(
                    ExitCode.Alarm, "What the Passphrase Store shows is at another service than this device's account.", "Change nothing, and ask the Store's operator. For another account, name another folder with --profile FOLDER.");
            }

            profile.Create();
            using var fresh = FreshSecret.Of(opened.Words);
            DateOnly? made;
            using (var client = ServiceAddress.Connect(server, profile, opensCopies: false))
            {
                // Held to the kit's fingerprint, and to this device's pins, before anything else happens with it.
                await using var account = await opened.UnlockAsync(client, cancellationToken);
                made = account.Created;
                await account.LockAsync(cancellationToken);
            }

            var since = made?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
            if (!parsed.GetValue(yes))
            {
                Console.Error.WriteLine($"Account {opened.Account} at {server}, made on {since}. Its words:");
                Show(fresh);
                if (!Prompt.Confirm("Is this your account? If you do not know these words or this day, somebody may have put it there to read what you write."))
                    throw new Failure(ExitCode.Refused, "The account was not opened.", "Compare the words with your paper, and run the command again.");
            }

            var unlocked = await UnlockCommand.OpenAsync(profile, server, fresh.Typed, code: null, parsed.GetValue(UnlockCommand.LockAfter), RestoreChoice.None, cancellationToken);
            Screen.Show(
                new JsonObject { ["account"] = unlocked.Account, ["server"] = server, ["made"] = since },
                () => Screen.Say(profile.ReadRecoveryDevice() is null ? "Unlocked. `keyladder recovery devices add` makes this device a known one." : "Unlocked."));
        });
    }

    // To the person, not to the output: what is piped there is kept.
    private static void Show(FreshSecret fresh)
    {
        var words = fresh.Typed.ToUtf8();
        using var wiped = new Wiped(words);
        using var terminal = Console.OpenStandardError();
        terminal.Write("\n  "u8);
        terminal.Write(words);
        terminal.Write("\n\n"u8);
    }
}
