using System.CommandLine;
using System.Text.Json.Nodes;
using Keyladder.Cli.Profiles;
using Keyladder.Cli.Terminal;
using Keyladder.Client;

namespace Keyladder.Cli.Commands;

internal static class RecoveryKeyCommand
{
    public static Command Create() => new("recovery-key", "Further words that open the account, for the drawer") { Add() };

    private static Command Add() => new Command("add", "Make a second set of words that opens the account; what opens it now stays valid")
    {
        SecretInput.SecretFile, SecretInput.SecretKeyFile, CommandLine.KitFile, UnlockCommand.LockAfter,
    }.Does(async (parsed, cancellationToken) =>
    {
        var profile = parsed.Profile();
        var server = ServiceAddress.Of(null, profile);
        var (typed, code) = SecretInput.AskToUnlock(parsed, profile);
        using var closeTyped = typed;
        using var closeCode = code;
        using var fresh = FreshSecret.Generated();
        using var kit = KitOutput.Open(parsed.GetValue(CommandLine.KitFile));
        UnlockMethod added;
        using (var client = ServiceAddress.Connect(server, profile))
        await using (var account = await SecretKeys.UnlockAsync(profile, client, typed, code, cancellationToken))
        {
            kit.Write(client.Address, fresh, AccountKit.RecoveryTitle);
            using var retyped = SecretInput.Parse(fresh.Typed, fresh.Code);
            added = await account.UnlockMethods.AddAsync(fresh.Secret, retyped, cancellationToken);
            await account.LockAsync(cancellationToken);
        }

        await UnlockCommand.OpenAsync(profile, server, typed, code, parsed.GetValue(UnlockCommand.LockAfter), RestoreChoice.None, cancellationToken);
        Screen.Show(
            new JsonObject { ["added"] = added.Id.ToString(), ["kit"] = parsed.GetValue(CommandLine.KitFile) },
            () => Screen.Say("Added; what opened the account before still does. " + kit.Advice));
    });
}
