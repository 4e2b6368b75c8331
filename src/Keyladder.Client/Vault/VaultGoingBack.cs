using Keyladder.Cryptography;
using Keyladder.Cryptography.Heads;
using Keyladder.Protocol.Vault;
using HeldItems = Keyladder.Client.HeldObjects<Keyladder.Cryptography.Heads.VaultHead, Keyladder.Client.StoredObject>;

namespace Keyladder.Client;

/// <summary>
/// Brings a Vault's copy to the newest head, also where the Vault was restored and the account, or the person here, has chosen so
/// (docs/spec/heads.md section 6). What the device has seen is its pin, and what its copy stands at: neither is given up unasked.
/// </summary>
internal sealed class VaultGoingBack(
    VaultTrust trust, VaultKeys keys, VaultCalls calls, VaultWatch watch, VaultCopy copy, ItemSealing sealing, TimeProvider time)
    : GoingBack<VaultHead>(trust, watch, time)
{
    private const int Tries = 5;

    private readonly VaultTrust _trust = trust;
    private readonly VaultWatch _watch = watch;

    /// <summary>What the person has chosen.</summary>
    public VaultChoice Choice { get; set; } = new();

    /// <summary>What they are to be told; null for nothing.</summary>
    public RestoreNotice? Notice { get; private set; }

    /// <summary>What was held here and what the Vault showed, when it last went back; null where it never has.</summary>
    public ItemSides? Sides { get; private set; }

    /// <summary>As <see cref="VaultCopy.SyncAsync"/>.</summary>
    /// <exception cref="RestoredException">The Vault has gone back, and says that it was restored: the person chooses.</exception>
    public async Task<IReadOnlyCollection<ObjectName>> SyncAsync(CancellationToken cancellationToken)
    {
        var pin = await _watch.GetPinAsync(cancellationToken).ConfigureAwait(false);
        IReadOnlyCollection<ObjectName> changed;
        try
        {
            changed = await copy.SyncAsync(cancellationToken).ConfigureAwait(false);
            Notice = RestoreNotice.Of(pin, copy.Head!.Head, calls.Restored) ?? Notice;
        }
        catch (IntegrityException e) when (IsOtherHistory(e))
        {
            changed = await GoBackAsync(pin, e, cancellationToken).ConfigureAwait(false);
        }

        // From here on the number is no news. Where another process was first, the next call keeps it.
        pin = await _watch.GetPinAsync(cancellationToken).ConfigureAwait(false);
        if (calls.Restored > pin.Restored)
            await _watch.MoveAsync(pin, pin with { Restored = calls.Restored }, cancellationToken).ConfigureAwait(false);
        return changed;
    }

    /// <summary>Whether the copy stands where this device's pin does, and the Vault was not restored since that moved.</summary>
    public async Task<bool> IsAtPinAsync(CancellationToken cancellationToken)
    {
        var pin = await _watch.GetPinAsync(cancellationToken).ConfigureAwait(false);
        return pin.Hash == copy.At.Hash && calls.Restored <= pin.Restored;
    }

    protected override HeadWatch<VaultHead> WatchFromNothing() => new VaultWatch(_trust, calls, new MemoryPinStore());

    protected override async Task<RestoredException> DescribeAsync(
        HeadWatch<VaultHead> watch, HeadPin seen, IntegrityException alarm, CancellationToken cancellationToken)
    {
        var there = await CopyAnewAsync((VaultWatch)watch, cancellationToken).ConfigureAwait(false);
        var (vault, items) = (keys.Service.Origin.Address, new ItemSides(sealing, Held, there.Held));
        return new RestoredException(_trust.Account, seen, vault, items, alarm);
    }

    /// <summary>A DEK that was replaced since the backup stays replaced: what the Keystore has is asked, for this device may not have heard of it.</summary>
    protected override async ValueTask<VaultHead> CompleteAsync(VaultHead next, CancellationToken cancellationToken)
    {
        await keys.RefreshAsync(cancellationToken).ConfigureAwait(false);
        return next with { Dek = keys.SealingName ?? next.Dek };
    }

    protected override async Task<bool> TryWriteAsync(SignedHead<VaultHead> own, CancellationToken cancellationToken) =>
        await calls.WriteAsync(new ObjectWriteRequest(own.Jws, [], []), own.Head.Number, cancellationToken).ConfigureAwait(false) is not null;

    /// <summary>What the copy stands at is given up with the copy; only a pin is there to be moved.</summary>
    protected override async Task MoveAsync(HeadPin seen, HeadPin next, long restored)
    {
        if ((await _watch.GetPinAsync(CancellationToken.None).ConfigureAwait(false)).Hash == seen.Hash)
            await base.MoveAsync(seen, next, restored).ConfigureAwait(false);
    }

    // A Vault that is opened anew, on a device that keeps no copy, has what the one before it held.
    private HeldItems? Held =>
        copy.Head is not null ? copy.Held : Choice.Restored is { } chosen && chosen.Account == _trust.Account ? chosen.Sides?.Held : null;

    private async Task<IReadOnlyCollection<ObjectName>> GoBackAsync(HeadPin pin, IntegrityException alarm, CancellationToken cancellationToken)
    {
        var (held, at) = (Held, copy.At);
        var hasMet = HasMet(pin, at);
        HeldItems? restored = null;
        if (pin.Number > 0 && !await IsFollowedAsync(pin, cancellationToken).ConfigureAwait(false))
            await AcceptAsync(pin).ConfigureAwait(false);
        else if (hasMet)
            throw alarm; // asked otherwise, the Vault shows what follows: nothing went back
        if (!hasMet && !await IsFollowedAsync(at, cancellationToken).ConfigureAwait(false))
            await AcceptAsync(at).ConfigureAwait(false);
        for (var tries = 0; tries < Tries; tries++)
        {
            // From nothing, and the newest by what is pinned now.
            var there = await CopyAnewAsync(_watch, cancellationToken).ConfigureAwait(false);
            if (!hasMet && there.Head!.Head.Lost?.FirstOrDefault(each => each.Names(at)) is { } lost)
                (hasMet, Notice) = (true, RestoreNotice.Of(at, lost));
            if (hasMet || await LeadsAsync(at, there.At, cancellationToken).ConfigureAwait(false))
            {
                Sides = new ItemSides(sealing, held, restored);
                return copy.Adopt(there);
            }

            await AcceptAsync(at).ConfigureAwait(false);
        }

        throw Failures.Conflict();

        async Task AcceptAsync(HeadPin seen)
        {
            var (isAccepted, notice) = await TryAcceptAsync(seen, calls.Restored, Choice.Restored, alarm, cancellationToken).ConfigureAwait(false);
            if (!isAccepted)
                throw alarm;
            Notice = notice ?? Notice;
            restored = notice is null ? Choice.Restored!.Sides!.Restored : null;
        }
    }

    /// <summary>Whether the pin comes after what the copy stands at: then it speaks for both.</summary>
    private static bool HasMet(HeadPin pin, HeadPin at) =>
        at.Number == 0 || at.Hash == pin.Hash || pin.Followed.Contains(at.Hash) || pin.Ancestors.Contains(at.Hash);

    private async Task<bool> IsFollowedAsync(HeadPin seen, CancellationToken cancellationToken) =>
        await ShowAsync(seen, cancellationToken).ConfigureAwait(false) is not null;

    /// <summary>Whether the very head that was accepted follows what the copy stands at.</summary>
    private async Task<bool> LeadsAsync(HeadPin at, HeadPin to, CancellationToken cancellationToken) =>
        (await ShowAsync(at, cancellationToken).ConfigureAwait(false))?.Hash == to.Hash;

    /// <returns>The head that the Vault shows as the newest; null where it does not follow what was seen.</returns>
    private async Task<HeadPin?> ShowAsync(HeadPin seen, CancellationToken cancellationToken)
    {
        var shown = await calls.FetchAsync([], seen.Number, cancellationToken).ConfigureAwait(false);
        try
        {
            return _watch.VerifyDescent(seen, shown.Head, shown.Chain).Pin;
        }
        catch (IntegrityException e) when (IsOtherHistory(e))
        {
            return null;
        }
    }

    /// <summary>All that the Vault shows, complete and with every attribute, and the keys that open it.</summary>
    private async Task<VaultCopy> CopyAnewAsync(VaultWatch by, CancellationToken cancellationToken)
    {
        var there = new VaultCopy(_trust, calls, by, sealing, file: null, isWhole: true);
        await there.SyncAsync(cancellationToken).ConfigureAwait(false);
        if (there.Items.Any(stored => keys.Find(stored.Dek) is null))
            await keys.RefreshAsync(cancellationToken).ConfigureAwait(false);
        return there;
    }

    private static bool IsOtherHistory(IntegrityException e) => e.Alarm is Alarm.RolledBack or Alarm.Forked;
}

/// <summary>What the person was told, and goes on with.</summary>
/// <param name="Unproven"><see cref="IntegrityException.Choice"/> of what they were told of freshness; null for nothing.</param>
/// <param name="Restored">What they were told of a restore; null for nothing.</param>
/// <param name="PutBack">Whether what that took is put back.</param>
internal sealed record VaultChoice(string? Unproven = null, RestoredException? Restored = null, bool PutBack = false);
