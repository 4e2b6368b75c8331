using System.Data.Common;
using Keyladder.Hosting.Storage;

namespace Keyladder.PassphraseStore.Records;

/// <summary>A record as its row has it: key, share, handle and username are sealed (<see cref="RecordSealing"/>).</summary>
/// <param name="Index">Of the username.</param>
/// <param name="Signer">The public key of who is to have signed: the record's, or the device's that it was looked up by.</param>
internal sealed record StoredRecord(
    Guid Id, byte[] Index, byte[] Username, byte[] Key, byte[] PasswordSlot, byte[] ResetSlot, byte[] Kit, byte[] Share, string Guardian, byte[] Handle, long Revision, byte[] Signer)
{
    private const string Columns = "username_index, username, oprf_key, password_slot, reset_slot, kit, share, guardian, handle, revision";

    public string GuessSubject => SubjectOf(Index);

    /// <summary>What guesses at a username are counted by, whether there is a record of it or not.</summary>
    public static string SubjectOf(byte[] index) => $"username/{Convert.ToHexStringLower(index)}";

    public static string SubjectOf(Guid device) => $"device/{device}";

    /// <param name="otherwise">What is read where there is no such record: reading a row takes time, and who asks must not see by it whether there is one.</param>
    public static Statement SelectByIndex(byte[] index, StoredRecord otherwise) => Select("public_key FROM records WHERE username_index = @by", otherwise, statement => statement.Add("by", index));

    /// <inheritdoc cref="SelectByIndex"/>
    public static Statement SelectById(Guid record, StoredRecord otherwise) =>
        Select("public_key FROM records WHERE record_id = @by", otherwise, statement => statement.Add("by", record.ToString()));

    /// <inheritdoc cref="SelectByIndex"/>
    public static Statement SelectByDevice(Guid device, StoredRecord otherwise) => Select(
        "devices.public_key FROM records JOIN devices ON devices.record_id = records.record_id WHERE devices.device_id = @by", otherwise, statement => statement.Add("by", device.ToString()));

    public static async Task<StoredRecord> ReadAsync(Rows rows, CancellationToken cancellation) => (await rows.ListAsync(Read, cancellation)).Single();

    /// <summary>Columns and parameters of a row that is written.</summary>
    public Statement Bind(string text) => new(text)
    {
        { "record_id", Id.ToString() },
        { "username_index", Index },
        { "username", Username },
        { "oprf_key", Key },
        { "password_slot", PasswordSlot },
        { "reset_slot", ResetSlot },
        { "kit", Kit },
        { "share", Share },
        { "guardian", Guardian },
        { "handle", Handle },
        { "revision", Revision },
        { "signer", Signer },
    };

    private static Statement Select(string found, StoredRecord otherwise, Action<Statement> bind)
    {
        var statement = otherwise.Bind($"""
            SELECT * FROM (
                SELECT 1 AS choice, records.record_id, {Columns}, {found}
                UNION ALL SELECT 2, @record_id, @{Columns.Replace(", ", ", @", StringComparison.Ordinal)}, @signer
            ) found ORDER BY choice LIMIT 1;
            """);
        bind(statement);
        return statement;
    }

    private static StoredRecord Read(DbDataReader row) => new(
        Guid.Parse(row.GetString(1)), Bytes(row, 2), Bytes(row, 3), Bytes(row, 4), Bytes(row, 5), Bytes(row, 6), Bytes(row, 7), Bytes(row, 8), row.GetString(9), Bytes(row, 10),
        row.GetInt64(11), Bytes(row, 12));

    private static byte[] Bytes(DbDataReader row, int column) => row.GetFieldValue<byte[]>(column);
}
