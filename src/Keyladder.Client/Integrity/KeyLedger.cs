using Keyladder.Cryptography;
using Keyladder.Cryptography.Heads;
using Keyladder.Protocol.Keystore;

namespace Keyladder.Client;

/// <summary>
/// The account's keys at the service, read and written with proofs. A read costs one call, a write one more, whatever else the account
/// holds: neither needs the rest of the tree (docs/spec/heads.md section 5, "A write").
/// </summary>
internal sealed class KeyLedger(RootOfTrust trust, KeystoreCalls calls, HeadWatch watch, TimeProvider time)
{
    private const int Tries = 10;

    private readonly SemaphoreSlim _turn = new(1, 1);

    /// <summary>What the account holds under these ids, at most <see cref="KeystoreRoutes.MaxObjects"/>.</summary>
    public Task<ProvenKeys> FetchAsync(IReadOnlyCollection<KeyId> ids, CancellationToken cancellationToken) =>
        watch.ReadAsync(
            since => calls.FetchKeysAsync(ids, since, cancellationToken),
            answer => (answer.Head, answer.Chain),
            (answer, head, pin) => Proven(ids, answer, head, pin),
            cancellationToken);

    /// <summary>One write of this client at a time: two would only make each other lose.</summary>
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

    /// <param name="ids">What the write may touch.</param>
    /// <param name="plan">Says what to change, given what is there. It is asked again each time another device came first.</param>
    /// <param name="cancellationToken">Once the head is under way, whether it landed is not known; the next read tells.</param>
    /// <returns>What was written; nothing if the plan found nothing to change.</returns>
    public Task<Written> WriteAsync(
        IReadOnlyCollection<KeyId> ids, WritePlan plan, CancellationToken cancellationToken) =>
        InTurnAsync(() => WriteInTurnAsync(ids, plan, cancellationToken), cancellationToken);

    private async Task<Written> WriteInTurnAsync(
        IReadOnlyCollection<KeyId> ids, WritePlan plan, CancellationToken cancellationToken)
    {
        var there = await FetchAsync(ids, cancellationToken).ConfigureAwait(false);
        for (var losses = 0; losses < Tries; losses++)
        {
            // The loser's answer holds what the second try needs; only who keeps losing steps aside.
            if (losses > 1)
                await Backoff.WaitAsync(losses - 1, time, cancellationToken).ConfigureAwait(false);

            var changes = plan(there.Keys);
            if (changes.Count == 0)
                return new Written(there.Pin, there.Pin, there.Head, changes);

            var (root, count) = there.After(changes);
            var own = trust.Identity.Sign(there.Pin.Next(there.Head, Today(), root, count) with { Audit = there.Audit });
            var winner = await calls.WriteAsync(Request(own.Jws, changes), own.Head.Number, cancellationToken).ConfigureAwait(false);
            if (winner is null || winner.Head == own.Jws || winner.Chain.Contains(own.Jws))
                return await PinOwnAsync(there, own, changes).ConfigureAwait(false);

            var (head, pin) = watch.Verify(there.Pin, winner.Head, winner.Chain);
            var next = Proven(ids, winner, head, pin);
            there = await watch.MoveAsync(there.Pin, pin, cancellationToken).ConfigureAwait(false)
                ? next
                : await FetchAsync(ids, cancellationToken).ConfigureAwait(false);
        }

        throw Failures.Conflict();
    }

    private ProvenKeys Proven(IReadOnlyCollection<KeyId> ids, KeysResponse answer, SignedHead<KeystoreHead> head, HeadPin pin)
    {
        var audit = AuditTail.Continue(trust.Account, head.Head, answer.Events);
        return ProvenKeys.Verify(ids, answer.Keys, answer.Proof, head, pin) with { Audit = audit };
    }

    // Acknowledged: no cancellation from here on, so that this device does not forget what it has been promised. If the pin has moved,
    // another process has seen this head and pinned a later one.
    private async Task<Written> PinOwnAsync(ProvenKeys there, SignedHead<KeystoreHead> own, IReadOnlyList<KeyChange> changes)
    {
        var (_, pin) = watch.Verify(there.Pin, own.Jws, []);
        await watch.MoveAsync(there.Pin, pin, CancellationToken.None).ConfigureAwait(false);
        return new Written(there.Pin, pin, own, changes);
    }

    private DateOnly Today() => DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);

    private static WriteRequest Request(string head, IReadOnlyList<KeyChange> changes) => new(
        head,
        [.. from change in changes
            where change.Next is not null
            select new PutKeyMessage(change.Next!.ToMessage(), change.Last?.Leaf.ToArray())],
        [.. from change in changes where change.Next is null select new DeleteKeyMessage(change.Id.Value, change.Last!.Leaf.ToArray())]);
}

/// <summary>What to change, given what is there; nothing for no write.</summary>
internal delegate IReadOnlyList<KeyChange> WritePlan(IReadOnlyDictionary<KeyId, StoredKey> there);

/// <summary>A write that landed: from which head to which. <paramref name="Head"/> is the one it led to.</summary>
internal sealed record Written(HeadPin From, HeadPin To, SignedHead<KeystoreHead> Head, IReadOnlyList<KeyChange> Changes);
