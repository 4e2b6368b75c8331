using Keyladder.Cryptography;
using Keyladder.Cryptography.Heads;

namespace Keyladder.Client;

/// <summary>What the calls of a Vault do while they have their turn: one at a time.</summary>
internal sealed class VaultWork(VaultKeys keys, VaultCopy copy, VaultGoingBack back, ItemSealing sealing, VaultView view, VaultQueue? queue, VaultSync sync, VaultWriter writer)
{
    private const int Tries = 8;

    /// <inheritdoc cref="VaultSync.RunAsync"/>
    public async Task<IReadOnlyCollection<ObjectName>> SyncAsync(bool isRequired, CancellationToken cancellationToken)
    {
        var changed = await sync.RunAsync(isRequired, cancellationToken).ConfigureAwait(false);
        view.Forget(changed.Where(name => name.Kind == ObjectKind.Item).Select(name => new ItemId(name.Id)));
        return changed;
    }

    /// <summary>Opens items: in one call where no other device has written, because what is fetched of them shows which head is the newest.</summary>
    /// <param name="ids">All of them.</param>
    /// <param name="choose">Which items they are, once the copy is the newest.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public async Task<IReadOnlyList<OpenedItem>> OpenAsync(IReadOnlyCollection<ItemId> ids, Func<ItemId, VaultItem?> choose, CancellationToken cancellationToken) =>
        await TryOpenAtOnceAsync(ids, cancellationToken).ConfigureAwait(false)
        ?? await OpenAsync(() => [.. ids.Select(choose).OfType<VaultItem>()], cancellationToken).ConfigureAwait(false);

    /// <param name="choose">Which of the items that are there then.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public async Task<IReadOnlyList<OpenedItem>> OpenAsync(Func<IReadOnlyList<VaultItem>> choose, CancellationToken cancellationToken)
    {
        for (var tries = 0; tries < Tries; tries++)
        {
            await SyncAsync(isRequired: false, cancellationToken).ConfigureAwait(false);
            if (await view.TryOpenAsync(choose(), cancellationToken).ConfigureAwait(false) is { } opened)
                return opened;
        }

        throw Failures.Conflict();
    }

    /// <param name="id">Whose versions they are.</param>
    /// <param name="read">Given the item as it is now; null where the account has moved on while it looked.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public async Task<T> ReadVersionsAsync<T>(ItemId id, Func<VaultItem, Task<T?>> read, CancellationToken cancellationToken)
        where T : class
    {
        for (var tries = 0; tries < Tries; tries++)
        {
            await SyncAsync(isRequired: true, cancellationToken).ConfigureAwait(false);
            var present = view.ExistingThere(id);
            try
            {
                if (await read(present).ConfigureAwait(false) is { } found)
                    return found;
            }
            catch (KeyladderException e) when (e.Reason is FailureReason.Integrity or FailureReason.InvalidAnswer)
            {
                // Versions come without a head: they fit nothing that is here if another device has changed the item since.
                await SyncAsync(isRequired: true, cancellationToken).ConfigureAwait(false);
                if (view.ExistingThere(id).Stored.Leaf == present.Stored.Leaf)
                    throw;
            }
        }

        throw Failures.Conflict();
    }

    /// <inheritdoc cref="VaultSync.BeginAsync"/>
    public Task BeginAsync(CancellationToken cancellationToken) => sync.BeginAsync(cancellationToken);

    /// <summary>Opens an item as the Vault has it.</summary>
    public async Task<OpenedItem> OpenThereAsync(ItemId id, CancellationToken cancellationToken)
    {
        for (var tries = 0; tries < Tries; tries++)
        {
            if (tries > 0 || copy.Head is null)
                await SyncAsync(isRequired: true, cancellationToken).ConfigureAwait(false);
            if (await view.TryOpenAsync([view.ExistingThere(id)], cancellationToken).ConfigureAwait(false) is [var opened])
                return opened;
        }

        throw Failures.Conflict();
    }

    /// <inheritdoc cref="Vault.IsOffline"/>
    public bool IsOffline => sync.IsOffline;

    /// <inheritdoc cref="Vault.ReplaceKeyAsync"/>
    public async Task<bool> ReplaceKeyAsync(CancellationToken cancellationToken)
    {
        // With a Vault that does not answer, nothing is replaced.
        await SyncAsync(isRequired: true, cancellationToken).ConfigureAwait(false);
        await keys.ReplaceAsync(copy.Head!.Head.Dek, cancellationToken).ConfigureAwait(false);
        await writer.NameKeyAsync(cancellationToken).ConfigureAwait(false);
        return true;
    }

    /// <summary>All that the Vault holds, for an export.</summary>
    public async Task<VaultSnapshot> TakeSnapshotAsync(CancellationToken cancellationToken)
    {
        for (var tries = 0; tries < Tries; tries++)
        {
            await SyncAsync(isRequired: true, cancellationToken).ConfigureAwait(false);
            if (await VaultSnapshot.TryTakeAsync(copy, sealing, cancellationToken).ConfigureAwait(false) is { } snapshot)
                return snapshot;
        }

        throw Failures.Conflict();
    }

    /// <summary>Stores items that an import brings, with the days that they have: at the Vault itself, where their attachments are; nothing of it waits here.</summary>
    public async Task<IReadOnlyList<WrittenItem>> BringAsync(IReadOnlyList<ItemDraft> drafts, CancellationToken cancellationToken)
    {
        await SyncAsync(isRequired: true, cancellationToken).ConfigureAwait(false);
        return await writer.PutAsync(drafts, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Stores drafts: at the Vault, or, where a copy is kept and the Vault does not answer, here until it does.</summary>
    public async Task<IReadOnlyList<WrittenItem>> PutAsync(IReadOnlyList<ItemDraft> drafts, CancellationToken cancellationToken)
    {
        if (queue is null)
            return await writer.PutAsync(drafts, cancellationToken).ConfigureAwait(false);
        await sync.BeginAsync(cancellationToken).ConfigureAwait(false);
        var shown = await OpenShownAsync([.. drafts.Select(draft => draft.Id)], cancellationToken).ConfigureAwait(false);
        var (results, write) = queue.Add([.. drafts.Select(draft => (draft, shown.GetValueOrDefault(draft.Id)))]);
        if (write is null)
            return results;
        var sent = await SendAsync(write.Value, cancellationToken).ConfigureAwait(false);
        return
        [
            .. from result in results
                select sent is null ? result with { IsQueued = true } : result with { Conflict = result.Conflict ?? sent.GetValueOrDefault(result.Id)?.Conflict },
        ];
    }

    /// <summary>Deletes items as they are shown, likewise.</summary>
    public async Task DeleteAsync(IReadOnlyList<VaultItem> items, CancellationToken cancellationToken)
    {
        if (queue is null)
        {
            await writer.DeleteAsync(items, isLate: false, cancellationToken).ConfigureAwait(false);
            return;
        }

        await sync.BeginAsync(cancellationToken).ConfigureAwait(false);
        foreach (var item in items)
        {
            if (view.Existing(item.Id).Stored.Leaf != item.Stored.Leaf)
                throw Failures.ItemChanged(item.Id);
        }

        var shown = await OpenShownAsync([.. items.Select(item => item.Id)], cancellationToken).ConfigureAwait(false);
        if (queue.AddDeletions([.. items.Select(item => shown[item.Id])]) is { } write)
            await SendAsync(write, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Gives up what waits of an item.</summary>
    /// <returns>False where nothing does.</returns>
    public async Task<bool> DiscardAsync(ItemId id, CancellationToken cancellationToken)
    {
        if (queue is null)
            return false;
        // Not beside a state that is not proven: with what is given up the file may be written anew.
        await sync.BeginAsync(cancellationToken).ConfigureAwait(false);
        return queue.Discard(id);
    }

    /// <returns>Null where the copy is to be brought up first, or nothing is to be fetched that would show that it need not be.</returns>
    private async Task<IReadOnlyList<OpenedItem>?> TryOpenAtOnceAsync(IReadOnlyCollection<ItemId> ids, CancellationToken cancellationToken)
    {
        if (queue is not null || !sync.IsSettled)
            return null;
        VaultItem[] held = [.. ids.Select(view.Find).OfType<VaultItem>()];
        if (held.Length != ids.Count || !held.Any(view.LacksAttributes))
            return null;
        try
        {
            return await view.TryOpenAsync(held, cancellationToken).ConfigureAwait(false) is { } opened
                && await back.IsAtPinAsync(cancellationToken).ConfigureAwait(false) ? opened : null;
        }
        catch (IntegrityException e) when (e.Alarm is Alarm.RolledBack or Alarm.Forked)
        {
            return null; // it may have been restored: whoever brings the copy up tells
        }
    }

    private async Task<IReadOnlyDictionary<ItemId, WrittenItem>?> SendAsync(long write, CancellationToken cancellationToken)
    {
        try
        {
            return await sync.TrySendAsync(write, cancellationToken).ConfigureAwait(false);
        }
        catch (KeyladderException e) when (e.Reason is FailureReason.QuotaExceeded or FailureReason.NotAllowed or FailureReason.NotFound or FailureReason.Conflict
            or FailureReason.Rejected or FailureReason.TooManyRequests)
        {
            // The caller hears that it was not done, and so it must not be done later.
            queue!.Undo(write);
            throw;
        }
    }

    private async Task<Dictionary<ItemId, OpenedItem>> OpenShownAsync(IReadOnlyList<ItemId> ids, CancellationToken cancellationToken)
    {
        for (var tries = 0; tries < Tries; tries++)
        {
            VaultItem[] there = [.. ids.Select(view.Find).OfType<VaultItem>()];
            if (await view.TryOpenAsync(there, cancellationToken).ConfigureAwait(false) is { } opened)
                return opened.ToDictionary(item => item.Id);
            await SyncAsync(isRequired: true, cancellationToken).ConfigureAwait(false);
        }

        throw Failures.Conflict();
    }
}
