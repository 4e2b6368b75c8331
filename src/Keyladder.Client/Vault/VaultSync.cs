using Keyladder.Cryptography;
using Keyladder.Protocol;

namespace Keyladder.Client;

/// <summary>
/// Keeps what this device has of a Vault and the Vault itself alike: fetches what changed there, and sends what waits here. Where a copy is kept,
/// a Vault that cannot be reached is no failure: the copy is what there is. One call at a time.
/// </summary>
/// <param name="keys">Read again for a DEK that another device has made.</param>
/// <param name="copy">What is here.</param>
/// <param name="back">Fetches what is there, also where the Vault was restored.</param>
/// <param name="putBack">Puts back what that took, if the person has said so.</param>
/// <param name="sealing">Opens what is there.</param>
/// <param name="queue">What waits; null where no copy is kept.</param>
/// <param name="file">The copy on the disk; null where there is none.</param>
/// <param name="writer">Sends it.</param>
/// <param name="witnesses">What the two services say of each other.</param>
/// <param name="isProven">Whether they have been asked already.</param>
/// <param name="time">Says how long a Vault that did not answer is left alone.</param>
internal sealed class VaultSync(
    VaultKeys keys,
    VaultCopy copy,
    VaultGoingBack back,
    VaultPutBack putBack,
    ItemSealing sealing,
    VaultQueue? queue,
    StoreFile? file,
    VaultWriter writer,
    Witnesses witnesses,
    bool isProven,
    TimeProvider time)
{
    private static readonly TimeSpan LeftAlone = TimeSpan.FromSeconds(10);

    private bool _isProven = isProven;
    private bool _isUnproven;

    // Something here is sealed by a key that this device has not read yet.
    private bool _lacksKeys;

    // Whoever was away may have missed that a key was replaced: nothing is sealed for the Vault before that is known.
    private bool _hasFreshKeys = file?.Loaded.Head is null;
    private long _unreachable;

    /// <summary>What the person was told of freshness and goes on with; null for nothing.</summary>
    public string? Accepted { get; set; }

    /// <summary>Whether the Vault did not answer the last time.</summary>
    public bool IsOffline { get; private set; }

    /// <summary>Why something still waits although the Vault answers; null if nothing does.</summary>
    public KeyladderException? Refusal { get; private set; }

    /// <summary>Whether the copy was brought to a head that is proven, and the keys are here that open it.</summary>
    public bool IsSettled => _isProven && !_lacksKeys;

    /// <summary>Brings the copy to the newest head, and sends what waits.</summary>
    /// <param name="isRequired">Whether it must be the newest; else what is here will do.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The names of what is other than before.</returns>
    public async Task<IReadOnlyCollection<ObjectName>> RunAsync(bool isRequired, CancellationToken cancellationToken)
    {
        if (!isRequired && IsLeftAlone)
            return [];
        try
        {
            var changed = await FetchAsync(cancellationToken).ConfigureAwait(false);
            // Before what waits: that was written on top of it.
            changed = [.. changed, .. await putBack.RunIfChosenAsync(cancellationToken).ConfigureAwait(false)];
            await TrySendAsync(own: null, cancellationToken).ConfigureAwait(false);
            return changed;
        }
        catch (KeyladderException e) when (!isRequired && !_lacksKeys && IsNoFailure(e))
        {
            return [];
        }
    }

    /// <summary>Makes sure, before the first write, that it follows a state that is proven or was kept.</summary>
    public async Task BeginAsync(CancellationToken cancellationToken)
    {
        if (!_isProven)
            await RunAsync(isRequired: false, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Sends what waits, the oldest first.</summary>
    /// <param name="own">What the caller asks for: where it is refused, that is thrown. Null for none.</param>
    /// <param name="cancellationToken">Ends the call; what was not acknowledged still waits.</param>
    /// <returns>What became of <paramref name="own"/>, by item; null while it waits.</returns>
    public async Task<IReadOnlyDictionary<ItemId, WrittenItem>?> TrySendAsync(long? own, CancellationToken cancellationToken)
    {
        IReadOnlyDictionary<ItemId, WrittenItem>? sent = null;
        if (queue is null || (own is not null && IsLeftAlone))
            return sent;
        Refusal = null;
        foreach (var number in queue.Writes)
        {
            try
            {
                await RefreshKeysAsync(cancellationToken).ConfigureAwait(false);
                var results = await SendAsync(queue, number, isOwn: number == own, cancellationToken).ConfigureAwait(false);
                queue.Remove(number);
                if (number == own)
                    sent = results;
            }
            catch (KeyladderException e) when (IsNoFailure(e))
            {
                return sent;
            }
            catch (KeyladderException e) when (number != own && e.Reason is not (FailureReason.Integrity or FailureReason.Restored))
            {
                Refusal = e;
            }
        }

        return sent;
    }

    private bool IsLeftAlone => IsOffline && time.GetElapsedTime(_unreachable) < LeftAlone;

    /// <summary>Notes that the Vault does not answer.</summary>
    private bool IsNoFailure(KeyladderException e)
    {
        if (e.Reason != FailureReason.Unreachable || file is null || copy.Head is null || _isUnproven)
            return false;
        (IsOffline, _hasFreshKeys, _unreachable) = (true, false, time.GetTimestamp());
        return true;
    }

    private async Task RefreshKeysAsync(CancellationToken cancellationToken)
    {
        if (_hasFreshKeys)
            return;
        await keys.RefreshAsync(cancellationToken).ConfigureAwait(false);
        _hasFreshKeys = true;
    }

    private async Task<IReadOnlyCollection<ObjectName>> FetchAsync(CancellationToken cancellationToken)
    {
        var changed = await back.SyncAsync(cancellationToken).ConfigureAwait(false);
        (IsOffline, _isUnproven) = (false, !_isProven);
        _lacksKeys |= changed.Select(copy.Find).Any(stored => stored is not null && keys.Find(stored.Dek) is null);
        if (_lacksKeys)
        {
            await keys.RefreshAsync(cancellationToken).ConfigureAwait(false);
            _lacksKeys = false;
        }

        if (!_isProven)
        {
            await witnesses.RequireProvenAsync(copy.At.Number, Accepted, cancellationToken).ConfigureAwait(false);
            await witnesses.LeaveAsync(cancellationToken).ConfigureAwait(false);
            await TryKeepKeysAsync(cancellationToken).ConfigureAwait(false);
            (_isProven, _isUnproven) = (true, false);
            file?.Release();
        }

        return changed;
    }

    private async Task TryKeepKeysAsync(CancellationToken cancellationToken)
    {
        try
        {
            await keys.KeepAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (KeyladderException e) when (e.Reason == FailureReason.Unreachable)
        {
            // The Keystore went away meanwhile: what was kept before opens what is kept of the Vault, which no other key has sealed yet.
        }
    }

    private async Task<IReadOnlyDictionary<ItemId, WrittenItem>> SendAsync(VaultQueue queue, long write, bool isOwn, CancellationToken cancellationToken)
    {
        var written = await PutAsync(queue, write, cancellationToken).ConfigureAwait(false);
        VaultItem[] deleted = [.. queue.ChangesOf(write).Where(change => change.Next is null).Select(ToDelete).OfType<VaultItem>()];
        if (deleted.Length > 0)
            await writer.DeleteAsync(deleted, isLate: !isOwn, cancellationToken).ConfigureAwait(false);
        return written.ToDictionary(result => result.Id);
    }

    private async Task<IReadOnlyList<WrittenItem>> PutAsync(VaultQueue queue, long write, CancellationToken cancellationToken)
    {
        var wasTried = queue.IsTried(write);
        try
        {
            return await writer.PutAsync(queue, write, cancellationToken).ConfigureAwait(false);
        }
        catch (RefusedException e) when (e.Problem.Type == ProblemTypes.HeadRejected && wasTried && queue.GiveUpIds(write))
        {
            return await writer.PutAsync(queue, write, cancellationToken).ConfigureAwait(false);
        }
    }

    // What was sent before it was deleted here may be there by now, without an answer having said so.
    private VaultItem? ToDelete(QueuedChange change) =>
        copy.Find(change.Id) is { } stored && change.IsKnown(stored.Leaf) ? sealing.Open(stored) : change.Base?.Item;
}
