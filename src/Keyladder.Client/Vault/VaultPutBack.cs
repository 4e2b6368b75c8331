using Keyladder.Cryptography;
using Keyladder.Cryptography.Heads;
using Keyladder.Keys.Vault;
using Keyladder.Protocol.Vault;
using HeldItems = Keyladder.Client.HeldObjects<Keyladder.Cryptography.Heads.VaultHead, Keyladder.Client.StoredObject>;

namespace Keyladder.Client;

/// <summary>
/// Puts back what a restore took from a Vault and this device holds (docs/spec/vault.md section 7): as it was sealed where it still fits what is
/// there, else sealed anew under the ids that it had. What was deleted goes again. One call at a time.
/// </summary>
internal sealed class VaultPutBack(VaultCalls calls, VaultCopy copy, VaultGoingBack back, VaultWriter writer, ItemReading reading, ItemSealing sealing, TimeProvider time)
{
    private bool _isDone;
    private ItemSides? _put;
    private IReadOnlyList<ItemDifference> _result = [];

    /// <summary>What went back when the Vault was restored, and what became of it since; none where nothing did.</summary>
    public IReadOnlyList<ItemDifference> WentBack => back.Sides is null ? [] : back.Sides == _put ? _result : back.Sides.Compare(copy.Held);

    /// <summary>Does it if the person has said so when they went back, once.</summary>
    /// <returns>The names of what may be other than before.</returns>
    public async Task<IEnumerable<ObjectName>> RunIfChosenAsync(CancellationToken cancellationToken)
    {
        if (!back.Choice.PutBack || _isDone)
            return [];
        var changed = (await RunAsync(cancellationToken).ConfigureAwait(false)).SelectMany(each => new[] { each.Id, each.Conflict ?? each.Id }).Select(id => (ObjectName)id);
        _isDone = true;
        return changed;
    }

    /// <returns>All that differed, and whether it was put back.</returns>
    public async Task<IReadOnlyList<ItemDifference>> RunAsync(CancellationToken cancellationToken)
    {
        if (back.Sides is not { } sides)
            return [];
        var differences = sides.Compare(copy.Held);
        var done = new Dictionary<ItemId, ItemDifference>();
        foreach (var page in differences.Where(difference => difference.Change != RestoreChange.Unknown).ChunkBySize(ObjectsOf, VaultRoutes.MaxObjects))
            await PutAsync(page, sides, done, cancellationToken).ConfigureAwait(false);
        (_put, _result) = (sides, [.. differences.Select(difference => done.GetValueOrDefault(difference.Id, difference))]);
        return _result;
    }

    private static int ObjectsOf(ItemDifference difference) => 1 + (difference.Held ?? difference.Shown)!.Overview.Attributes.Count;

    /// <summary>What the Vault refuses, because it was deleted there since or there is no room, does not keep the rest from coming back.</summary>
    private async Task PutAsync(IReadOnlyList<ItemDifference> page, ItemSides sides, Dictionary<ItemId, ItemDifference> done, CancellationToken cancellationToken)
    {
        try
        {
            var lost = await FindLostAttachmentsAsync(page, sides, cancellationToken).ConfigureAwait(false);
            var others = page.ToDictionary(difference => difference.Id, _ => ItemId.Generate());
            List<ItemDifference> put = [];
            await writer.WriteAsync(
                async () =>
                {
                    put = [];
                    var changes = new List<SealedChange>();
                    foreach (var difference in page)
                    {
                        if (await PlanAsync(difference, others[difference.Id], sides, lost, cancellationToken).ConfigureAwait(false) is not var (result, own))
                            return null;
                        put.Add(result);
                        changes.AddRange(own);
                    }

                    return changes;
                },
                cancellationToken).ConfigureAwait(false);
            foreach (var difference in put)
                done[difference.Id] = difference;
        }
        catch (KeyladderException e) when (e.Reason is FailureReason.Rejected or FailureReason.NotAllowed or FailureReason.NotFound or FailureReason.QuotaExceeded)
        {
            if (page.Count == 1)
                return;
            await PutAsync([.. page.Take(page.Count / 2)], sides, done, cancellationToken).ConfigureAwait(false);
            await PutAsync([.. page.Skip(page.Count / 2)], sides, done, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <returns>Null where another device has moved the account on meanwhile.</returns>
    private async Task<(ItemDifference Result, IReadOnlyList<SealedChange> Changes)?> PlanAsync(
        ItemDifference difference, ItemId other, ItemSides sides, HashSet<AttachmentId> lost, CancellationToken cancellationToken)
    {
        var there = copy.Find(difference.Id);
        if (difference.Held is not { } held)
        {
            return there is not null && sides.WasDeleted(there)
                ? (difference with { IsPutBack = true }, [.. PlanDeletion(sealing.Open(there))])
                : (difference, []);
        }

        var now = copy.Held;
        if (TryTakeAsIs(held, there, sides, now, lost) is { } asIs)
            return (difference with { IsPutBack = true }, asIs);
        if (sides.TryOpen(held.Stored, now) is not { } opened)
            return (difference, []); // this device has not read all of it

        OpenedItem? present = null;
        if (there is not null)
        {
            if (await reading.TryOpenAsync([sealing.Open(there)], cancellationToken).ConfigureAwait(false) is not [var read])
                return null;
            present = read;
        }

        var (attributes, lacks) = WithoutLost(opened, present, lost);
        var draft = opened.Edit() with
        {
            Base = present is null ? null : BaseOf(held, present, sides, now),
            ConflictOf = held.ConflictOf,
            Origin = new ItemOrigin(held.Created, held.Changed, held.Removed),
            Attributes = attributes,
        };
        var planned = PlannedItem.Of(draft, present, other);
        var changes = planned.Draft is null ? [] : sealing.Seal(planned.Draft, planned.Present, DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime));
        return (difference with { IsPutBack = true, Conflict = planned.Result.Conflict, Lacks = lacks }, changes);
    }

    /// <summary>
    /// The very objects that this device holds: an item that was new, or follows what is there, with its attributes, each at the revision that comes
    /// next. What every device had seen of it is then true again.
    /// </summary>
    private static List<SealedChange>? TryTakeAsIs(VaultItem held, StoredObject? there, ItemSides sides, HeldItems now, HashSet<AttachmentId> lost)
    {
        if (held.Revision != (there?.Revision ?? 0) + 1 || held.Overview.Follows != there?.Leaf)
            return null;
        List<SealedChange> changes = [new(held.Stored.Name, there?.Leaf, held.Stored)];
        foreach (var entry in held.Overview.Attributes)
        {
            var last = now.Objects.GetValueOrDefault(entry.Id);
            if (last?.Leaf == entry.Leaf)
                continue;
            if (sides.FindAttribute(entry.Id, entry.Leaf, now) is not { } stored
                || stored.Revision != (last?.Revision ?? 0) + 1
                || (stored.Attachment is { } attachment && lost.Contains(new AttachmentId(attachment))))
                return null;
            changes.Add(new(stored.Name, last?.Leaf, stored));
        }

        return changes;
    }

    /// <summary>What both versions began from, where that is known; null where it is not, and both are kept.</summary>
    private static OpenedItem? BaseOf(VaultItem held, OpenedItem present, ItemSides sides, HeldItems now)
    {
        if (held.Overview.Follows == present.Item.Stored.Leaf)
            return present;
        return sides.IsPast && sides.Restored!.Objects.GetValueOrDefault(held.Stored.Name) is { } restored ? sides.TryOpen(restored, now) : null;
    }

    /// <summary>Attachments whose content is gone are as they are there, or not at all.</summary>
    private static (IReadOnlyList<OpenedAttribute> Attributes, IReadOnlyList<string> Lacks) WithoutLost(OpenedItem opened, OpenedItem? present, HashSet<AttachmentId> lost)
    {
        var (attributes, lacks) = (new List<OpenedAttribute>(), new List<string>());
        foreach (var attribute in opened.Attributes)
        {
            if (attribute.Content.GetAttachment() is not { } attachment || !lost.Contains(attachment.Id))
            {
                attributes.Add(attribute);
                continue;
            }

            lacks.Add(attribute.Content.Name);
            if (present?.Attributes.FirstOrDefault(each => each.Id == attribute.Id) is { } there)
                attributes.Add(there);
        }

        return (attributes, lacks);
    }

    /// <summary>Those whose last byte the Vault does not have.</summary>
    private async Task<HashSet<AttachmentId>> FindLostAttachmentsAsync(IReadOnlyList<ItemDifference> page, ItemSides sides, CancellationToken cancellationToken)
    {
        var now = copy.Held;
        var lost = new HashSet<AttachmentId>();
        var attachments =
            from difference in page
            where difference.Held is not null
            from entry in difference.Held!.Overview.Attributes
            where entry.Removed is null
            let stored = sides.FindAttribute(entry.Id, entry.Leaf, now)
            where stored?.Attachment is not null && now.Objects.GetValueOrDefault(entry.Id)?.Leaf != entry.Leaf
            select sealing.Open(difference.Id, stored).Content.GetAttachment();
        foreach (var attachment in attachments)
        {
            if (await calls.GetPartAsync(attachment.Id, attachment.SealedLength - 1, new byte[1], cancellationToken).ConfigureAwait(false) == 0)
                lost.Add(attachment.Id);
        }

        return lost;
    }

    private IEnumerable<SealedChange> PlanDeletion(VaultItem item)
    {
        yield return new SealedChange(item.Id, item.Stored.Leaf, Next: null);
        foreach (var entry in item.Overview.Attributes)
        {
            if (copy.Leaves.TryGetValue(entry.Id, out var listed))
                yield return new SealedChange(entry.Id, listed, Next: null);
        }
    }
}
