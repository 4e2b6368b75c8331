using Keyladder.Cryptography.Heads;
using Keyladder.Keys.Hierarchy;

namespace Keyladder.Client;

/// <summary>
/// The two witnesses of an open Vault (docs/spec/witness.md): the Keystore's newest head lies sealed at the Vault, the Vault's at the
/// Keystore. They are held against what is shown when the Vault is opened, and left at once then, at most once a minute while it is open, and
/// when it is closed.
/// </summary>
/// <param name="key">Belongs to this from here on.</param>
/// <param name="ofKeystore">Kept by the Vault.</param>
/// <param name="ofVault">Kept by the Keystore.</param>
/// <param name="time">Says what a minute is.</param>
internal sealed class Witnesses(WitnessKey key, Witness<KeystoreHead> ofKeystore, Witness<VaultHead> ofVault, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan Apart = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan LongestGoodbye = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly CancellationTokenSource _closing = new();
    private Task _leaving = Task.CompletedTask;
    private long? _left;
    private volatile IntegrityException? _alarm;

    // What the person goes on with: a service that keeps showing it must not take the Vault away after all.
    private Hash256[] _accepted = [];

    /// <summary>Holds both witnesses against what the two services show.</summary>
    /// <param name="vaultHead">Number of the Vault's newest head: with the first one, and no witness anywhere, the Vault was just made.</param>
    /// <param name="accepted">What the person was shown and goes on with all the same; null if nothing.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="IntegrityException">Freshness is not proven, or what is shown cannot be true.</exception>
    public async Task RequireProvenAsync(long vaultHead, string? accepted, CancellationToken cancellationToken)
    {
        WitnessFinding?[] both =
        [
            await ofKeystore.CompareAsync(cancellationToken).ConfigureAwait(false),
            await ofVault.CompareAsync(cancellationToken).ConfigureAwait(false),
        ];
        WitnessFinding[] found = [.. both.OfType<WitnessFinding>()];
        if (found.Length == 0 || (vaultHead == 1 && both.All(each => each?.Fault == WitnessFault.Missing)))
            return;
        var alarm = Alarms.FreshnessUnproven(found);
        if (alarm.Choice != accepted)
            throw alarm;
        _accepted = [.. found.Select(finding => finding.Mark)];
    }

    /// <summary>Leaves the newest heads at both services, if it can; what cannot be left now is left another time.</summary>
    public async Task LeaveAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
            _left = time.GetTimestamp();
        // Both at once: neither service waits for the other one's answer.
        await Task.WhenAll(
            LeaveAsync(ofKeystore.LeaveAsync, cancellationToken), LeaveAsync(ofVault.LeaveAsync, cancellationToken)).ConfigureAwait(false);
    }

    /// <summary>Leaves them in the background, a minute after the last time; before the first time, when nothing is proven yet, never.</summary>
    public void LeaveSoon()
    {
        lock (_lock)
        {
            if (_left is { } left && _leaving.IsCompleted && !_closing.IsCancellationRequested)
                _leaving = LeaveWhenDueAsync(left, _closing.Token);
        }
    }

    /// <summary>Tells what was found out since the last time, when another client had left its witness first.</summary>
    /// <exception cref="IntegrityException">What was found.</exception>
    public void ThrowIfUnproven()
    {
        if (_alarm is { } alarm)
            throw alarm;
    }

    /// <summary>Leaves them for the last time; waits a second at most.</summary>
    public async Task CloseAsync()
    {
        await _closing.CancelAsync().ConfigureAwait(false);
        Task leaving;
        lock (_lock)
            leaving = _leaving;
        await leaving.ConfigureAwait(false);
        if (_left is null)
            return;
        using var limit = new CancellationTokenSource(LongestGoodbye, time);
        await LeaveAsync(limit.Token).ConfigureAwait(false);
    }

    public void Dispose()
    {
        key.Dispose();
        _closing.Dispose();
    }

    private async Task LeaveWhenDueAsync(long last, CancellationToken cancellationToken)
    {
        try
        {
            if (Apart - time.GetElapsedTime(last) is { Ticks: > 0 } wait)
                await Task.Delay(wait, time, cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return;
        }

        await LeaveAsync(cancellationToken).ConfigureAwait(false);
    }

    private async Task LeaveAsync(Func<CancellationToken, Task<WitnessFinding?>> leave, CancellationToken cancellationToken)
    {
        try
        {
            if (await leave(cancellationToken).ConfigureAwait(false) is { Fault: not WitnessFault.Unanswered } finding && !_accepted.Contains(finding.Mark))
                _alarm = Alarms.FreshnessUnproven([finding]);
        }
        catch (IntegrityException e)
        {
            _alarm = e;
        }
        catch (Exception e) when (e is KeyladderException or OperationCanceledException or ObjectDisposedException)
        {
            // Down, busy or gone: what was witnessed before stands.
        }
    }
}
