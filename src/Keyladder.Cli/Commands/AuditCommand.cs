using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Keyladder.Cli.Agent;
using Keyladder.Cli.Terminal;
using Keyladder.Protocol.Keystore;

namespace Keyladder.Cli.Commands;

internal static class AuditCommand
{
    public static Command Create() => Create("List what happened to the account, and check that nothing is missing", new ReadAudit());

    /// <summary>The same of the account's Vault, which has a list of its own.</summary>
    public static Command OfVault() => Create("List what happened to the account at the Vault, and check that nothing is missing", new ReadVaultAudit());

    private static Command Create(string description, AgentRequest request) => new Command("audit", description).Does(async (parsed, cancellationToken) =>
    {
        var events = (await parsed.AskAsync(request, cancellationToken)).Events!;
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
        AuditEventKinds.ObjectsChanged => "items changed",
        AuditEventKinds.RestoreAccepted => "went on from a restored backup",
        AuditEventKinds.SlotAdded => $"secret {known.Subject} added",
        AuditEventKinds.SlotRemoved => $"secret {known.Subject} removed",
        AuditEventKinds.SlotReplaced => $"secret replaced by {known.Subject}",
        _ => $"{known.Kind} {known.Subject}".TrimEnd(),
    };
}
