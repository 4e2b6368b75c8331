using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Keyladder.Cli.Agent;
using Keyladder.Cli.Terminal;

namespace Keyladder.Cli.Commands;

internal static class SessionCommand
{
    public static Command Create() =>
        new("session", "See and end the sessions of the account; a device that is open signs in again by itself") { List(atVault: false), Revoke(atVault: false) };

    /// <summary>The same of the account's Vault, where it signs in by itself.</summary>
    public static Command OfVault() => new("session", "See and end the sessions at the Vault; a device that is open signs in again by itself") { List(atVault: true), Revoke(atVault: true) };

    private static Command List(bool atVault) => new Command("list", $"List where the {(atVault ? "Vault" : "account")} is open, as the service claims it").Does(async (parsed, cancellationToken) =>
    {
        var sessions = (await parsed.AskAsync(new ListSessions(atVault), cancellationToken)).Sessions!;
        Screen.Show(new JsonObject { ["sessions"] = Screen.ToJson(sessions) }, () => Screen.Table(
            ["ID", "SLOT", "CREATED", "EXPIRES", ""],
            sessions.Select(session => new[] { session.Id, session.Slot, session.Created, Text(session.Expires), session.Current ? "this one" : "" })));
    });

    private static Command Revoke(bool atVault)
    {
        var id = new Argument<string>("ID") { Description = $"An id, or the start of one, from `{(atVault ? "vault " : "")}session list`" };
        return new Command("revoke", atVault ? "End a session at once; shuts no device out" : "End a session at once; shuts no device out, `passphrase change` does") { id }.Does(async (parsed, cancellationToken) =>
        {
            var session = (await parsed.AskAsync(new RevokeSession(parsed.GetRequiredValue(id), atVault), cancellationToken)).Sessions!.Single().Id;
            // Whoever takes a lost laptop for shut out by this would be wrong.
            Screen.Show(new JsonObject { ["revoked"] = session }, () =>
                Screen.Say(atVault
                    ? "Revoked. A device that is unlocked signs in to the Vault again by itself, until it locks; `keyladder passphrase change` keeps it from unlocking."
                    : "Revoked. A device that is unlocked signs in again by itself; `keyladder passphrase change` shuts every other device out."));
        });
    }

    // A program has it as it is; a person as every other moment here.
    private static string Text(string moment) =>
        DateTimeOffset.ParseExact(moment, "u", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal).UtcDateTime.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture);
}
