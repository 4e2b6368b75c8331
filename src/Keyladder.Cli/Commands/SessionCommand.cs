using System.CommandLine;
using System.Text.Json.Nodes;
using Keyladder.Cli.Agent;
using Keyladder.Cli.Terminal;

namespace Keyladder.Cli.Commands;

internal static class SessionCommand
{
    public static Command Create() => new("session", "See and end the sessions of the account; a device that is open signs in again by itself") { List(), Revoke() };

    private static Command List() => new Command("list", "List where the account is open, as the service claims it").Does(async (parsed, cancellationToken) =>
    {
        var sessions = (await parsed.AskAsync(new ListSessions(), cancellationToken)).Sessions!;
        Screen.Show(new JsonObject { ["sessions"] = Screen.ToJson(sessions) }, () => Screen.Table(
            ["ID", "SLOT", "CREATED", "EXPIRES", ""],
            sessions.Select(session => new[] { session.Id, session.Slot, session.Created, session.Expires, session.Current ? "this one" : "" })));
    });

    private static Command Revoke()
    {
        var id = new Argument<string>("ID") { Description = "From `session list`" };
        return new Command("revoke", "End a session at once; shuts no device out, `passphrase change` does") { id }.Does(async (parsed, cancellationToken) =>
        {
            var session = parsed.GetRequiredValue(id);
            await parsed.AskAsync(new RevokeSession(session), cancellationToken);
            // Whoever takes a lost laptop for shut out by this would be wrong.
            Screen.Show(new JsonObject { ["revoked"] = session }, () =>
                Screen.Say("Revoked. A device that is unlocked signs in again by itself; `keyladder passphrase change` shuts every other device out."));
        });
    }
}
