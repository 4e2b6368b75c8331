using Keyladder.Cryptography;
using Keyladder.Cryptography.Heads;

namespace Keyladder.Client;

/// <summary>
/// What a client does where the service shows a head that does not follow what the device has seen (docs/spec/heads.md section 6). It follows
/// where the account itself gave that up; it asks where the service says that it was restored, and has the answer signed into the next head;
/// everything else stays an alarm.
/// </summary>
internal abstract class GoingBack<THead>(RootOfTrust<THead> trust, HeadWatch<THead> pinned, TimeProvider time)
    where THead : Head, IHead<THead>
{
    private const int Tries = 5;

    /// <param name="seen">What the device has seen.</param>
    /// <param name="restored">The restore number that the service showed.</param>
    /// <param name="chosen">What the person was shown and chose; null where they were not asked.</param>
    /// <param name="alarm">What was found.</param>
    /// <param name="cancellationToken">Ends the call; the choice may have landed.</param>
    /// <returns>What to tell, if the account had chosen already; whether the pin has moved, else it is an alarm.</returns>
    /// <exception cref="RestoredException">The person has not chosen, or chose something else than the service shows now.</exception>
    public async Task<(bool IsAccepted, RestoreNotice? Notice)> TryAcceptAsync(
        HeadPin seen, long restored, RestoredException? chosen, IntegrityException alarm, CancellationToken cancellationToken)
    {
        for (var tries = 0; tries < Tries; tries++)
        {
            // As a device that has seen none.
            var watch = WatchFromNothing();
            var (head, shown, audit) = await ReadAsync(watch, alarm, cancellationToken).ConfigureAwait(false);
            if (head.Head.Lost?.FirstOrDefault(each => each.Names(seen)) is { } lost)
            {
                await MoveAsync(seen, shown, restored).ConfigureAwait(false);
                return (true, RestoreNotice.Of(seen, lost));
            }

            if (restored <= seen.Restored)
                return (false, null);
            if (chosen?.SeenHash != seen.Hash || chosen.ShownHash != head.Hash)
                throw await DescribeAsync(watch, seen, alarm, cancellationToken).ConfigureAwait(false);

            var today = DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);
            var own = trust.Sign(await CompleteAsync(shown.Next(head, today, head.Head.Root, head.Head.Count), cancellationToken).ConfigureAwait(false) with
            {
                Audit = audit,
                Lost = [LostHead.Of(seen, head.Head.Number), .. (head.Head.Lost ?? []).Take(LostHead.Most - 1)],
            });
            if (await TryWriteAsync(own, cancellationToken).ConfigureAwait(false))
            {
                await MoveAsync(seen, watch.Verify(shown, own.Jws, []).Pin, restored).ConfigureAwait(false);
                return (true, null);
            }
        }

        throw Failures.Conflict();
    }

    /// <summary>The same account's heads, seen by a device that has seen none.</summary>
    protected abstract HeadWatch<THead> WatchFromNothing();

    /// <summary>All that the service shows, for the person to choose about.</summary>
    /// <param name="watch">Has accepted the head that is shown.</param>
    /// <param name="seen">What the device has seen.</param>
    /// <param name="alarm">What was found.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    protected abstract Task<RestoredException> DescribeAsync(
        HeadWatch<THead> watch, HeadPin seen, IntegrityException alarm, CancellationToken cancellationToken);

    /// <summary>Gives the head that follows what is shown what it has besides objects and chain, where that went back too.</summary>
    protected virtual ValueTask<THead> CompleteAsync(THead next, CancellationToken cancellationToken) => ValueTask.FromResult(next);

    /// <summary>Sends a head that changes no object.</summary>
    /// <returns>False where another one came first.</returns>
    protected abstract Task<bool> TryWriteAsync(SignedHead<THead> own, CancellationToken cancellationToken);

    /// <summary>Has this device remember what it goes on from. Landed, or chosen long ago: no cancellation from here on.</summary>
    protected virtual async Task MoveAsync(HeadPin seen, HeadPin next, long restored)
    {
        next = next with { Restored = Math.Max(seen.Restored, restored) };
        if (!await pinned.MoveAsync(seen, next, CancellationToken.None).ConfigureAwait(false))
            throw Failures.Conflict();
    }

    // What cannot be read from nothing either is no answer to the alarm that there was.
    private static async Task<(SignedHead<THead> Head, HeadPin Pin, Hash256 Audit)> ReadAsync(
        HeadWatch<THead> watch, IntegrityException alarm, CancellationToken cancellationToken)
    {
        try
        {
            return await watch.ReadAccountAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (KeyladderException e) when (e.Reason is FailureReason.Integrity or FailureReason.SessionEnded)
        {
            throw alarm;
        }
    }
}
