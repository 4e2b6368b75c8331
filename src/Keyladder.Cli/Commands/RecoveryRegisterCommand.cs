using System.CommandLine;
using System.Text.Json.Nodes;
using Keyladder.Cli.Agent;
using Keyladder.Cli.Profiles;
using Keyladder.Cli.Terminal;
using Keyladder.Client;
using Keyladder.Cryptography;
using Keyladder.Keys.Passphrases;
using Keyladder.Keys.Recovery;
using Keyladder.Protocol.PassphraseStore;

namespace Keyladder.Cli.Commands;

internal static class RecoveryRegisterCommand
{
    private static readonly Option<string?> Server = new("--server")
    {
        Description = "Make a new account at this service (default: enrol the words of the account that this device knows)",
        HelpName = "ADDRESS",
    };

    private static readonly Option<string?> WordsFile = new("--words-file") { Description = "Read the account's words from a file, - for standard input", HelpName = "FILE" };

    private const string ToEnrol = "To register one that there is, run `keyladder unlock --server ADDRESS` with its words first, then this command without --server.";

    public static Command Create() => new Command("register", "Let a username and a password bring back the account's words")
    {
        RecoveryInput.Store, RecoveryInput.Username, Server, InvitationInput.InvitationFile, RecoveryInput.CodeFile, RecoveryInput.NewPasswordFile, WordsFile, CommandLine.KitFile, UnlockCommand.LockAfter,
    }.Does(async (parsed, cancellationToken) =>
    {
        var profile = parsed.Profile();
        var isNew = parsed.GetValue(Server) is not null;
        if (isNew && profile.ReadSettings() is not null)
            throw Failure.Usage("This device's profile belongs to an account already.", "Leave out --server to enrol that one, or name another folder with --profile FOLDER.");
        if (isNew && parsed.GetValue(WordsFile) is not null)
            throw Failure.Usage("--words-file holds the words of an account that there is, and --server makes a new one.", ToEnrol);
        if (!isNew && parsed.GetValue(InvitationInput.InvitationFile) is not null)
            throw Failure.Usage("An invitation is for a new account.", "Add --server ADDRESS to make one, or leave --invitation-file out.");
        if (!isNew && profile.ReadSettings() is null)
            throw Failure.Usage("This device knows no account yet.", $"Make a new one with --server ADDRESS. {ToEnrol}");
        var server = ServiceAddress.Of(parsed.GetValue(Server), profile);
        var known = isNew ? null : await FindOpenAccountAsync(profile, cancellationToken);
        using var store = RecoveryInput.Connect(parsed, profile);
        var username = RecoveryInput.ReadUsername(parsed, profile);
        using var words = isNew ? null : ReadWords(parsed);
        using var invitation = InvitationInput.Read(parsed);
        Screen.Say(RecoveryInput.WhatAPasswordIsWorth);
        using var password = RecoveryInput.ReadNewPassword(parsed);
        using var kit = KitOutput.Open(parsed.GetValue(CommandLine.KitFile));
        var code = await RecoveryInput.ReadCodeAsync(parsed, store, username, CodePurposes.Register, cancellationToken);
        using var registration = await store.RegisterAsync(username, password, words, cancellationToken);
        Screen.Say($"The second party, the Guardian, is {registration.Guardian.GetLeftPart(UriPartial.Authority)}: neither it nor the Passphrase Store gives the words back alone.");
        using var fresh = FreshSecret.Of(registration.Words);
        // First on paper, then at the service: a page too many does no harm, one too few loses the account.
        if (isNew)
            kit.Write(new Uri(server), fresh);
        using var typedAgain = RecoveryInput.ShowAndAskAgain(kit, store.Address, registration.RecoveryCode);
        profile.Create();
        using (var client = ServiceAddress.Connect(server, profile, opensCopies: false))
        {
            await using var account = isNew
                ? await SignUpCommand.SignUpAsync(client, fresh, invitation, kit, cancellationToken)
                : await client.Account(known).UnlockAsync(fresh.Secret, cancellationToken);
            if (isNew)
                profile.Write(new ProfileSettings(server));
            using var opened = await CompleteAsync(registration, account, code, typedAgain, isNew, cancellationToken);
            await RecoveryInput.KeepDeviceAsync(profile, opened, recoveryCode: null, cancellationToken);
            await account.LockAsync(cancellationToken);
        }

        var unlocked = await UnlockCommand.OpenAsync(profile, server, fresh.Typed, code: null, parsed.GetValue(UnlockCommand.LockAfter), RestoreChoice.None, cancellationToken);
        Screen.Show(
            new JsonObject { ["account"] = unlocked.Account, ["server"] = server, ["guardian"] = registration.Guardian.GetLeftPart(UriPartial.Authority), ["kit"] = parsed.GetValue(CommandLine.KitFile) },
            () => Screen.Say("Registered, and the account is open. Lost password: mail and recovery code reset it. Lost recovery code: set a new password while you know the old one. Lost both: only the words open the account. " + kit.Advice));
    });

    /// <returns>Of the account that is open on this device: other words are another's then. Null where none is open.</returns>
    private static async Task<AccountId?> FindOpenAccountAsync(Profile profile, CancellationToken cancellationToken)
    {
        try
        {
            return (await AgentConnection.AskAsync(profile, new Status(), cancellationToken)).Account is { } account ? new AccountId(Guid.Parse(account)) : null;
        }
        catch (Failure e) when (e.Code == ExitCode.Locked)
        {
            return null;
        }
    }

    private static async Task<OpenedRecovery> CompleteAsync(
        RecoveryRegistration registration, UnlockedAccount account, string code, RecoveryCode typedAgain, bool isNew, CancellationToken cancellationToken)
    {
        try
        {
            return await registration.CompleteAsync(account, code, typedAgain, cancellationToken);
        }
        catch (KeyladderException e) when (isNew && e.Reason != FailureReason.OutcomeUnknown)
        {
            Screen.Say("The account is made, and its words on the page open it; the recovery code there is of no use. To register it, run the command again without --server, with those words.");
            throw;
        }
    }

    private static Words ReadWords(ParseResult parsed)
    {
        using var typed = parsed.GetValue(WordsFile) is { } file ? TypedSecret.Read(file, WordsFile.Name) : TypedSecret.Ask("The account's words", WordsFile.Name);
        return Words.TryParse(typed.Text, out var words, out var error)
            ? words
            : throw Failure.Usage(error.ToString(), "Only generated words can be enrolled: with a passphrase, add words with `keyladder recovery-key add` first.");
    }
}
