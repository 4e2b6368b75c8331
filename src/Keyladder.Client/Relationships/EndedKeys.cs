using Keyladder.Cryptography;
using Keyladder.Keys.Vault;

namespace Keyladder.Client;

/// <summary>
/// Keys of relationships and shares that are over, as an item of the person's own Vault holds them (docs/spec/relationships.md section 9). What is in here is
/// destroyed at the Keystore, if need be later; and a key that was somebody's DID once is nobody's again, whatever a device still holds.
/// </summary>
internal sealed class EndedKeys
{
    // Ids of 39 bytes in an attribute of 64 KiB. Who has ended so much more has long destroyed the oldest.
    private const int Most = 1_500;

    private const string Type = "vault/ended-keys";
    private const string Name = "ended keys";

    private EndedKeys(OpenedItem? @base, IReadOnlyList<KeyId> keys, long restored) => (Base, Keys, Restored) = (@base, keys, restored);

    /// <summary>Before anything has ended.</summary>
    public static EndedKeys None { get; } = new(null, [], 0);

    /// <summary>As it was read; null where there is none.</summary>
    public OpenedItem? Base { get; }

    /// <summary>The oldest first.</summary>
    public IReadOnlyList<KeyId> Keys { get; }

    /// <summary>Number of the Vault's restore after which <see cref="ChannelSettling"/> was done; 0 for none.</summary>
    public long Restored { get; }

    /// <summary>Whether it is this item, and no relationship.</summary>
    public static bool Is(OpenedItem item) => item.Attributes.Any(attribute => attribute.Content.Type == Type);

    /// <exception cref="IntegrityException">No program of this project has written it.</exception>
    public static EndedKeys Read(OpenedItem item)
    {
        var value = Attribute(item).Content.Value.Span;
        return StrictJson.TryRead(value, RelationshipRecordsJson.Strict.EndedRecord, out var record)
            ? new EndedKeys(item, record.Keys, record.Restored ?? 0)
            : throw RelationshipItem.Malformed(item);
    }

    /// <summary>What the item is to be.</summary>
    public ItemDraft With(IEnumerable<KeyId> ended, long? restored)
    {
        var record = new EndedRecord([.. Keys.Concat(ended).Distinct().TakeLast(Most)], restored ?? (Restored == 0 ? null : Restored));
        var id = Base is null ? AttributeId.Generate() : Attribute(Base).Id;
        return (Base?.Edit() ?? ItemDraft.New(Name, RelationshipItem.Kind)) with
        {
            Attributes = [new OpenedAttribute(id, ItemAttribute.Create(Name, Type, StrictJson.Write(record, RelationshipRecordsJson.Strict.EndedRecord)))],
        };
    }

    private static OpenedAttribute Attribute(OpenedItem item) => item.Attributes.First(attribute => attribute.Content.Type == Type);
}
