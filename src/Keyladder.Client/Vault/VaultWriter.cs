using Keyladder.Cryptography;
using Keyladder.Cryptography.Heads;
using Keyladder.Protocol.Vault;

namespace Keyladder.Client;

/// <summary>
/// Writes to the Vault under the next head (docs/spec/heads.md section 5, "A write"): one round trip where no other device came first. Where
/// one did, what it wrote is read, and what was to be written is merged with it or becomes an item of its own (docs/spec/vault.md section 5).
/// </summary>
internal sealed class VaultWriter(
    VaultTrust trust, VaultKeys keys, VaultCalls calls, VaultWatch watch, VaultCopy copy, VaultGoingBack back, ItemReading reading, ItemSealing sealing, TimeProvider time)
{
    private const int Tries = 16;

    /// <summary>Stores drafts, all of them or none. To be called one at a time.</summary>
    /// <returns>What became of each, in their order.</returns>
    public Task<IReadOnlyList<WrittenItem>> PutAsync(IReadOnlyList<ItemDraft> drafts, CancellationToken cancellationToken)
    {
        var planned = drafts.Select(draft => (draft, ItemId.Generate())).ToList();
        return PutAsync(
            async () =>
            {
                var items = new List<(PlannedItem, IReadOnlyList<SealedChange>)>();
                foreach (var (draft, other) in planned)
                {
                    if (await TryReadAsync(draft, cancellationToken).ConfigureAwait(false) is not (true, var present))
                        return null;
                    var item = PlannedItem.Of(draft, present, other);
                    items.Add((item, Seal(item)));
                }

                return items;
            },
            cancellationToken);
    }

    /// <summary>Stores what waits under a number, all of it or nothing. What is sent is what waits, in the very bytes: then it is known again.</summary>
    /// <returns>What became of each.</returns>
    public Task<IReadOnlyList<WrittenItem>> PutAsync(VaultQueue queue, long write, CancellationToken cancellationToken) => PutAsync(
        async () =>
        {
            var items = new List<(PlannedItem, IReadOnlyList<SealedChange>)>();
            foreach (var change in queue.ChangesOf(write).Where(change => change.Next is not null))
            {
                if (await TryReadAsync(change.ToDraft(), cancellationToken).ConfigureAwait(false) is not (true, var present))
                    return null;
                items.Add(Plan(queue, change, present));
            }

            queue.Try(write);
            return items;
        },
        cancellationToken);

    /// <summary>Deletes items for good, with their attributes and versions: all of them or none.</summary>
    /// <param name="items">As they were read.</param>
    /// <param name="isLate">Whether it was asked for long ago: what has been changed or deleted since stays as it is then, and is no failure.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="KeyladderException">One has been changed since it was read, or does not exist.</exception>
    public Task DeleteAsync(IReadOnlyList<VaultItem> items, bool isLate, CancellationToken cancellationToken) => WriteAsync(
        () => Task.FromResult<IReadOnlyList<SealedChange>?>(
            [.. items.Where(item => !isLate || copy.Leaves.GetValueOrDefault(item.Id) == item.Stored.Leaf).SelectMany(PlanDeletion)]),
        cancellationToken);

    /// <summary>Has the account's head name the DEK that seals now: who writes after it follows.</summary>
    public Task NameKeyAsync(CancellationToken cancellationToken) => WriteAsync(() => Task.FromResult<VaultWrite?>(new VaultWrite([])), cancellationToken);

    /// <inheritdoc cref="WriteAsync(Func{Task{VaultWrite}}, CancellationToken)"/>
    public Task WriteAsync(Func<Task<IReadOnlyList<SealedChange>?>> plan, CancellationToken cancellationToken) => WriteAsync(
        async () => await plan().ConfigureAwait(false) is { } changes ? new VaultWrite(changes) : null, cancellationToken);

    /// <param name="plan">What to change, given what is there; null where the account has moved on while it looked.</param>
    /// <param name="cancellationToken">Once the head is under way, whether it landed is not known; the next read tells.</param>
    public async Task WriteAsync(Func<Task<VaultWrite?>> plan, CancellationToken cancellationToken)
    {
        for (var losses = 0; losses < Tries; losses++)
        {
            if (losses > 1)
                await Backoff.WaitAsync(losses - 1, time, cancellationToken).ConfigureAwait(false);
            if (copy.Head is null || losses > 0)
                await back.SyncAsync(cancellationToken).ConfigureAwait(false);
            // A head that this device has not met lets its write lose: so what it seals by a DEK that was replaced lands nowhere.
            if (!await keys.TryFollowAsync(copy.Head!.Head.Dek, cancellationToken).ConfigureAwait(false))
            {
                if (losses > 0)
                    throw Failures.VaultKeyNotThere();
                continue; // there may be a later head, with a later key
            }

            if (await plan().ConfigureAwait(false) is not { } write)
                continue;
            var changes = write.Changes;
            var dek = keys.SealingName ?? copy.Head.Head.Dek;
            if (write.IsEmpty && dek == copy.Head.Head.Dek)
                return;
            if (changes.Count > VaultRoutes.MaxObjects)
                throw Failures.NotAllowed("This is more than one write may hold.", $"Write at most {VaultRoutes.MaxObjects} items and attributes at once.");

            var tree = copy.Tree.With(changes.ToDictionary(change => change.Name.Path, change => change.Next?.Leaf));
            var own = trust.Sign(copy.At.Next(copy.Head, Today(), tree.Root, tree.Count) with { Audit = copy.Audit, Dek = dek });
            if (await calls.WriteAsync(Request(own.Jws, write), own.Head.Number, cancellationToken).ConfigureAwait(false) is not { } events)
                continue;

            // Acknowledged: no cancellation from here on, so that this device does not forget what it has been promised. If the pin has
            // moved, another process has seen this head and pinned a later one.
            var from = copy.At;
            var (_, to) = watch.VerifyDescent(from, own.Jws, []);
            await watch.MoveAsync(from, to, CancellationToken.None).ConfigureAwait(false);
            copy.Follow(own, to, tree, changes, events);
            return;
        }

        throw Failures.Conflict();
    }

    private async Task<IReadOnlyList<WrittenItem>> PutAsync(
        Func<Task<List<(PlannedItem Item, IReadOnlyList<SealedChange> Changes)>?>> plan, CancellationToken cancellationToken)
    {
        IReadOnlyList<WrittenItem> written = [];
        await WriteAsync(
            async () =>
            {
                if (await plan().ConfigureAwait(false) is not { } items)
                    return null;
                written = [.. items.Select(item => item.Item.Result)];
                return [.. items.SelectMany(item => item.Changes)];
            },
            cancellationToken).ConfigureAwait(false);
        return written;
    }

    private (PlannedItem Item, IReadOnlyList<SealedChange> Changes) Plan(VaultQueue queue, QueuedChange change, OpenedItem? present)
    {
        var draft = change.ToDraft();
        // Sent before its acknowledgement was lost: the other version is there already.
        if (copy.Find(change.Other) is not null)
            return (new PlannedItem(new WrittenItem(change.Id, change.Other)), []);
        if (present is not null && present != change.Base && queue.Landed(change, present) is { } landed)
            draft = draft with { Base = landed };

        var isGone = present is null && change.Base is null && queue.HasGivenUpIds(change.Write);
        var planned = isGone ? PlannedItem.OtherVersion(draft, change.Other) : PlannedItem.Of(draft, present, change.Other);
        if (planned.Draft == draft && present == change.Base && sealing.IsCurrent(change.Next!.Item))
            return (planned, change.ToSealed());
        var changes = Seal(planned);
        if (planned.Draft?.Id == change.Id)
            queue.Rebase(change, planned.Present, changes.Select(each => each.Next!));
        return (planned, changes);
    }

    private IReadOnlyList<SealedChange> Seal(PlannedItem planned) =>
        planned.Draft is null ? [] : sealing.Seal(planned.Draft, planned.Present, Today());

    /// <returns>What is there in place of what a draft began from; false where the account has moved on while it was read.</returns>
    private async Task<(bool IsRead, OpenedItem? Present)> TryReadAsync(ItemDraft draft, CancellationToken cancellationToken)
    {
        if (copy.Find(draft.Id) is not { } there)
            return (true, null);
        if (there.Leaf == draft.Base?.Item.Stored.Leaf)
            return (true, draft.Base);
        return await reading.TryOpenAsync([sealing.Open(there)], cancellationToken).ConfigureAwait(false) is [var opened] ? (true, opened) : (false, null);
    }

    private IEnumerable<SealedChange> PlanDeletion(VaultItem item)
    {
        ObjectName name = item.Id;
        if (!copy.Leaves.TryGetValue(name, out var leaf))
            throw Failures.NoSuchItem(item.Id);
        if (leaf != item.Stored.Leaf)
            throw Failures.ItemChanged(item.Id);
        yield return new SealedChange(name, leaf, Next: null);
        foreach (var entry in item.Overview.Attributes)
        {
            if (copy.Leaves.TryGetValue(entry.Id, out var listed))
                yield return new SealedChange(entry.Id, listed, Next: null);
        }
    }

    private DateOnly Today() => DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);

    private static ObjectWriteRequest Request(string head, VaultWrite write) => new(
        head,
        [.. from change in write.Changes where change.Next is not null select new PutObjectMessage(change.Next!.ToMessage(), change.Last?.ToArray())],
        [.. from change in write.Changes where change.Next is null select new DeleteObjectMessage(change.Name.Kind, change.Name.Id, change.Last!.Value.ToArray())],
        write.Channels.Count == 0 ? null : [.. write.Channels],
        write.Letters.Count == 0 ? null : [.. write.Letters],
        write.Taken.Count == 0 ? null : [.. write.Taken]);
}

/// <summary>What lands with one head: objects, and what goes between the account and the guests of its channels.</summary>
/// <param name="Changes">Of objects.</param>
internal sealed record VaultWrite(IReadOnlyList<SealedChange> Changes)
{
    public IReadOnlyList<ChannelMessage> Channels { get; init; } = [];

    public IReadOnlyList<GivenLetterMessage> Letters { get; init; } = [];

    /// <summary>Letters of guests that are done with.</summary>
    public IReadOnlyList<Guid> Taken { get; init; } = [];

    public bool IsEmpty => Changes.Count + Channels.Count + Letters.Count + Taken.Count == 0;
}
