using Keyladder.Hosting.Limits;
using Keyladder.Hosting.Problems;
using Keyladder.Hosting.Recovery;
using Keyladder.Hosting.Storage;
using Keyladder.PassphraseStore.Events;
using Keyladder.Protocol.PassphraseStore;

namespace Keyladder.PassphraseStore.Records;

/// <summary>Guesses at passwords, counted before they are evaluated: by username, by device, and by the address that they come from.</summary>
internal sealed class RecordGuesses(Guesses guesses, Counters counters, DeferredWork deferred, Database database, PassphraseStoreOptions options, TimeProvider time)
{
    /// <param name="index">Of a username, registered or not.</param>
    /// <exception cref="ProblemException">Too many: nothing may be evaluated.</exception>
    public async Task CountAsync(byte[] index, ClientAddress address, CancellationToken cancellation)
    {
        var ofAddress = await counters.AddAsync([($"{options.Name}/attempts-of-address", address.ToArray())], cancellation);
        if (ofAddress[0] > options.AttemptsPerAddress)
            throw Problem.TooManyRequests(counters.RestOfHour);
        if (await guesses.CountAsync(StoredRecord.SubjectOf(index), cancellation) == RecoveryLimits.FreeGuesses)
            deferred.TryAdd(later => TellAsync(index, later));
    }

    /// <param name="device">That has signed the guess: nobody else uses up its guesses, and it uses up nobody's.</param>
    /// <exception cref="ProblemException">Too many: nothing may be evaluated.</exception>
    public Task CountAsync(Guid device, CancellationToken cancellation) => guesses.CountAsync(StoredRecord.SubjectOf(device), cancellation);

    /// <summary>For the transaction of a call that the record has signed.</summary>
    public async Task ForgetAsync(Transaction transaction, StoredRecord record, CancellationToken cancellation) => await transaction.ExecuteAsync(
        guesses.Forget([record.GuessSubject, .. await DevicesAsync(transaction, record, cancellation)]), cancellation);

    /// <summary>For the transaction that removes the record's devices.</summary>
    public static async Task RemoveOfDevicesAsync(Transaction transaction, StoredRecord record, CancellationToken cancellation) =>
        await transaction.ExecuteAsync(Guesses.Remove(await DevicesAsync(transaction, record, cancellation)), cancellation);

    private static async Task<List<string>> DevicesAsync(Transaction transaction, StoredRecord record, CancellationToken cancellation) => await transaction.QueryAsync(
        new Statement("SELECT device_id FROM devices WHERE record_id = @record;") { { "record", record.Id.ToString() } },
        rows => rows.ListAsync(row => StoredRecord.SubjectOf(Guid.Parse(row.GetString(0))), cancellation),
        cancellation);

    // After the answer: a username that is not registered has no events, and that must not show.
    private Task<bool> TellAsync(byte[] index, CancellationToken cancellation) => database.WriteAsync(
        async transaction =>
        {
            var found = await transaction.QueryAsync(
                new Statement("SELECT record_id FROM records WHERE username_index = @index;") { { "index", index } },
                rows => rows.FirstAsync(row => row.GetString(0), cancellation),
                cancellation);
            if (found is not null)
                await transaction.ExecuteAllAsync([.. RecordEvents.Append(Guid.Parse(found), RecoveryEventKinds.GuessesUsedUp, time.GetUtcNow())], cancellation);
            return true;
        },
        cancellation);
}
