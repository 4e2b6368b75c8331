using Keyladder.Hosting.Storage;
using Keyladder.Protocol.PassphraseStore;

namespace Keyladder.PassphraseStore.Events;

/// <summary>What happened to a record, the last hundred of it, for the person's devices.</summary>
internal static class RecordEvents
{
    /// <summary>For the transaction of what happened. Each one changes the record's row: of two that meet, one runs again.</summary>
    public static IEnumerable<Statement> Append(Guid record, string kind, DateTimeOffset now)
    {
        yield return Of("UPDATE records SET events = events + 1 WHERE record_id = @record;");
        yield return Of("INSERT INTO events (record_id, number, hour, kind) SELECT record_id, events, @hour, @kind FROM records WHERE record_id = @record;");
        yield return Of("DELETE FROM events WHERE record_id = @record AND number <= (SELECT events FROM records WHERE record_id = @record) - @kept;");

        Statement Of(string text) => new(text) { { "record", record.ToString() }, { "hour", StoredTime.HourBefore(now) }, { "kind", kind }, { "kept", PassphraseStoreRoutes.MaxEvents } };
    }

    public static Statement Select(Guid record) =>
        new("SELECT number, hour, kind FROM events WHERE record_id = @record ORDER BY number;") { { "record", record.ToString() } };

    public static async Task<RecoveryEventsResponse> ReadAsync(Rows rows, CancellationToken cancellation) =>
        new([.. await rows.ListAsync(row => new RecoveryEventMessage(row.GetInt64(0), row.GetInt64(1), row.GetString(2)), cancellation)]);
}
