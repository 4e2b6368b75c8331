using Keyladder.Hosting.Problems;
using Keyladder.Hosting.Recovery;
using Keyladder.Hosting.Storage;
using Keyladder.Protocol.PassphraseStore;

namespace Keyladder.Keystore.Guardian;

/// <summary>Known devices, in a transaction of who holds the guardian key.</summary>
internal static class GuardianDevices
{
    /// <exception cref="ProblemException">The id is another record's, or the record has as many devices as it may.</exception>
    public static async Task PutAsync(Transaction transaction, Guid handle, DeviceId id, byte[] publicKey, CancellationToken cancellation)
    {
        var put = new Statement("""
            INSERT INTO guardian_devices (handle, device_id, public_key) VALUES (@handle, @device, @public_key)
            ON CONFLICT (device_id) DO UPDATE SET public_key = @public_key WHERE guardian_devices.handle = @handle;
            """)
        {
            { "handle", handle.ToString() },
            { "device", id.ToString() },
            { "public_key", publicKey },
        };
        if (await transaction.ExecuteAsync(put, cancellation) == 0)
            throw Problem.NotFound();
        if ((await SelectAsync(transaction, handle, cancellation)).Count > RecoveryLimits.MaxDevices)
            throw Problem.QuotaExceeded();
    }

    /// <exception cref="ProblemException">The record has no such device.</exception>
    public static async Task DeleteAsync(Transaction transaction, Guid handle, DeviceId id, CancellationToken cancellation)
    {
        var deleted = await transaction.ExecuteAsync(
            new Statement("DELETE FROM guardian_devices WHERE handle = @handle AND device_id = @device;") { { "handle", handle.ToString() }, { "device", id.ToString() } }, cancellation);
        if (deleted == 0)
            throw Problem.NotFound();
        await transaction.ExecuteAsync(Guesses.Remove(GuardianRecords.SubjectOfDevice(id.ToString())), cancellation);
    }

    /// <returns>What the guesses of the record and of each of its devices are counted under.</returns>
    public static async Task<IReadOnlyList<string>> SubjectsAsync(Transaction transaction, Guid handle, CancellationToken cancellation) =>
        [GuardianRecords.SubjectOf(handle), .. (await SelectAsync(transaction, handle, cancellation)).Select(GuardianRecords.SubjectOfDevice)];

    private static Task<List<string>> SelectAsync(Transaction transaction, Guid handle, CancellationToken cancellation) => transaction.QueryAsync(
        new Statement("SELECT device_id FROM guardian_devices WHERE handle = @handle;") { { "handle", handle.ToString() } },
        rows => rows.ListAsync(row => row.GetString(0), cancellation),
        cancellation);
}
