using Keyladder.Cryptography;
using Keyladder.Cryptography.Heads;
using Keyladder.Protocol.Keystore;

namespace Keyladder.Client;

/// <summary>The events that the newest head does not sign for yet, and the hash by which the next one does (docs/spec/audit.md section 4).</summary>
internal static class AuditTail
{
    /// <param name="account">Whose events they are.</param>
    /// <param name="head">The newest head, which signs for all events before these.</param>
    /// <param name="events">What came with it.</param>
    /// <returns>The <c>audit</c> of the head that follows.</returns>
    /// <exception cref="IntegrityException">They are not in the form of events, or do not follow one another.</exception>
    public static Hash256 Continue<THead>(AccountId account, THead head, IReadOnlyList<AuditEventMessage> events)
        where THead : Head, IHead<THead>
    {
        var hash = head.Audit;
        for (var index = 0; index < events.Count; index++)
        {
            if (events[index].Number != events[0].Number + index)
                throw Alarms.AuditInvalid(events[index].Number, "which does not follow the one before it");
            hash = Next(THead.Events, hash, account, events[index]);
        }

        return hash;
    }

    /// <exception cref="IntegrityException">It is not in the form of an event.</exception>
    public static Hash256 Next(AuditChain chain, Hash256 previous, AccountId account, AuditEventMessage next) =>
        next is { Number: >= 1, Hour: >= 0, Head: null or >= 1 }
            ? chain.Next(previous, account, next.Number, next.Hour, next.Kind, new SessionId(next.Session), next.Subject, next.Head)
            : throw Alarms.AuditInvalid(next.Number, "which is not in the form of one");
}
