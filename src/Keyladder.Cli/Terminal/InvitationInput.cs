using System.CommandLine;
using Keyladder.Cli.Commands;
using Keyladder.Client;
using Keyladder.Cryptography.Secrets;
using Keyladder.Keys.Passphrases;

namespace Keyladder.Cli.Terminal;

/// <summary>An invitation from the person: from a file, or typed where the service has asked for it. It is a secret until it is used.</summary>
internal static class InvitationInput
{
    public static readonly Option<string?> InvitationFile = new("--invitation-file")
    {
        Description = "File that holds an invitation, KI1-…; - for standard input (default: a prompt, if the service lets nobody in without)",
        HelpName = "FILE",
    };

    /// <returns>Null where none was given.</returns>
    public static InvitationCode? Read(ParseResult parsed)
    {
        if (parsed.GetValue(InvitationFile) is not { } file)
            return null;
        if (file == "-" && parsed.GetValue(SecretInput.SecretFile) == "-")
            throw Failure.Usage("Standard input holds the passphrase or the invitation, not both.", "Give one of them as a file.");
        using var typed = TypedSecret.Read(file, InvitationFile.Name);
        return Parse(typed);
    }

    /// <summary>Makes the account, and asks for an invitation if that is what it takes and there is somebody to ask.</summary>
    public static Task<UnlockedAccount> SignUpAsync(KeyladderClient client, UnlockSecret secret, InvitationCode? invitation, CancellationToken cancellationToken) =>
        EnterAsync(
            invitation,
            code => code is null ? client.SignUpAsync(secret, cancellationToken) : client.SignUpAsync(secret, code, cancellationToken));

    /// <summary>Brings an account there, and asks for an invitation where a sign-up would.</summary>
    /// <param name="open">Opens the export, each time from its beginning.</param>
    public static Task<UnlockedAccount> ImportAsync(
        KeyladderClient client, Func<Stream> open, UnlockSecret secret, InvitationCode? invitation, CancellationToken cancellationToken) =>
        EnterAsync(invitation, async code =>
        {
            await using var export = open();
            return await (code is null ? client.ImportAsync(export, secret, cancellationToken) : client.ImportAsync(export, secret, code, cancellationToken));
        });

    private static async Task<UnlockedAccount> EnterAsync(InvitationCode? invitation, Func<InvitationCode?, Task<UnlockedAccount>> enter)
    {
        if (invitation is not null)
            return await enter(invitation);
        try
        {
            return await enter(null);
        }
        catch (KeyladderException e) when (e.Reason == FailureReason.SignUpClosed && !Console.IsInputRedirected)
        {
            Screen.Say("This service does not let everybody in. If its operator has given you an invitation, type it; if not, press Ctrl-C.");
        }

        using var typed = TypedSecret.Ask("Invitation (KI1-…)");
        using var asked = Parse(typed);
        return await enter(asked);
    }

    private static InvitationCode Parse(TypedSecret typed) => InvitationCode.TryParse(typed.Text, out var code)
        ? code
        : throw Failure.Usage("This is no invitation, or it has a mistake in it.", "An invitation is KI1- and four groups of eight letters and digits: copy it whole.");
}
