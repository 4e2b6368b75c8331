using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Unicode;
using Keyladder.Cryptography;
using Keyladder.Keys.Envelopes;
using Keyladder.Keys.Vault;

namespace Keyladder.Keys.Relationships;

/// <summary>What is shared: an item, or one attribute without its item (docs/spec/relationships.md section 7). The ids are those of the relationship.</summary>
public sealed class SharedContent
{
    private SharedContent(string? name, string? kind, IReadOnlyList<(AttributeId Id, ItemAttribute Content)> attributes) =>
        (Name, Kind, Attributes) = (name, kind, attributes);

    /// <summary>Of the item; null for an attribute alone.</summary>
    public string? Name { get; }

    /// <summary>What the item is; null for an attribute alone.</summary>
    public string? Kind { get; }

    /// <summary>In the sharer's order.</summary>
    public IReadOnlyList<(AttributeId Id, ItemAttribute Content)> Attributes { get; }

    /// <param name="name">As of an item: 1 to 256 bytes of UTF-8 without control characters.</param>
    /// <param name="kind">As of an item: 1 to 64 bytes as above.</param>
    /// <param name="attributes">1 to <see cref="ShareStatement.MaxAttributes"/>. An attachment is one that was sealed for this relationship.</param>
    /// <exception cref="ArgumentException">One of them is not like that.</exception>
    public static SharedContent OfItem(string name, string kind, IReadOnlyList<(AttributeId Id, ItemAttribute Content)> attributes) =>
        IsItem(name, kind) ? new(name, kind, Checked(attributes)) : throw new ArgumentException("An item has a name and a kind.", nameof(name));

    /// <param name="id">In the relationship.</param>
    /// <param name="attribute">As for <see cref="OfItem"/>.</param>
    public static SharedContent OfAttribute(AttributeId id, ItemAttribute attribute) => new(null, null, Checked([(id, attribute)]));

    /// <summary>Shows how much there is: the rest is between two people.</summary>
    public override string ToString() => $"{nameof(SharedContent)} ({Attributes.Count})";

    internal byte[] Encode() => Fields.Encode(
        Name ?? "", [Kind ?? "", .. Attributes.SelectMany(attribute => new Field[] { attribute.Id, attribute.Content.Encode() })]);

    internal static bool TryDecode(ReadOnlyMemory<byte> content, [NotNullWhen(true)] out SharedContent? shared)
    {
        shared = null;
        if (!Fields.TryRead(ref content, out var name) || !Fields.TryRead(ref content, out var kind) || !Utf8.IsValid(name.Span) || !Utf8.IsValid(kind.Span))
            return false;
        var attributes = new List<(AttributeId Id, ItemAttribute Content)>();
        while (!content.IsEmpty)
        {
            if (attributes.Count == ShareStatement.MaxAttributes
                || !Fields.TryRead(ref content, out var idBytes) || idBytes.Length != 16
                || !AttributeId.TryParse(new Guid(idBytes.Span, bigEndian: true).ToString("D"), out var id)
                || !Fields.TryRead(ref content, out var encoded) || !ItemAttribute.TryDecode(encoded, out var attribute)
                || attributes.Exists(each => each.Id == id))
                return false;
            attributes.Add((id, attribute));
        }

        var (itemName, itemKind) = (Encoding.UTF8.GetString(name.Span), Encoding.UTF8.GetString(kind.Span));
        var isAlone = name.IsEmpty && kind.IsEmpty;
        if (isAlone ? attributes.Count != 1 : attributes.Count == 0 || !IsItem(itemName, itemKind))
            return false;
        shared = isAlone ? new(null, null, attributes) : new(itemName, itemKind, attributes);
        return true;
    }

    private static bool IsItem(string name, string kind) => PlainText.Fits(name, ItemOverview.MaxNameLength) && PlainText.Fits(kind, ItemOverview.MaxTagLength);

    private static IReadOnlyList<(AttributeId Id, ItemAttribute Content)> Checked(IReadOnlyList<(AttributeId Id, ItemAttribute Content)> attributes)
    {
        ArgumentNullException.ThrowIfNull(attributes);
        if (attributes.Count is 0 or > ShareStatement.MaxAttributes || attributes.DistinctBy(attribute => attribute.Id).Count() != attributes.Count)
            throw new ArgumentException($"A share holds 1 to {ShareStatement.MaxAttributes} attributes, none twice.", nameof(attributes));
        return attributes;
    }
}
