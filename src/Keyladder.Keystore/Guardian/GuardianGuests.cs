using Keyladder.Hosting.Authentication;
using Keyladder.Hosting.Problems;
using Keyladder.Hosting.Sessions;
using Keyladder.Hosting.Storage;

namespace Keyladder.Keystore.Guardian;

/// <summary>Who signs a call of the Guardian: whoever holds a key of the record, or of the device, that the request names. Of what is not there nobody holds one.</summary>
internal sealed class GuardianGuests(SignInChecks checks, Database database)
{
    private const string SelectRecord = """
        SELECT public_key, release_key, share FROM (
            SELECT 1 AS choice, public_key, release_key, share FROM guardian_records WHERE handle = @handle
            UNION ALL SELECT 2, @nobody, @nobody, @nobody
        ) found ORDER BY choice LIMIT 1;
        """;

    private const string SelectDevice = """
        SELECT public_key, handle FROM (
            SELECT 1 AS choice, public_key, handle FROM guardian_devices WHERE device_id = @device
            UNION ALL SELECT 2, @nobody, @nobody_handle
        ) found ORDER BY choice LIMIT 1;
        """;

    /// <exception cref="ProblemException">There is no such record, or it is not its guardian key that signed.</exception>
    public async Task VerifyAsync(GuestRequest guest, CancellationToken cancellation) =>
        await database.ReadAsync(OfRecord(guest), rows => VerifyAsync(guest, rows, cancellation), cancellation);

    /// <summary>A write by who holds the guardian key. Who does not opens no transaction: where one writes at a time, nobody waits for that.</summary>
    /// <param name="write">Finds the record locked: two that change it do so one after the other.</param>
    /// <exception cref="ProblemException">As above.</exception>
    public async Task WriteAsync(GuestRequest guest, Func<Transaction, Task> write, CancellationToken cancellation)
    {
        await VerifyAsync(guest, cancellation);
        await database.WriteAsync(
            async transaction =>
            {
                await transaction.ExecuteAsync(
                    new Statement("UPDATE guardian_records SET handle = handle WHERE handle = @handle;") { { "handle", guest.KeyId.ToString() } }, cancellation);
                await transaction.QueryAsync(OfRecord(guest), rows => VerifyAsync(guest, rows, cancellation), cancellation);
                await write(transaction);
                return true;
            },
            cancellation);
    }

    /// <returns>The share, sealed.</returns>
    /// <exception cref="ProblemException">There is no such record, or it is not its release key that signed.</exception>
    public Task<byte[]> ReleaseAsync(GuestRequest guest, CancellationToken cancellation) => database.ReadAsync(
        OfRecord(guest),
        async rows =>
        {
            var (releaseKey, share) = (await rows.ListAsync(row => (row.GetFieldValue<byte[]>(1), row.GetFieldValue<byte[]>(2)), cancellation)).Single();
            guest.RequireSignedBy(releaseKey);
            return share;
        },
        cancellation);

    /// <returns>The handle of the record that knows the device.</returns>
    /// <exception cref="ProblemException">There is no such device, or it did not sign.</exception>
    public Task<Guid> VerifyDeviceAsync(GuestRequest guest, CancellationToken cancellation) => database.ReadAsync(
        new Statement(SelectDevice) { { "device", guest.KeyId.ToString() }, { "nobody", checks.Nobody }, { "nobody_handle", Guid.Empty.ToString() } },
        async rows =>
        {
            var (key, handle) = (await rows.ListAsync(row => (row.GetFieldValue<byte[]>(0), Guid.Parse(row.GetString(1))), cancellation)).Single();
            guest.RequireSignedBy(key);
            return handle;
        },
        cancellation);

    private Statement OfRecord(GuestRequest guest) => new(SelectRecord) { { "handle", guest.KeyId.ToString() }, { "nobody", checks.Nobody } };

    private static async Task<bool> VerifyAsync(GuestRequest guest, Rows rows, CancellationToken cancellation)
    {
        guest.RequireSignedBy((await rows.ListAsync(row => row.GetFieldValue<byte[]>(0), cancellation)).Single());
        return true;
    }
}
