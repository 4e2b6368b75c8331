using System.Data.Common;
using Keyladder.Cryptography;
using Keyladder.Cryptography.Heads;
using Keyladder.Hosting.Authentication;
using Keyladder.Hosting.Storage;
using Keyladder.Protocol;
using Keyladder.Protocol.Keystore;

namespace Keyladder.Hosting.Audit;

/// <summary>The account's events (docs/spec/audit.md): appended in the transaction of what they tell of, and never changed.</summary>
public sealed class AuditLog(AuditChain chain, TimeProvider time)
{
    /// <summary>Number of the event that the newest head signs for; a query within others.</summary>
    public const string Audited = "(SELECT audited FROM heads WHERE account_id = @account ORDER BY number DESC LIMIT 1)";

    /// <summary>The last event. Empty where there is none yet.</summary>
    public const string SelectEnd =
        $"SELECT number, hash, {Audited} FROM audit_events WHERE account_id = @account ORDER BY number DESC LIMIT 1;";

    /// <summary>All that is kept of the account's, with the hashes as they are stored.</summary>
    public const string SelectAll = $"SELECT {Columns}, hash FROM audit_events WHERE account_id = @account ORDER BY number;";

    private const string Columns = "number, hour, kind, session_id, subject, head, previous";

    /// <summary>The events that the newest head does not sign for yet.</summary>
    public static Statement SelectUnsigned => SelectAfter(Audited);

    /// <summary>The events that a head does not sign for, whether or not it is the newest.</summary>
    public static Statement SelectUnsignedBy(AccountId account, long number) =>
        SelectAfter("(SELECT audited FROM heads WHERE account_id = @account AND number = @number)").Then(new Statement("") { { "account", account.ToString() }, { "number", number } });

    public static async Task<AuditEnd> ReadEndAsync(Rows rows, CancellationToken cancellation) =>
        await rows.FirstAsync(row => new AuditEnd(row.GetInt64(0), new Hash256(row.GetFieldValue<byte[]>(1)), row.GetInt64(2)), cancellation) ?? AuditEnd.None;

    public static async Task<AuditEventMessage[]> ReadAsync(Rows rows, CancellationToken cancellation) => [.. await rows.ListAsync(Read, cancellation)];

    public static Task<AuditResponse> GetAsync(SignedRequest caller, long after, CancellationToken cancellation) => caller.ReadAsync(
        SelectAfter("@after").Then(new Statement("") { { "after", after } }),
        async rows =>
        {
            var read = await rows.ListAsync(row => (Event: Read(row), Previous: row.GetFieldValue<byte[]>(6)), cancellation);
            return new AuditResponse(read.Count == 0 ? Hash256.Zero.ToArray() : read[0].Previous, [.. read.Select(row => row.Event)]);
        },
        cancellation);

    /// <summary>
    /// Of two that append at the same place, one is made to run again. What is older than the last <see cref="ServiceRoutes.KeptEvents"/> goes, if a head has signed for it; where so
    /// many wait for one, only what brings a head is still told.
    /// </summary>
    public IEnumerable<Statement> Append(AccountId account, AuditEnd end, string kind, SessionId session, Guid? subject = null, long? head = null)
    {
        if (head is null && end.Number - end.Audited >= ServiceRoutes.KeptEvents)
            yield break;
        var (number, hour) = (end.Number + 1, StoredTime.HourBefore(time.GetUtcNow()));
        yield return new Statement("""
            INSERT INTO audit_events (account_id, number, hour, kind, session_id, subject, head, previous, hash)
            VALUES (@account, @number, @hour, @kind, @session, @subject, NULLIF(@head, 0), @previous, @hash) ON CONFLICT DO NOTHING;
            """)
        {
            { "account", account.ToString() },
            { "number", number },
            { "hour", hour },
            { "kind", kind },
            { "session", session.ToString() },
            { "subject", subject?.ToString() },
            { "head", head ?? 0 },
            { "previous", end.Hash.ToArray() },
            { "hash", chain.Next(end.Hash, account, number, hour, kind, session, subject, head).ToArray() },
        };
        if (Math.Min(end.Audited, number - ServiceRoutes.KeptEvents) is > 0 and var last)
        {
            yield return new Statement("DELETE FROM audit_events WHERE account_id = @account AND number <= @last;")
            {
                { "account", account.ToString() },
                { "last", last },
            };
        }
    }

    private static Statement SelectAfter(string after) =>
        new($"SELECT {Columns} FROM audit_events WHERE account_id = @account AND number > {after} ORDER BY number LIMIT @events;") { { "events", ServiceRoutes.MaxEvents } };

    public static StoredEvent ReadStored(DbDataReader row) => new(Read(row), new(row.GetFieldValue<byte[]>(6)), new(row.GetFieldValue<byte[]>(7)));

    private static AuditEventMessage Read(DbDataReader row) => new(
        row.GetInt64(0),
        row.GetInt64(1),
        row.GetString(2),
        Guid.Parse(row.GetString(3)),
        row.IsDBNull(4) ? null : Guid.Parse(row.GetString(4)),
        row.IsDBNull(5) ? null : row.GetInt64(5));
}

/// <summary>An event as a row holds it.</summary>
/// <param name="Event">What happened.</param>
/// <param name="Previous">Hash of the event before it.</param>
/// <param name="Hash">Of this one.</param>
public sealed record StoredEvent(AuditEventMessage Event, Hash256 Previous, Hash256 Hash);

/// <summary>The last event that there is.</summary>
/// <param name="Number">0 for none.</param>
/// <param name="Hash">Zero for none.</param>
/// <param name="Audited">Number of the event that the account's newest head signs for; 0 for none.</param>
public sealed record AuditEnd(long Number, Hash256 Hash, long Audited)
{
    public static AuditEnd None { get; } = new(0, Hash256.Zero, 0);
}
