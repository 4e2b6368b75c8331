using Keyladder.Cryptography;
using Keyladder.Cryptography.Heads;
using Keyladder.Protocol.Keystore;

namespace Keyladder.Client;

/// <summary>
/// What a client does at unlocking where the service shows a head that does not follow the pinned one (docs/spec/heads.md section 6). It
/// follows where the account itself gave up what is pinned; it asks where the service says that it was restored, and has the answer signed
/// into the next head; everything else stays an alarm.
/// </summary>
internal sealed class GoingBack(KeystoreTrust trust, KeystoreCalls calls, IPinStore pins, TimeProvider time)
{
    private const int Tries = 5;

    /// <param name="pin">What the device has seen.</param>
    /// <param name="restored">The restore number that the service showed.</param>
    /// <param name="chosen">What the person was shown and chose; null where they were not asked.</param>
    /// <param name="alarm">What was found.</param>
    /// <param name="cancellationToken">Ends the call; the choice may have landed.</param>
    /// <returns>What to tell, if the account had chosen already; whether the pin has moved, else it is an alarm.</returns>
    /// <exception cref="RestoredException">The person has not chosen, or chose something else than the service shows now.</exception>
    public async Task<(bool IsAccepted, RestoreNotice? Notice)> TryAcceptAsync(
        HeadPin pin, long restored, RestoredException? chosen, IntegrityException alarm, CancellationToken cancellationToken)
    {
        for (var tries = 0; tries < Tries; tries++)
        {
            // As a device that has seen none.
            var watch = new KeystoreWatch(trust, calls, new MemoryPinStore());
            var (head, shown, audit) = await ReadAsync(watch, alarm, cancellationToken).ConfigureAwait(false);
            if (head.Head.Lost?.FirstOrDefault(each => each.Names(pin)) is { } lost)
            {
                await MoveAsync(pin, shown, restored).ConfigureAwait(false);
                return (true, RestoreNotice.Of(pin, lost));
            }

            if (restored <= pin.Restored)
                return (false, null);
            if (chosen?.SeenHash != pin.Hash || chosen.There.At.Hash != head.Hash)
            {
                var there = new KeyCopy(trust, calls, watch, new KeyLedger(trust, calls, watch, time));
                await there.SyncAsync(cancellationToken).ConfigureAwait(false);
                throw new RestoredException(trust.Account, pin, there.Held, alarm);
            }

            var today = DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);
            var own = trust.Identity.Sign(shown.Next(head, today, head.Head.Root, head.Head.Count) with
            {
                Audit = audit,
                Lost = [LostHead.Of(pin, head.Head.Number), .. (head.Head.Lost ?? []).Take(LostHead.Most - 1)],
            });
            var winner = await calls.WriteAsync(new WriteRequest(own.Jws, [], []), own.Head.Number, cancellationToken).ConfigureAwait(false);
            if (winner is null || winner.Head == own.Jws || winner.Chain.Contains(own.Jws))
            {
                await MoveAsync(pin, watch.Verify(shown, own.Jws, []).Pin, restored).ConfigureAwait(false);
                return (true, null);
            }
        }

        throw Failures.Conflict();
    }

    // What cannot be read from nothing either is no answer to the alarm that there was.
    private static async Task<(SignedHead<KeystoreHead> Head, HeadPin Pin, Hash256 Audit)> ReadAsync(
        KeystoreWatch watch, IntegrityException alarm, CancellationToken cancellationToken)
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

    // Landed, or chosen long ago: no cancellation from here on.
    private async Task MoveAsync(HeadPin pin, HeadPin next, long restored)
    {
        next = next with { Restored = Math.Max(pin.Restored, restored) };
        if (!await pins.TryReplaceAsync(trust.Account, pin, next, CancellationToken.None).ConfigureAwait(false))
            throw Failures.Conflict();
    }
}
