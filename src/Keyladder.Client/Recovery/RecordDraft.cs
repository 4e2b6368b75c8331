using System.Security.Cryptography;
using Keyladder.Cryptography;
using Keyladder.Cryptography.Secrets;
using Keyladder.Cryptography.Signing;
using Keyladder.Keys.Hierarchy;
using Keyladder.Keys.Recovery;
using Keyladder.Protocol;
using Keyladder.Protocol.PassphraseStore;

namespace Keyladder.Client;

/// <summary>A record that is about to be written: all its secrets made anew, and nothing kept by anyone but the Guardian once it was asked.</summary>
internal sealed class RecordDraft : IDisposable
{
    private readonly PassphraseStore _store;
    private readonly StretchedPassword _stretched;
    private readonly SecretBytes _evaluated;
    private readonly byte[] _oprfKey;
    private readonly byte[] _handleSeed;

    private RecordDraft(
        PassphraseStore store, Username username, RecoveryPlace place, GuardianPlace guardianPlace, byte[] handleSeed, StretchedPassword stretched, SecretBytes evaluated, EvaluateResponse answer)
    {
        (_store, Username, Place, GuardianPlace, _handleSeed, _stretched, _evaluated, _oprfKey) = (store, username, place, guardianPlace, handleSeed, stretched, evaluated, answer.Key);
        ServiceRandom = answer.Random;
    }

    public Username Username { get; }

    public RecoveryPlace Place { get; }

    public GuardianPlace GuardianPlace { get; }

    /// <summary>The Store's half of what words are made of.</summary>
    public byte[] ServiceRandom { get; }

    public RecoveryKey Key { get; } = RecoveryKey.Generate();

    public RecoveryCode Code { get; } = RecoveryCode.Generate();

    /// <param name="guardian">That it must stay with; null for the one that is expected of the Store, or whichever it names.</param>
    public static async Task<RecordDraft> CreateAsync(
        PassphraseStore store, Username username, RecoveryPassword password, RecoveryPlace place, Origin? guardian, CancellationToken cancellationToken)
    {
        var stretched = await password.StretchAsync(store.Origin, username, cancellationToken).ConfigureAwait(false);
        try
        {
            using var blinding = stretched.Blind();
            var answer = await PassphraseStore.ReachAsync(store.Calls.Http, () => store.Calls.EvaluateAsync(blinding, cancellationToken)).ConfigureAwait(false);
            if (answer.Random.Length != Keys.Passphrases.Words.JointRandomSize || answer.Key.Length == 0)
                throw Failures.InvalidAnswer(new Call(HttpMethod.Post, PassphraseStoreRoutes.Evaluations) { Repeatable = false }, "holds no key, or no random bytes");
            var seed = RandomNumberGenerator.GetBytes(RecoveryLimits.SeedBytes);
            var guardianPlace = new GuardianPlace(store.RequireGuardian(answer.Guardian, guardian), GuardianHandle.FromSeed(seed));
            var evaluated = PassphraseStore.Finalize(blinding, answer.Evaluated, ServiceKind.PassphraseStore);
            return new RecordDraft(store, username, place, guardianPlace, seed, stretched, evaluated, answer);
        }
        catch
        {
            stretched.Dispose();
            throw;
        }
    }

    /// <summary>Makes the Guardian's record, and then what the Store is to keep. What breaks off leaves a record at the Guardian that nothing names.</summary>
    public async Task<RecordMessage> WriteGuardianAsync(RecoveryKit kit, CancellationToken cancellationToken)
    {
        using var secret = ResetSecret.Generate();
        var (storeShare, guardianShare) = secret.Split(Code);
        using (storeShare)
        using (guardianShare)
        {
            using var blinding = _stretched.Blind();
            using var guardianKey = Key.DeriveGuardianKey(GuardianPlace);
            using var releaseKey = Code.DeriveReleaseKey(GuardianPlace);
            using var storeKey = Key.DeriveStoreKey(Place);
            var guardian = _store.GuardianAt(GuardianPlace.Guardian);
            var request = new CreateGuardianRecordRequest(
                _handleSeed,
                blinding.BlindedElement.ToArray(),
                guardianShare.DangerousSpan.ToArray(),
                guardianKey.PublicKey.Bytes.ToArray(),
                releaseKey.PublicKey.Bytes.ToArray());
            var answer = await PassphraseStore.ReachAsync(guardian.Http, () => guardian.CreateAsync(request, cancellationToken)).ConfigureAwait(false);
            using var second = PassphraseStore.Finalize(blinding, answer, ServiceKind.Guardian);
            using var slotKey = _stretched.DeriveSlotKey(_evaluated, second, Place);
            return new RecordMessage(
                _oprfKey,
                slotKey.Wrap(Key).Envelope,
                secret.Wrap(Key, Place).Envelope,
                Key.Seal(kit, Place),
                storeShare.DangerousSpan.ToArray(),
                GuardianPlace.Handle.Value,
                storeKey.PublicKey.Bytes.ToArray());
        }
    }

    /// <summary>Removes what was made at the Guardian for a record that did not come to be. Where that fails, it stays, and nothing names it.</summary>
    public async Task WithdrawGuardianAsync()
    {
        try
        {
            using var key = Key.DeriveGuardianKey(GuardianPlace);
            await _store.GuardianAt(GuardianPlace.Guardian).DeleteAsync(new RecoverySigner(GuardianPlace.Handle.Value, key), CancellationToken.None).ConfigureAwait(false);
        }
        catch (KeyladderException)
        {
            // It is of no use to anybody.
        }
    }

    /// <summary>Whether the Store has the record as it was drafted: its key, which nobody else has, says so.</summary>
    /// <exception cref="KeyladderException">There is no telling.</exception>
    public async Task<bool> HasLandedAsync()
    {
        try
        {
            using var key = Key.DeriveStoreKey(Place);
            await _store.Calls.SucceedAsync(new RecoverySigner(Place.Record.Value, key), CancellationToken.None).ConfigureAwait(false);
            return true;
        }
        catch (RefusedException e) when (e.Problem.Type == ProblemTypes.SignInRequired)
        {
            return false;
        }
    }

    public void Dispose()
    {
        _stretched.Dispose();
        _evaluated.Dispose();
        Key.Dispose();
        Code.Dispose();
    }
}
