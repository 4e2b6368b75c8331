using Keyladder.Cryptography;
using Keyladder.Keys.Hierarchy;
using Keyladder.Keys.Relationships;
using Keyladder.Protocol.Vault;

namespace Keyladder.Client;

/// <summary>
/// The person's relationships, as their own Vault holds them, and the one way to change them: under the next head, on top of what is there, together with
/// what goes to the guests of their channels.
/// </summary>
internal sealed class RelationshipBook(VaultView view, ItemReading reading, ItemSealing sealing, VaultWriter writer, VaultKeys keys, TimeProvider time)
{
    /// <summary>Objects of relationships that one write has room for, beside those of the keys that are over.</summary>
    public const int MostObjects = VaultRoutes.MaxObjects - 2;

    /// <summary>Relationships with one changed share each that one write has room for.</summary>
    public const int AtOnce = MostObjects / 3;

    /// <summary>Keys that are over, as they were when the book was read last.</summary>
    public EndedKeys Ended { get; private set; } = EndedKeys.None;

    public DateOnly Today => DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);

    /// <returns>Null where the account has moved on while it looked.</returns>
    public async Task<IReadOnlyList<RelationshipItem>?> TryReadAsync(CancellationToken cancellationToken)
    {
        if (await reading.TryOpenAsync([.. view.ThereOfKind(RelationshipItem.Kind)], cancellationToken).ConfigureAwait(false) is not { } opened)
            return null;
        Ended = opened.FirstOrDefault(EndedKeys.Is) is { } ended ? EndedKeys.Read(ended) : EndedKeys.None;
        return [.. opened.Where(item => !EndedKeys.Is(item)).Select(RelationshipItem.Read)];
    }

    /// <summary>Changes the book. What is planned is planned again where another device came first.</summary>
    /// <param name="plan">Given all there are.</param>
    /// <param name="cancellationToken">Ends the call; what was under way may have landed.</param>
    public async Task<T> WriteAsync<T>(Func<IReadOnlyList<RelationshipItem>, Task<(BookWrite Write, T Result)>> plan, CancellationToken cancellationToken)
    {
        T? result = default;
        await writer.WriteAsync(
            async () =>
            {
                if (await TryReadAsync(cancellationToken).ConfigureAwait(false) is not { } all)
                    return null;
                (var write, result) = await plan(all).ConfigureAwait(false);
                return new VaultWrite([.. write.Put.SelectMany(Seal), .. write.Delete.SelectMany(Deletion), .. write.Ended.Count == 0 && write.Restored is null ? [] : sealing.Seal(Ended.With(write.Ended, write.Restored), Ended.Base, Today)])
                {
                    Channels = write.Channels,
                    Letters = write.Letters,
                    Taken = write.Taken,
                };
            },
            cancellationToken).ConfigureAwait(false);
        return result!;
    }

    /// <summary>Whether an item is still as it was opened.</summary>
    public bool IsPresent(OpenedItem item) => view.IsThere(item.Item);

    public ValueTask<RelationshipKey> OwnKeyAsync(RelationshipItem relationship, CancellationToken cancellationToken) =>
        keys.GetRelationshipKeyAsync(relationship.State.Keys[0], cancellationToken);

    /// <summary>A key that none of them has, and none that is over ever had.</summary>
    public ValueTask<RelationshipKey> SpareKeyAsync(IReadOnlyList<RelationshipItem> all, CancellationToken cancellationToken) =>
        keys.GetSpareRelationshipKeyAsync(all.SelectMany(each => each.State.Keys).Concat(Ended.Keys).ToHashSet(), cancellationToken);

    /// <summary>Destroys at the Keystore what is over and was not destroyed in its time, as far as this device knows of it.</summary>
    public Task DestroyEndedAsync(CancellationToken cancellationToken)
    {
        var known = Ended.Keys.Count == 0 ? [] : keys.Account.ListKnown().Select(key => key.Id).ToHashSet();
        return DestroyAsync([.. Ended.Keys.Where(known.Contains)], cancellationToken);
    }

    /// <summary>Destroys keys at the Keystore that are written down as over.</summary>
    public async Task DestroyAsync(IReadOnlyCollection<KeyId> ended, CancellationToken cancellationToken)
    {
        foreach (var id in ended)
            keys.Forget(id);
        if (ended.Count > 0)
            await keys.Account.DestroyAsync(ended, cancellationToken).ConfigureAwait(false);
    }

    public async Task<Relationship> DescribeAsync(RelationshipItem relationship, CancellationToken cancellationToken) =>
        new(relationship, (await OwnKeyAsync(relationship, cancellationToken).ConfigureAwait(false)).Did);

    public static RelationshipItem Existing(IReadOnlyList<RelationshipItem> all, RelationshipId id) =>
        all.FirstOrDefault(each => each.LocalId == id) ?? throw RelationshipFailures.NoSuchRelationship(id);

    /// <summary>One that can be shared with, and the other party's keys.</summary>
    public static (RelationshipItem Relationship, KeyBundle Other) Established(IReadOnlyList<RelationshipItem> all, RelationshipId id)
    {
        var relationship = Existing(all, id);
        return relationship.State is { Blocked: not true, Acceptance: null } && relationship.OtherKeys() is { } other
            ? (relationship, other)
            : throw RelationshipFailures.NotEstablished(id);
    }

    private IReadOnlyList<SealedChange> Seal(RelationshipItem item) =>
        item.ToDraft() is var draft && ItemMerge.IsUnchanged(draft) ? [] : sealing.Seal(draft, item.Base, Today);

    private static IEnumerable<SealedChange> Deletion(RelationshipItem item) =>
        item.Base!.Item.Overview.Attributes.Select(entry => new SealedChange(entry.Id, entry.Leaf, Next: null))
            .Prepend(new SealedChange(item.Id, item.Base.Item.Stored.Leaf, Next: null));
}

/// <summary>What changes together.</summary>
internal sealed record BookWrite(IReadOnlyList<RelationshipItem> Put)
{
    public IReadOnlyList<RelationshipItem> Delete { get; init; } = [];

    /// <summary>Keys that are over with it.</summary>
    public IReadOnlyList<KeyId> Ended { get; init; } = [];

    /// <summary>Number of the restore after which all channels are what they must be; null for nothing new.</summary>
    public long? Restored { get; init; }

    public IReadOnlyList<ChannelMessage> Channels { get; init; } = [];

    public IReadOnlyList<GivenLetterMessage> Letters { get; init; } = [];

    public IReadOnlyList<Guid> Taken { get; init; } = [];
}
