using Keyladder.Cryptography;
using Keyladder.Cryptography.Heads;
using Keyladder.Protocol.Keystore;
using Keyladder.Protocol;

namespace Keyladder.Client;

/// <summary>Something that happened to the account, as the service tells it.</summary>
/// <param name="Number">From 1, without a gap.</param>
/// <param name="Hour">The hour in which it happened, in UTC, by the service's clock.</param>
/// <param name="Kind">What happened (docs/spec/audit.md section 1): <c>signed-in</c>, <c>key-added</c>, …</param>
/// <param name="Session">The session that acted.</param>
/// <param name="Subject">The slot, session or key that the kind is about; null where it names none: no event of a Vault says which items.</param>
/// <param name="Change">Number of the account's change that it was; null if it changed nothing that heads are about.</param>
/// <param name="IsSigned">Whether the account has signed for it: it can no longer be altered or dropped unnoticed. The newest events wait
/// for the next change; until then they are the service's word.</param>
public sealed record AccountEvent(
    long Number, DateTimeOffset Hour, string Kind, SessionId Session, Guid? Subject, long? Change, bool IsSigned);

/// <summary>Reads the account's events and holds them against the heads that signed for them (docs/spec/audit.md section 5).</summary>
internal sealed class AccountAudit<THead>(RootOfTrust<THead> trust, ServiceCalls calls, HeadWatch<THead> watch)
    where THead : Head, IHead<THead>
{
    // Twice what a service keeps, and some: one that never ends is not read to the end of this device's memory.
    private const int MostEvents = 4 * ServiceRoutes.KeptEvents;

    public async Task<IReadOnlyList<AccountEvent>> ReadAsync(CancellationToken cancellationToken)
    {
        // The heads first: events that come in between are only more than they sign for.
        var heads = await watch.ReadHistoryAsync(cancellationToken).ConfigureAwait(false);
        var (previous, events) = await ReadEventsAsync(cancellationToken).ConfigureAwait(false);
        var signed = Verify(trust.Account, heads, previous, events);
        try
        {
            return [.. events.Select(known => new AccountEvent(
                known.Number,
                DateTimeOffset.FromUnixTimeMilliseconds(known.Hour),
                known.Kind,
                new SessionId(known.Session),
                known.Subject,
                known.Head,
                known.Number <= signed))];
        }
        catch (ArgumentOutOfRangeException e)
        {
            throw new KeyladderException(FailureReason.InvalidAnswer, "The service's list of events holds no times.", "Tell its operator.", e);
        }
    }

    private async Task<(Hash256 Previous, List<AuditEventMessage> Events)> ReadEventsAsync(CancellationToken cancellationToken)
    {
        var previous = Hash256.Zero;
        var events = new List<AuditEventMessage>();
        while (true)
        {
            var page = await calls.GetAuditAsync(events.Count == 0 ? 0 : events[^1].Number, cancellationToken).ConfigureAwait(false);
            if (page.Events.Length == 0)
                return (previous, events);
            if (events.Count == 0)
                previous = new Hash256(page.Previous);
            foreach (var next in page.Events)
            {
                if (events.Count > 0 && next.Number != events[^1].Number + 1)
                    throw next.Number > events[^1].Number ? Missing(events[^1].Number + 1) : Alarms.AuditInvalid(next.Number, "after one that comes later");
                events.Add(next);
            }

            if (events.Count > MostEvents)
                throw new KeyladderException(FailureReason.InvalidAnswer, "The service's list of events does not end.", "Tell its operator.");
        }
    }

    /// <param name="account">Whose events they are.</param>
    /// <param name="heads">Verified, the oldest first, the newest last.</param>
    /// <param name="previous">Hash of the event before the first.</param>
    /// <param name="events">As the service shows them, each with the number after that of the one before it.</param>
    /// <returns>Number of the last event that the account has signed for.</returns>
    /// <exception cref="IntegrityException">They are not those that the heads signed for.</exception>
    internal static long Verify(
        AccountId account, IReadOnlyList<SignedHead<THead>> heads, Hash256 previous, IReadOnlyList<AuditEventMessage> events)
    {
        RequireBeginning(previous, events);
        var before = events.Count == 0 ? 0 : events[0].Number - 1;
        var numbers = new Dictionary<Hash256, long> { [previous] = before };
        var hash = previous;
        foreach (var next in events)
            numbers[hash = AuditTail.Next(THead.Events, hash, account, next)] = next.Number;

        // What the oldest heads signed for may be gone with the oldest events; what the newest did never is.
        var signed = before;
        foreach (var (index, head) in heads.Index())
        {
            var found = numbers.TryGetValue(head.Head.Audit, out var number);
            if (!found && before > 0 && signed == before && index < heads.Count - 1)
                continue;
            if (!found || number < signed)
                throw Alarms.AuditAltered(signed, head.Head.Number);
            signed = number;
        }

        RequireEveryChange(heads[^1].Head.Number, events);
        return signed;
    }

    private static void RequireBeginning(Hash256 previous, IReadOnlyList<AuditEventMessage> events)
    {
        var first = events.Count == 0 ? 1 : events[0].Number;
        if (first > 1 && events.Count < ServiceRoutes.KeptEvents)
            throw Missing(first - 1);
        if (first <= 1 && previous != Hash256.Zero)
            throw Alarms.AuditInvalid(first, "as if others came before it");
    }

    // A change is told by its head too: even where no head has signed for its event yet, it cannot be left out.
    private static void RequireEveryChange(long newest, IReadOnlyList<AuditEventMessage> events)
    {
        long? last = events.Count > 0 && events[0].Number > 1 ? null : 0;
        foreach (var next in events)
        {
            if (next.Head is not { } head)
                continue;
            if (last is not null && head != last + 1)
                throw Alarms.AuditInvalid(next.Number, $"in place of that of change {last + 1}");
            last = head;
        }

        if ((last ?? 0) < newest)
            throw Alarms.AuditInvalid(events.Count + 1, $"not at all: that of change {newest} is missing");
    }

    private static IntegrityException Missing(long number) => Alarms.AuditInvalid(number, "not at all: it is missing");
}
