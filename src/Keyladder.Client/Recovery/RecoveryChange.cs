using Keyladder.Keys.Recovery;
using Keyladder.Protocol.PassphraseStore;

namespace Keyladder.Client;

/// <summary>
/// A new password that is about to be set, with a new recovery code, which is to be shown to the person once and typed again from paper. The
/// words stay. Until <see cref="CompleteAsync"/> has ended, the old password and the old code are right.
/// </summary>
public sealed class RecoveryChange : IDisposable
{
    private readonly PassphraseStore _store;
    private readonly OpenedRecovery _before;
    private readonly RecordDraft _draft;

    internal RecoveryChange(PassphraseStore store, OpenedRecovery before, RecordDraft draft) => (_store, _before, _draft) = (store, before, draft);

    /// <summary>For paper; it belongs to the change. The one before is of no use afterwards.</summary>
    public RecoveryCode RecoveryCode => _draft.Code;

    /// <summary>Makes a new record at the Guardian, puts the Store's in the place of the old, and removes the old one at the Guardian.</summary>
    /// <param name="recoveryCodeTypedAgain">From paper. It stays the caller's.</param>
    /// <param name="cancellationToken">Ends the call. Before the Store's record was replaced nothing has changed.</param>
    /// <returns>The record as it is now, to be disposed of. All devices are to be added again.</returns>
    /// <exception cref="KeyladderException">Nothing has changed, but for <see cref="FailureReason.OutcomeUnknown"/>.</exception>
    public async Task<OpenedRecovery> CompleteAsync(RecoveryCode recoveryCodeTypedAgain, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(recoveryCodeTypedAgain);
        if (!RecoveryCode.IsSame(recoveryCodeTypedAgain))
            throw RecoveryFailures.CodeNotSame();
        var record = await _draft.WriteGuardianAsync(_before.Kit, cancellationToken).ConfigureAwait(false);
        var revision = _before.Record.Revision;
        try
        {
            using var oldKey = _before.Key.DeriveStoreKey(_before.Record.Place);
            await _store.Calls.ReplaceAsync(
                new RecoverySigner(_before.Record.Place.Record.Value, oldKey), new ReplaceRecordRequest(revision, record), cancellationToken).ConfigureAwait(false);
        }
        catch (KeyladderException e) when (IsRefusal(e))
        {
            await _draft.WithdrawGuardianAsync().ConfigureAwait(false);
            throw;
        }
        catch (KeyladderException e)
        {
            await RequireLandedAsync(_draft, _store.Calls.Http, e).ConfigureAwait(false);
        }

        // Acknowledged. What stays of the old one at the Guardian opens nothing any more.
        await _before.RemoveGuardianRecordAsync().ConfigureAwait(false);
        return OpenedRecovery.Of(_store, _draft, record.Kit, revision + 1);
    }

    public void Dispose() => _draft.Dispose();

    /// <summary>Names the type and nothing of the content.</summary>
    public override string ToString() => nameof(RecoveryChange);

    /// <summary>Whether the Store has said that it wrote nothing. Of an answer that was lost, or is none, nobody knows.</summary>
    internal static bool IsRefusal(KeyladderException e) =>
        e is RefusedException || e.Reason is FailureReason.SignInFailed or FailureReason.AccountExists or FailureReason.TooManyRequests or FailureReason.SignUpClosed;

    /// <summary>After an answer that was lost, or is none: asks the Store with the new key. The Guardian's new record stays either way: what was sent may still arrive, and would name it.</summary>
    /// <exception cref="KeyladderException">Nothing has changed; or there is no telling.</exception>
    internal static async Task RequireLandedAsync(RecordDraft draft, ServiceHttp http, KeyladderException loss)
    {
        bool landed;
        try
        {
            landed = await draft.HasLandedAsync().ConfigureAwait(false);
        }
        catch (KeyladderException)
        {
            throw RecoveryFailures.ChangeUnknown(loss);
        }

        if (!landed)
            throw loss.Reason == FailureReason.Unreachable ? RecoveryFailures.Unreachable(http, loss) : loss;
    }
}
