using Keyladder.Cryptography.Heads;

namespace Keyladder.Client;

/// <summary>What the alarms of docs/spec/heads.md section 5 say, each in one place.</summary>
internal static class Alarms
{
    public static IntegrityException RolledBack(long shown, long seen, Exception? inner = null) =>
        new(
            Alarm.RolledBack,
            $"head {shown}",
            $"The service shows the account as it was at change {shown}; this device has seen change {seen}.",
            inner);

    public static IntegrityException Returned(long shown, Exception? inner = null) =>
        new(
            Alarm.RolledBack,
            $"head {shown}",
            $"The service shows the account as it was at change {shown}; this device has deleted the account.",
            inner);

    public static IntegrityException Forked(long shown, Exception? inner = null) =>
        new(
            Alarm.Forked,
            $"head {shown}",
            $"The service shows a history of the account in which change {shown} does not follow what this device has seen.",
            inner);

    public static IntegrityException HeadInvalid(long head, string what) => HeadInvalid($"head {head}", what);

    /// <param name="head">"a head": for what cannot be read, and so has no number.</param>
    /// <param name="what">A clause: what is not as it must be.</param>
    public static IntegrityException HeadInvalid(string head, string what) =>
        new(Alarm.HeadInvalid, head, $"The service shows a state of the account that {what}.");

    public static IntegrityException ProofInvalid(long head, Exception? inner = null) =>
        new(Alarm.ProofInvalid, $"head {head}", $"What the service shows is not what the account signed at change {head}.", inner);

    public static IntegrityException ObjectInvalid(ObjectName name, string what) =>
        new(Alarm.ObjectInvalid, $"{name}", $"The service shows {name}, {what}.");

    public static IntegrityException AuditInvalid(long number, string what) =>
        new(Alarm.AuditInvalid, $"event {number}", $"The service shows event {number} of the account {what}.");

    public static IntegrityException AuditAltered(long signed, long head) =>
        new(
            Alarm.AuditInvalid,
            $"event {signed + 1}",
            $"From event {signed + 1} on, the list is not the one that the account signed for at change {head}: "
            + "an event was altered, dropped or added.");

    public static IntegrityException Withheld(ObjectName name) => Withheld($"{name}");

    public static IntegrityException Withheld(string @object) => new(Alarm.ObjectInvalid, @object, $"The service withholds {@object}.");

    public static IntegrityException DoesNotOpen(string @object, Exception? inner) =>
        new(Alarm.DoesNotOpen, @object, $"What the service shows as {@object} does not open.", inner);

    /// <param name="found">At least one.</param>
    public static IntegrityException FreshnessUnproven(IReadOnlyCollection<WitnessFinding> found) =>
        new(
            Alarm.FreshnessUnproven,
            string.Join(" and ", found.Select(finding => finding.Of)),
            $"It is not proven that the newest state is shown. {string.Join(' ', found.Select(finding => finding.Text))}",
            nextStep: "A restored backup, an account that moved to another service, or a Vault whose making was cut off explains this: then go on. "
                + "If there was none of that, change nothing, look with a device that you have used before, and ask the operators of both services.",
            choice: Hash256.Of([.. found.SelectMany(finding => finding.Mark.ToArray())]).ToString()[..12]);
}
