using Keyladder.Cryptography.Signing;
using Keyladder.Hosting.Authentication;
using Keyladder.Hosting.Problems;
using Keyladder.Hosting.Storage;

namespace Keyladder.PassphraseStore.Records;

/// <summary>Who signs a call: a record, by its store key, or a device that is known to one. Nothing is read or written for anybody else.</summary>
internal sealed class Signers(Database database)
{
    // Verifies in place of the key that an unknown id does not have: never, as nobody holds its private half.
    private readonly StoredRecord nobody = new(Guid.Empty, [], [], [], [], [], [], [], "", [], 0, NewPublicKey());

    /// <exception cref="ProblemException">There is no such device, or it has not signed.</exception>
    public Task<StoredRecord> RequireDeviceAsync(GuestRequest caller, CancellationToken cancellation) =>
        database.ReadAsync(StoredRecord.SelectByDevice(caller.KeyId, nobody), rows => VerifyAsync(caller, rows, cancellation), cancellation);

    /// <summary>A transaction for what the record's own key has signed. Who has not signed opens none: where one writes at a time, nobody waits for that.</summary>
    /// <exception cref="ProblemException">There is no such record, or it has not signed.</exception>
    public async Task<T> WriteAsync<T>(GuestRequest caller, Func<StoredRecord, Transaction, Task<T>> write, CancellationToken cancellation)
    {
        var select = StoredRecord.SelectById(caller.KeyId, nobody);
        await database.ReadAsync(select, rows => VerifyAsync(caller, rows, cancellation), cancellation);
        return await database.WriteAsync(
            async transaction => await write(await transaction.QueryAsync(select, rows => VerifyAsync(caller, rows, cancellation), cancellation), transaction), cancellation);
    }

    private static async Task<StoredRecord> VerifyAsync(GuestRequest caller, Rows rows, CancellationToken cancellation)
    {
        var record = await StoredRecord.ReadAsync(rows, cancellation);
        caller.RequireSignedBy(record.Signer);
        return record;
    }

    private static byte[] NewPublicKey()
    {
        using var key = Ed25519PrivateKey.Generate();
        return key.PublicKey.Bytes.ToArray();
    }
}
