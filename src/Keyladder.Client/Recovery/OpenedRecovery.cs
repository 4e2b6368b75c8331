using Keyladder.Cryptography;
using Keyladder.Cryptography.ChunkedEncryption;
using Keyladder.Cryptography.Heads;
using Keyladder.Cryptography.Signing;
using Keyladder.Keys.Passphrases;
using Keyladder.Keys.Recovery;

namespace Keyladder.Client;

/// <summary>Where an opened record is, and what the Store showed of it.</summary>
internal sealed record OpenedRecord(RecoveryPlace Place, GuardianPlace GuardianPlace, byte[] SealedKit, long Revision);

/// <summary>
/// What a person got back: the words of the account, and the right to change or withdraw the record. A device without memory trusts what it
/// was shown: show the person the account's words and age, and ask before the first write.
/// </summary>
public sealed class OpenedRecovery : IDisposable
{
    private readonly PassphraseStore _store;
    private readonly Username _username;

    // Where the record was written here; who opened it with a password has not got it.
    private readonly RecoveryCode? _code;

    private OpenedRecovery(PassphraseStore store, Username username, RecoveryKey key, RecoveryKit kit, OpenedRecord record, RecoveryCode? code) =>
        (_store, _username, Key, Kit, Record, _code) = (store, username, key, kit, record, code);

    /// <summary>They unlock the account, and belong to this.</summary>
    public Words Words => Kit.Words;

    /// <summary>The account's service.</summary>
    public Uri Keystore => Kit.Keystore.Address;

    /// <summary>There.</summary>
    public AccountId Account => Kit.Account;

    /// <summary>What <see cref="UnlockedAccount.Identity"/> must be.</summary>
    public Hash256 Identity => Kit.Identity;

    /// <summary>The second party of this record.</summary>
    public Uri Guardian => Record.GuardianPlace.Guardian.Address;

    /// <summary>The second party that the person agrees to for the next record, where the Store has another one; null to stay. The Store alone does not move a record.</summary>
    public Uri? NextGuardian { get; set; }

    /// <summary>What has happened to the record, as the Store told it when it was opened with a password, the oldest first.</summary>
    public IReadOnlyList<RecoveryEvent> Events { get; private set; } = [];

    internal RecoveryKey Key { get; }

    internal RecoveryKit Kit { get; }

    internal OpenedRecord Record { get; }

    /// <summary>Unlocks the account, and holds it to what the kit says of it.</summary>
    /// <param name="client">Of the Keystore that <see cref="Keystore"/> says. What its pins know of the account counts too.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="IntegrityException">It is another account than the kit's.</exception>
    public async Task<UnlockedAccount> UnlockAsync(KeyladderClient client, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(client);
        if (client.Http.Origin != Kit.Keystore)
            throw RecoveryFailures.OtherService(Keystore);
        using var secret = UnlockSecret.FromWords(Words);
        var account = await client.Account().UnlockAsync(secret, cancellationToken).ConfigureAwait(false);
        if (account.Id == Account && account.Identity == Identity)
            return account;
        await account.DisposeAsync().ConfigureAwait(false);
        throw RecoveryFailures.OtherAccount();
    }

    /// <summary>Begins to set a new password; the words stay. Nothing has changed before <see cref="RecoveryChange.CompleteAsync"/>.</summary>
    /// <param name="password">Stays the caller's, and is not needed afterwards.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>To be disposed of, before this is.</returns>
    /// <exception cref="IntegrityException">The Store would have the record at another Guardian than <see cref="Guardian"/> or <see cref="NextGuardian"/>.</exception>
    public async Task<RecoveryChange> ChangePasswordAsync(RecoveryPassword password, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(password);
        var next = NextGuardian is null ? Record.GuardianPlace.Guardian : Origin.TryCreate(NextGuardian, out var agreed) ? agreed : throw RecoveryFailures.OtherGuardian();
        return new RecoveryChange(_store, this, await RecordDraft.CreateAsync(_store, _username, password, Record.Place, next, cancellationToken).ConfigureAwait(false));
    }

    /// <summary>Makes this device a known one at both services: it has the recovery code, a count of guesses of its own, and reads the events.</summary>
    /// <param name="recoveryCode">The record's; null where the record was written here. It stays the caller's.</param>
    /// <param name="cancellationToken">Ends the call; one of the services may know a key then that nobody has.</param>
    /// <returns>To be kept where only its owner reads, and disposed of.</returns>
    /// <exception cref="KeyladderException">For <see cref="FailureReason.SignInFailed"/>, it is another record's code.</exception>
    public async Task<RecoveryDevice> AddDeviceAsync(RecoveryCode? recoveryCode = null, CancellationToken cancellationToken = default)
    {
        var code = recoveryCode ?? _code ?? throw new ArgumentNullException(nameof(recoveryCode), "Only who wrote the record has its code.");
        await _store.RehearseAsync(Record.GuardianPlace, code, cancellationToken).ConfigureAwait(false);
        var device = RecoveryDevice.Generate(_username, Record.Place, Record.GuardianPlace, Account, Identity, code);
        try
        {
            var guardian = _store.GuardianAt(Record.GuardianPlace.Guardian);
            await AsGuardianAsync(signer => guardian.PutDeviceAsync(signer, device.GuardianId, device.GuardianKey.PublicKey, cancellationToken)).ConfigureAwait(false);
            await AsStoreAsync(signer => _store.Calls.PutDeviceAsync(signer, device.StoreId, device.StoreKey.PublicKey, cancellationToken)).ConfigureAwait(false);
            return device;
        }
        catch
        {
            device.Dispose();
            throw;
        }
    }

    /// <summary>Removes a known device at both services. What it has in memory it keeps.</summary>
    public async Task RemoveDeviceAsync(RecoveryDevice device, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(device);
        var guardian = _store.GuardianAt(Record.GuardianPlace.Guardian);
        await AsStoreAsync(signer => _store.Calls.DeleteDeviceAsync(signer, device.StoreId, cancellationToken)).ConfigureAwait(false);
        await AsGuardianAsync(signer => guardian.DeleteDeviceAsync(signer, device.GuardianId, cancellationToken)).ConfigureAwait(false);
    }

    /// <summary>Proves at the Guardian that a recovery code is the one of this record; it changes nothing.</summary>
    /// <exception cref="KeyladderException">For <see cref="FailureReason.SignInFailed"/>, it is not.</exception>
    public Task RehearseAsync(RecoveryCode recoveryCode, CancellationToken cancellationToken = default) =>
        _store.RehearseAsync(Record.GuardianPlace, recoveryCode, cancellationToken);

    /// <summary>Removes the record at both services. The account and its words stay; only they open it then.</summary>
    /// <exception cref="KeyladderException">The Store's record is there still; or it is gone, and the Guardian's, which nothing names any more, is not.</exception>
    public async Task WithdrawAsync(CancellationToken cancellationToken = default)
    {
        await AsStoreAsync(signer => _store.Calls.DeleteAsync(signer, cancellationToken)).ConfigureAwait(false);
        var guardian = _store.GuardianAt(Record.GuardianPlace.Guardian);
        await AsGuardianAsync(signer => guardian.DeleteAsync(signer, cancellationToken)).ConfigureAwait(false);
    }

    public void Dispose()
    {
        Key.Dispose();
        Kit.Dispose();
        _code?.Dispose();
    }

    /// <summary>Names the type and nothing of the content.</summary>
    public override string ToString() => nameof(OpenedRecovery);

    /// <param name="key">Belongs to the result, or is disposed of.</param>
    /// <param name="device">Knows which account it must be; null for a device without memory.</param>
    internal static OpenedRecovery Open(PassphraseStore store, Username username, RecoveryKey key, OpenedRecord record, RecoveryDevice? device)
    {
        try
        {
            var kit = key.Open(record.SealedKit, record.Place);
            if (device is null || (kit.Account == device.Account && kit.Identity == device.Identity))
                return new OpenedRecovery(store, username, key, kit, record, code: null);
            kit.Dispose();
            throw RecoveryFailures.OtherAccount();
        }
        catch (OpenFailedException e)
        {
            key.Dispose();
            throw RecoveryFailures.DoesNotOpen(e);
        }
    }

    /// <summary>A record that was written here.</summary>
    internal static OpenedRecovery Of(PassphraseStore store, RecordDraft draft, byte[] sealedKit, long revision)
    {
        var record = new OpenedRecord(draft.Place, draft.GuardianPlace, sealedKit, revision);
        return new OpenedRecovery(store, draft.Username, draft.Key.Copy(), draft.Key.Open(sealedKit, draft.Place), record, draft.Code.Copy());
    }

    /// <summary>Tells both services that the guess was right. Where one does not hear it, its count stays; the person has what was asked for.</summary>
    internal async Task SignalSuccessAsync(CancellationToken cancellationToken)
    {
        var guardian = _store.GuardianAt(Record.GuardianPlace.Guardian);
        try
        {
            await AsStoreAsync(async signer => Events = await _store.Calls.SucceedAsync(signer, cancellationToken).ConfigureAwait(false)).ConfigureAwait(false);
            await AsGuardianAsync(signer => guardian.SucceedAsync(signer, cancellationToken)).ConfigureAwait(false);
        }
        catch (KeyladderException e) when (e.Reason is FailureReason.Unreachable or FailureReason.TooManyRequests or FailureReason.ServiceFailed)
        {
        }
    }

    /// <summary>After the Store has another record: where this fails, what stays at the Guardian is of no use to anybody.</summary>
    internal async Task RemoveGuardianRecordAsync()
    {
        try
        {
            await AsGuardianAsync(signer => _store.GuardianAt(Record.GuardianPlace.Guardian).DeleteAsync(signer, CancellationToken.None)).ConfigureAwait(false);
        }
        catch (KeyladderException)
        {
        }
    }

    private async Task AsStoreAsync(Func<RecoverySigner, Task> call)
    {
        using var key = Key.DeriveStoreKey(Record.Place);
        await PassphraseStore.ReachAsync(_store.Calls.Http, () => call(new RecoverySigner(Record.Place.Record.Value, key))).ConfigureAwait(false);
    }

    private async Task AsGuardianAsync(Func<RecoverySigner, Task> call)
    {
        using var key = Key.DeriveGuardianKey(Record.GuardianPlace);
        await PassphraseStore.ReachAsync(
            _store.GuardianAt(Record.GuardianPlace.Guardian).Http, () => call(new RecoverySigner(Record.GuardianPlace.Handle.Value, key))).ConfigureAwait(false);
    }
}
