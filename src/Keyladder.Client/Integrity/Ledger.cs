using Keyladder.Cryptography.Heads;

namespace Keyladder.Client;

/// <summary>
/// The account's objects at the service, read and written with proofs. A read costs one call, a write one more, whatever else the account
/// holds: neither needs the rest of the tree (docs/spec/heads.md section 5, "A write").
/// </summary>
internal abstract class Ledger<THead, TObject>(RootOfTrust<THead> trust, HeadWatch<THead> watch, TimeProvider time)
    where THead : Head, IHead<THead>
    where TObject : class, IStoredObject
{
    private const int Tries = 10;

    /// <summary>What the account holds under these names, at most a thousand.</summary>
    public Task<ProvenObjects<THead, TObject>> FetchAsync(IReadOnlyCollection<ObjectName> names, CancellationToken cancellationToken) =>
        watch.ReadAsync(
            since => ShowAsync(names, since, cancellationToken),
            answer => (answer.Head, answer.Chain),
            (answer, head, pin) => Proven(names, answer, head, pin),
            cancellationToken);

    /// <param name="names">What the write may touch.</param>
    /// <param name="plan">Says what to change, given what is there. It is asked again each time another device came first.</param>
    /// <param name="cancellationToken">Once the head is under way, whether it landed is not known; the next read tells.</param>
    /// <returns>What was written; nothing if the plan found nothing to change.</returns>
    public Task<Written<THead, TObject>> WriteAsync(
        IReadOnlyCollection<ObjectName> names, WritePlan<TObject> plan, CancellationToken cancellationToken) =>
        watch.InTurnAsync(() => WriteInTurnAsync(names, plan, cancellationToken), cancellationToken);

    /// <summary>Asks for what is there under some names, and for the way from the newest head to an older one.</summary>
    protected abstract Task<ShownObjects<TObject>> ShowAsync(
        IReadOnlyCollection<ObjectName> names, long since, CancellationToken cancellationToken);

    /// <summary>Sends a head with the changes that it signs for.</summary>
    /// <returns>Null if it landed; otherwise what came first, for the names of the changes.</returns>
    protected abstract Task<ShownObjects<TObject>?> SendAsync(
        SignedHead<THead> head, IReadOnlyList<ObjectChange<TObject>> changes, CancellationToken cancellationToken);

    private async Task<Written<THead, TObject>> WriteInTurnAsync(
        IReadOnlyCollection<ObjectName> names, WritePlan<TObject> plan, CancellationToken cancellationToken)
    {
        var there = await FetchAsync(names, cancellationToken).ConfigureAwait(false);
        for (var losses = 0; losses < Tries; losses++)
        {
            // The loser's answer holds what the second try needs; only who keeps losing steps aside.
            if (losses > 1)
                await Backoff.WaitAsync(losses - 1, time, cancellationToken).ConfigureAwait(false);

            var changes = plan(there.Objects);
            if (changes.Count == 0)
                return new Written<THead, TObject>(there.Pin, there.Pin, there.Head, changes);

            var (root, count) = there.After(changes);
            var own = trust.Sign(there.Pin.Next(there.Head, Today(), root, count) with { Audit = there.Audit });
            var winner = await SendAsync(own, changes, cancellationToken).ConfigureAwait(false);
            if (winner is null || winner.Head == own.Jws || winner.Chain.Contains(own.Jws))
                return await PinOwnAsync(there, own, changes).ConfigureAwait(false);

            var (head, pin) = watch.Verify(there.Pin, winner.Head, winner.Chain);
            var next = Proven(names, winner, head, pin);
            there = await watch.MoveAsync(there.Pin, pin, cancellationToken).ConfigureAwait(false)
                ? next
                : await FetchAsync(names, cancellationToken).ConfigureAwait(false);
        }

        throw Failures.Conflict();
    }

    private ProvenObjects<THead, TObject> Proven(
        IReadOnlyCollection<ObjectName> names, ShownObjects<TObject> answer, SignedHead<THead> head, HeadPin pin)
    {
        var audit = AuditTail.Continue(trust.Account, head.Head, answer.Events);
        return ProvenObjects<THead, TObject>.Verify(names, answer.Objects, answer.Proof, head, pin) with { Audit = audit };
    }

    // Acknowledged: no cancellation from here on, so that this device does not forget what it has been promised. If the pin has moved,
    // another process has seen this head and pinned a later one.
    private async Task<Written<THead, TObject>> PinOwnAsync(
        ProvenObjects<THead, TObject> there, SignedHead<THead> own, IReadOnlyList<ObjectChange<TObject>> changes)
    {
        var (_, pin) = watch.Verify(there.Pin, own.Jws, []);
        await watch.MoveAsync(there.Pin, pin, CancellationToken.None).ConfigureAwait(false);
        return new Written<THead, TObject>(there.Pin, pin, own, changes);
    }

    private DateOnly Today() => DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);
}

/// <summary>What to change, given what is there; nothing for no write.</summary>
internal delegate IReadOnlyList<ObjectChange<TObject>> WritePlan<TObject>(IReadOnlyDictionary<ObjectName, TObject> there)
    where TObject : class, IStoredObject;

/// <summary>A write that landed: from which head to which. <paramref name="Head"/> is the one it led to.</summary>
internal sealed record Written<THead, TObject>(
    HeadPin From, HeadPin To, SignedHead<THead> Head, IReadOnlyList<ObjectChange<TObject>> Changes)
    where THead : Head
    where TObject : class, IStoredObject;
