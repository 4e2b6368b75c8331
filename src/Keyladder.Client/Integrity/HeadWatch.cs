using Keyladder.Cryptography.Heads;
using Keyladder.Keys.Hierarchy;

namespace Keyladder.Client;

/// <summary>
/// Which head counts (docs/spec/heads.md section 5, "Descent"): one that the account signed, that says what the unlock secret says, and
/// that descends from the one this device has pinned. The pin moves only from the very head that the new one was shown to descend from, so
/// that callers side by side, and other processes with the same pins, cannot be shown two histories.
/// </summary>
internal abstract class HeadWatch<THead>(RootOfTrust<THead> trust, IPinStore pins)
    where THead : Head, IHead<THead>
{
    private const int Tries = 8;

    private readonly SemaphoreSlim _turn = new(1, 1);

    /// <summary>The newest head, with what the service has to show of the account beside it, and what the next head signs for.</summary>
    public abstract Task<(SignedHead<THead> Head, HeadPin Pin, Hash256 Audit)> ReadAccountAsync(CancellationToken cancellationToken);

    /// <summary>One head of this client at a time: two would only make each other lose.</summary>
    public async Task<T> InTurnAsync<T>(Func<Task<T>> write, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return await write().ConfigureAwait(false);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>The newest head that this device has accepted; <see cref="HeadPin.None"/> if none.</summary>
    public async Task<HeadPin> GetPinAsync(CancellationToken cancellationToken) =>
        await pins.GetAsync(trust.Account, cancellationToken).ConfigureAwait(false) ?? HeadPin.None;

    /// <summary>
    /// Reads a head and the chain that leads from it to the pinned one, and lets it count as the newest. The pin does not move.
    /// </summary>
    /// <exception cref="IntegrityException">It leads elsewhere.</exception>
    public (SignedHead<THead> Head, HeadPin Pin) Verify(HeadPin since, string head, IEnumerable<string> chain)
    {
        var verified = VerifyDescent(since, head, chain);
        trust.RequireOwnSlot(verified.Head.Head);
        return verified;
    }

    /// <summary>
    /// The same from a head older than the pin. What comes of it may be older than the pin too, and count for nothing:
    /// <see cref="IsNewestAsync"/> tells.
    /// </summary>
    /// <exception cref="IntegrityException">It leads elsewhere.</exception>
    public (SignedHead<THead> Head, HeadPin Pin) VerifyDescent(HeadPin since, string head, IEnumerable<string> chain)
    {
        var newest = trust.Read(head);
        try
        {
            return (newest, HeadChain.Verify(since, newest, [.. chain.Select(ReadLink)], trust.Account, trust.Signer));
        }
        catch (Exception e) when (e is HeadRolledBackException or HeadForkedException && since.IsDeleted)
        {
            throw Alarms.Returned(newest.Head.Number, e);
        }
        catch (HeadRolledBackException e)
        {
            throw Alarms.RolledBack(e.Shown, e.Pinned, e);
        }
        catch (HeadForkedException e)
        {
            throw Alarms.Forked(e.Shown, e);
        }
    }

    /// <summary>
    /// Moves the pin to a head that was verified against exactly the head it stands on. A restore number that was shown stays shown, whoever was
    /// shown it.
    /// </summary>
    /// <returns>False if the pin stands elsewhere by now.</returns>
    public async Task<bool> MoveAsync(HeadPin from, HeadPin to, CancellationToken cancellationToken)
    {
        if (from.Hash == to.Hash && from.Restored == to.Restored)
            return true;
        var pin = await GetPinAsync(cancellationToken).ConfigureAwait(false);
        to = to with { Restored = Math.Max(pin.Restored, to.Restored) };
        return await pins.TryReplaceAsync(trust.Account, from, to, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Asks the service, verifies the head it answers with and what it shows beside it, and only then moves the pin. If the pin has moved
    /// meanwhile it asks again: an answer that was held against an older head proves nothing about the newer one.
    /// </summary>
    public async Task<T> ReadAsync<TAnswer, T>(
        Func<long, Task<TAnswer>> ask,
        Func<TAnswer, (string Head, string[] Chain)> headOf,
        Func<TAnswer, SignedHead<THead>, HeadPin, T> verify,
        CancellationToken cancellationToken)
    {
        for (var tries = 0; tries < Tries; tries++)
        {
            var pin = await GetPinAsync(cancellationToken).ConfigureAwait(false);
            var answer = await ask(pin.Number).ConfigureAwait(false);
            var (shown, chain) = headOf(answer);
            var (head, next) = Verify(pin, shown, chain);
            var result = verify(answer, head, next);
            if (await MoveAsync(pin, next, cancellationToken).ConfigureAwait(false))
                return result;
        }

        throw Failures.Conflict();
    }

    /// <summary>
    /// Whether a head that was shown to descend from an accepted but older one than the pin is the newest too. The chain then says nothing
    /// about the pin, so the pin is brought to the newest head by itself and the two are compared.
    /// </summary>
    /// <param name="pin">Where the pin stood when the service was asked.</param>
    /// <param name="from">The head that was named to it.</param>
    /// <param name="shown">The head that it showed.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>False if the account has moved on, so that the answer is to be asked for again.</returns>
    public async Task<bool> IsNewestAsync(HeadPin pin, HeadPin from, HeadPin shown, CancellationToken cancellationToken)
    {
        if (pin.Hash == from.Hash)
            return true;
        if (pin.IsDeleted)
            throw Alarms.Returned(shown.Number);
        if (shown.Number < pin.Number)
            throw Alarms.RolledBack(shown.Number, pin.Number);
        if (shown.Number > pin.Number)
            (_, pin, _) = await ReadAccountAsync(cancellationToken).ConfigureAwait(false);
        if (shown.Number == pin.Number && shown.Hash != pin.Hash)
            throw Alarms.Forked(shown.Number);
        return shown.Number == pin.Number;
    }

    /// <summary>
    /// The account's history, asked for from its beginning (docs/spec/heads.md section 4): that says nothing about what this device has
    /// seen, so its end is held against that.
    /// </summary>
    /// <returns>The heads of the chain, the oldest first, the newest last.</returns>
    public async Task<IReadOnlyList<SignedHead<THead>>> ReadHistoryAsync(CancellationToken cancellationToken)
    {
        for (var tries = 0; tries < Tries; tries++)
        {
            var (_, newest, _) = await ReadAccountAsync(cancellationToken).ConfigureAwait(false);
            var (shown, chain) = await ShowAsync(since: 0, cancellationToken).ConfigureAwait(false);
            var (head, whole) = VerifyDescent(HeadPin.None, shown, chain);
            if (await IsNewestAsync(newest, HeadPin.None, whole, cancellationToken).ConfigureAwait(false))
                return [.. chain.Select(ReadLink).Reverse(), head];
        }

        throw Failures.Conflict();
    }

    /// <summary>
    /// Whether a head that was seen elsewhere is the account's newest, comes before it, or was given up by the account itself
    /// (docs/spec/witness.md section 3). Unless it is the pinned one, the account is asked for anew, and the pin moves with it.
    /// </summary>
    /// <exception cref="IntegrityException">What the service shows cannot be true, whatever was seen.</exception>
    public async Task<bool> FollowsAsync(WitnessedHead seen, CancellationToken cancellationToken)
    {
        if (seen.Hash == (await GetPinAsync(cancellationToken).ConfigureAwait(false)).Hash)
            return true;
        for (var tries = 0; tries < Tries; tries++)
        {
            var (head, pin, _) = await ReadAccountAsync(cancellationToken).ConfigureAwait(false);
            if (seen.Hash == pin.Hash || head.Head.Lost?.Any(lost => lost.Names(seen.Number, seen.Hash)) is true)
                return true;
            if (seen.Number >= pin.Number)
                return false;
            var (shown, chain) = await ShowAsync(seen.Number, cancellationToken).ConfigureAwait(false);
            var newest = trust.Read(shown);
            if (newest.Hash != pin.Hash)
                continue;
            try
            {
                HeadChain.RequireDescent(seen.Number, seen.Hash, newest, [.. chain.Select(ReadLink)], trust.Account, trust.Signer);
                return true;
            }
            catch (HeadForkedException)
            {
                return false;
            }
        }

        throw Failures.Conflict();
    }

    public static SignedHead<THead> ReadLink(string jws) =>
        THead.TryRead(jws, out var head) ? head : throw Alarms.HeadInvalid("a head of the chain", "is not in the form of one");

    /// <summary>Asks for the newest head and the chain that leads from it to an older one.</summary>
    protected abstract Task<(string Head, string[] Chain)> ShowAsync(long since, CancellationToken cancellationToken);
}
