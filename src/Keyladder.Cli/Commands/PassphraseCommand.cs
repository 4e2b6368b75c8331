using System.CommandLine;
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

    private static Command Change() => new Command("change", "Replace what you unlock with; every device must unlock again")
    {
        SecretInput.SecretFile, SecretInput.SecretKeyFile, CommandLine.ChoosePassphrase, NewSecretFile, CommandLine.KitFile, UnlockCommand.LockAfter,
    }.Does(async (parsed, cancellationToken) =>
    {
        var profile = parsed.Profile();
        var server = ServiceAddress.Of(null, profile);
        var (typed, code) = SecretInput.AskToUnlock(parsed, profile, "Words or passphrase until now");
        using var closeTyped = typed;
        using var closeCode = code;
        using var fresh = FreshSecret.Make(parsed.GetValue(CommandLine.ChoosePassphrase), parsed.GetValue(NewSecretFile));
        using var kit = KitOutput.Open(parsed.GetValue(CommandLine.KitFile));
        using (var client = ServiceAddress.Connect(server, profile))
        await using (var account = await SecretKeys.UnlockAsync(profile, client, typed, code, cancellationToken))
        {
            // First on paper, then at the service: a kit too many does no harm, one too few loses the account.
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
        await UnlockCommand.OpenAsync(profile, server, fresh.Typed, fresh.Code, parsed.GetValue(UnlockCommand.LockAfter), cancellationToken);
        Screen.Say("Changed. The old secret opens nothing any more; every other device must unlock again. " + kit.Advice);
    });
}
