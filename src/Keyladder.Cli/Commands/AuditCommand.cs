using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Keyladder.Cli.Agent;
using Keyladder.Cli.Terminal;
using Keyladder.Protocol.Keystore;

namespace Keyladder.Cli.Commands;

internal static class AuditCommand
{
    public static Command Create() => new Command("audit", "List what happened to the account, and check that nothing is missing").Does(async (parsed, cancellationToken) =>
    {
        var events = (await parsed.AskAsync(new ReadAudit(), cancellationToken)).Events!;
        Screen.Show(new JsonObject { ["events"] = Screen.ToJson(events) }, () =>
        {
            Screen.Table(
                ["NUMBER", "HOUR (UTC)", "WHAT", "SESSION", ""],
                events.Select(known => new[] { known.Number.ToString(CultureInfo.InvariantCulture), known.Hour, Tell(known), known.Session, known.Signed ? "" : "not signed yet" }));
            Screen.Say(events is [{ Number: > 1 } first, ..]
                ? $"Nothing is missing from event {first.Number} on; older ones are no longer kept."
                : "Nothing is missing.");
            if (events.Any(known => !known.Signed))
                Screen.Say("What is not signed yet is the service's word; the next change of the account signs for it.");
        });
    });

    private static string Tell(EventLine known) => known.Kind switch
    {
        AuditEventKinds.AccountCreated => $"account made, opened by secret {known.Subject}",
        AuditEventKinds.SignedIn => $"signed in with secret {known.Subject}",
        AuditEventKinds.SessionEnded when known.Subject == known.Session => "signed out",
        AuditEventKinds.SessionEnded => $"session {known.Subject} ended",
        AuditEventKinds.KeyAdded => $"key {known.Subject} added",
        AuditEventKinds.KeyChanged => $"key {known.Subject} changed",
        AuditEventKinds.KeyDeleted => $"key {known.Subject} deleted",
        AuditEventKinds.KeysChanged => "several keys changed",
        AuditEventKinds.RestoreAccepted => "went on from a restored backup",
        AuditEventKinds.SlotAdded => $"secret {known.Subject} added",
        AuditEventKinds.SlotRemoved => $"secret {known.Subject} removed",
        AuditEventKinds.SlotReplaced => $"secret replaced by {known.Subject}",
        _ => $"{known.Kind} {known.Subject}".TrimEnd(),
    };
}
