using Keyladder.Cryptography;
using Keyladder.Keys.Vault;

namespace Keyladder.Client;

/// <summary>
/// Brings together what two devices made of one version of an item (docs/spec/vault.md section 5). What only one changed is taken from it;
/// where both changed one thing differently there is no merge, and both versions stay.
/// </summary>
internal static class ItemMerge
{
    /// <param name="mine">What is to be written.</param>
    /// <param name="theirs">What is there by now.</param>
    /// <returns>What is to be written on top of what is there; null where the two contradict each other.</returns>
    public static ItemDraft? TryMerge(ItemDraft mine, OpenedItem theirs)
    {
        var (from, there) = (mine.Base!.Edit(), theirs.Edit());
        if (!TryTake(from.Name, mine.Name, there.Name, StringComparer.Ordinal, out var name)
            || !TryTake(from.Kind, mine.Kind, there.Kind, StringComparer.Ordinal, out var kind)
            || !TryTake(from.Tags, mine.Tags, there.Tags, SameTexts.Instance, out var tags)
            || !TryTake(from.IsRemoved, mine.IsRemoved, there.IsRemoved, EqualityComparer<bool>.Default, out var removed))
            return null;

        var merged = new Dictionary<AttributeId, OpenedAttribute>();
        foreach (var id in IdsOf(from).Union(IdsOf(mine)).Union(IdsOf(there)))
        {
            if (!TryTake(Find(from, id), Find(mine, id), Find(there, id), SameContent.Instance, out var attribute))
                return null;
            if (attribute is not null)
                merged.Add(id, attribute);
        }

        // Whose order it is: his alone who changed it. Where both did, what is there stays; nothing is lost by it.
        var first = SameOrder(from, there) ? mine : there;
        var order = IdsOf(first).Concat(IdsOf(mine)).Concat(IdsOf(there)).Distinct().Where(merged.ContainsKey);
        return there with { Name = name, Kind = kind, Tags = tags, IsRemoved = removed, Attributes = [.. order.Select(id => merged[id])] };
    }

    /// <summary>Whether it says the same as what it began from.</summary>
    public static bool IsUnchanged(ItemDraft draft) =>
        draft.Base?.Edit() is { } from
        && draft.Name == from.Name
        && draft.Kind == from.Kind
        && SameTexts.Instance.Equals(draft.Tags, from.Tags)
        && draft.IsRemoved == from.IsRemoved
        && draft.Attributes.SequenceEqual(from.Attributes, SameContent.Instance);

    public static bool SameAttribute(ItemAttribute left, ItemAttribute right) =>
        left.Name == right.Name && left.Type == right.Type && left.Value.Span.SequenceEqual(right.Value.Span);

    private static bool TryTake<T>(T from, T mine, T there, IEqualityComparer<T> same, out T taken)
    {
        taken = same.Equals(mine, from) ? there : mine;
        return same.Equals(mine, from) || same.Equals(there, from) || same.Equals(mine, there);
    }

    private static IEnumerable<AttributeId> IdsOf(ItemDraft draft) => draft.Attributes.Select(attribute => attribute.Id);

    private static OpenedAttribute? Find(ItemDraft draft, AttributeId id) => draft.Attributes.FirstOrDefault(attribute => attribute.Id == id);

    private static bool SameOrder(ItemDraft left, ItemDraft right)
    {
        var common = IdsOf(left).Intersect(IdsOf(right)).ToHashSet();
        return IdsOf(left).Where(common.Contains).SequenceEqual(IdsOf(right).Where(common.Contains));
    }

    private sealed class SameTexts : IEqualityComparer<IReadOnlyList<string>>
    {
        public static SameTexts Instance { get; } = new();

        public bool Equals(IReadOnlyList<string>? left, IReadOnlyList<string>? right) => left!.SequenceEqual(right!, StringComparer.Ordinal);

        public int GetHashCode(IReadOnlyList<string> texts) => texts.Count;
    }

    private sealed class SameContent : IEqualityComparer<OpenedAttribute?>
    {
        public static SameContent Instance { get; } = new();

        public bool Equals(OpenedAttribute? left, OpenedAttribute? right) =>
            left is null ? right is null : right is not null && left.Id == right.Id && SameAttribute(left.Content, right.Content);

        public int GetHashCode(OpenedAttribute? attribute) => attribute?.Id.GetHashCode() ?? 0;
    }
}
