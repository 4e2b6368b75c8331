using System.CommandLine;
using System.Text.Json.Nodes;
using Keyladder.Cli.Profiles;
using Keyladder.Cli.Terminal;

namespace Keyladder.Cli.Commands;

internal static class PassphraseCommand
{
    private static readonly Option<string?> NewSecretFile = new("--new-secret-file")
    {
        Description = "With --passphrase: file that holds the new passphrase; - for standard input (default: a prompt)",
        HelpName = "FILE",
    };

    public static Command Create() => new("passphrase", "What opens the account") { Change() };

    private static Command Change() => new Command("change", "Replace the secret that you type first; devices that it opened must unlock again, other secrets stay valid")
    {
        SecretInput.SecretFile, SecretInput.SecretKeyFile, CommandLine.ChoosePassphrase, NewSecretFile, CommandLine.KitFile, UnlockCommand.LockAfter,
    }.Does(async (parsed, cancellationToken) =>
    {
        if (parsed.GetValue(NewSecretFile) is not null && !parsed.GetValue(CommandLine.ChoosePassphrase))
            throw Failure.Usage("--new-secret-file holds a passphrase of yours, and new words are generated.", "Add --passphrase to choose one, or leave --new-secret-file out.");
        var profile = parsed.Profile();
        var server = ServiceAddress.Of(null, profile);
        var (typed, code) = SecretInput.AskToUnlock(parsed, profile, "Words or passphrase until now");
        using var closeTyped = typed;
        using var closeCode = code;
        using var fresh = FreshSecret.Make(parsed.GetValue(CommandLine.ChoosePassphrase), parsed.GetValue(NewSecretFile));
        using var kit = KitOutput.Open(parsed.GetValue(CommandLine.KitFile));
        int others;
        using (var client = ServiceAddress.Connect(server, profile))
        await using (var account = await SecretKeys.UnlockAsync(profile, client, typed, code, cancellationToken))
        {
            // First on paper, then at the service: a kit too many does no harm, one too few loses the account.
            others = (await account.UnlockMethods.ListAsync(cancellationToken)).Count - 1;
            kit.Write(client.Address, fresh);
            // The profile too holds the new one before it is in force, and the old one until the new one has unlocked.
            if (fresh.Code is not null)
            {
                var next = fresh.Code.ToUtf8();
                using var wiped = new Wiped(next);
                profile.WriteNextSecretKey(next);
            }

            using var retyped = SecretInput.Parse(fresh.Typed, fresh.Code);
            await account.ChangePassphraseAsync(fresh.Secret, retyped, cancellationToken);
            await account.LockAsync(cancellationToken);
        }

        if (fresh.Code is null)
            profile.RemoveSecretKey();
        var opened = await UnlockCommand.OpenAsync(profile, server, fresh.Typed, fresh.Code, parsed.GetValue(UnlockCommand.LockAfter), RestoreChoice.None, cancellationToken);
        var document = new JsonObject { ["account"] = opened.Account, ["stillValid"] = others, ["kit"] = parsed.GetValue(CommandLine.KitFile) };
        Screen.Show(document);
        // Who has unlocked with a recovery key has replaced that one: what was lost stays valid until it is removed.
        Screen.Say($"Changed. What you typed first ({(code is null ? "words" : "the passphrase and its Secret Key")}) opens nothing any more; devices that it opened must unlock again.");
        if (others > 0)
            Screen.Say($"Still valid: {others} other secret(s). `keyladder unlock-method list` shows them, `keyladder unlock-method remove ID` removes one that was lost.");
        Screen.Say(kit.Advice);
    });
}
