using Keyladder.Keys.Passphrases;
using Keyladder.Keys.Recovery;
using Keyladder.Protocol.PassphraseStore;

namespace Keyladder.Client;

/// <summary>
/// A registration that is about to be made: the words, and the recovery code, which is to be shown to the person once and typed again from
/// paper. No service keeps anything of it yet.
/// </summary>
public sealed class RecoveryRegistration : IDisposable
{
    private readonly PassphraseStore _store;
    private readonly RecordDraft _draft;
    private readonly byte[] _seed;

    internal RecoveryRegistration(PassphraseStore store, RecordDraft draft, byte[] seed, Words words) => (_store, _draft, _seed, Words) = (store, draft, seed, words);

    /// <summary>Unlock the account that is registered: sign it up with them, if it is new. They belong to the registration.</summary>
    public Words Words { get; }

    /// <summary>For paper; it belongs to the registration. Without it no password is ever reset.</summary>
    public RecoveryCode RecoveryCode => _draft.Code;

    /// <summary>Which Guardian the records here name.</summary>
    public Uri Guardian => _draft.GuardianPlace.Guardian.Address;

    /// <summary>Makes the Guardian's record, and then the Store's.</summary>
    /// <param name="account">Unlocked with <see cref="Words"/>.</param>
    /// <param name="code">From the mail that <see cref="PassphraseStore.SendCodeAsync"/> had sent to register.</param>
    /// <param name="recoveryCodeTypedAgain">From paper. It stays the caller's.</param>
    /// <param name="cancellationToken">Ends the call. Before the Store's record nothing has changed; what may have been made at the Guardian is of no use to anybody.</param>
    /// <returns>What makes this device a known one, once <see cref="OpenedRecovery.AddDeviceAsync"/> was called; to be disposed of.</returns>
    /// <exception cref="KeyladderException">Nothing has changed, but for <see cref="FailureReason.OutcomeUnknown"/>. For
    /// <see cref="FailureReason.SecretsDiffer"/>, the recovery code that was typed is another; for <see cref="FailureReason.NotAllowed"/>, the
    /// account was not unlocked with these words.</exception>
    public async Task<OpenedRecovery> CompleteAsync(
        UnlockedAccount account, string code, RecoveryCode recoveryCodeTypedAgain, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(account);
        ArgumentNullException.ThrowIfNull(code);
        ArgumentNullException.ThrowIfNull(recoveryCodeTypedAgain);
        if (!RecoveryCode.IsSame(recoveryCodeTypedAgain))
            throw RecoveryFailures.CodeNotSame();
        if (!await account.IsOpenWithAsync(Words, cancellationToken).ConfigureAwait(false))
            throw RecoveryFailures.OtherWords();
        using var kit = new RecoveryKit(account.Origin, account.Id, account.Identity, Words.Copy());
        var record = await _draft.WriteGuardianAsync(kit, cancellationToken).ConfigureAwait(false);
        var request = new CreateRecordRequest(_draft.Username.Text, code, _seed, record);
        try
        {
            await _store.Calls.CreateAsync(request, cancellationToken).ConfigureAwait(false);
        }
        catch (KeyladderException e) when (RecoveryChange.IsRefusal(e))
        {
            await _draft.WithdrawGuardianAsync().ConfigureAwait(false);
            throw;
        }
        catch (KeyladderException e)
        {
            await RecoveryChange.RequireLandedAsync(_draft, _store.Calls.Http, e).ConfigureAwait(false);
        }

        return OpenedRecovery.Of(_store, _draft, record.Kit, revision: 1);
    }

    public void Dispose()
    {
        _draft.Dispose();
        Words.Dispose();
    }

    /// <summary>Names the type and nothing of the content.</summary>
    public override string ToString() => nameof(RecoveryRegistration);
}
