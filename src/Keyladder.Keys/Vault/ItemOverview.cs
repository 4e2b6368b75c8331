using System.Diagnostics.CodeAnalysis;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Keyladder.Cryptography;
using Keyladder.Cryptography.Heads;
using Keyladder.Keys.Envelopes;

namespace Keyladder.Keys.Vault;

/// <summary>
/// What an item says of itself, sealed as one object (docs/spec/vault.md section 2): no service sees which attributes it has, nor any of the
/// rest. <see cref="Check"/> says whether it can be sealed.
/// </summary>
public sealed record ItemOverview
{
    /// <summary>Bytes of UTF-8 that a name may have; a tag and the kind, <see cref="MaxTagLength"/>.</summary>
    public const int MaxNameLength = 256;

    /// <inheritdoc cref="MaxNameLength"/>
    public const int MaxTagLength = 64;

    /// <summary>Tags that an item may have.</summary>
    public const int MaxTags = 64;

    /// <summary>Attributes that an item may have, removed ones included.</summary>
    public const int MaxAttributes = 256;

    /// <summary>Bytes that the envelope of an object may have.</summary>
    public const int MaxSealedLength = 64 * 1024;

    private static readonly ItemJson Json = new(new JsonSerializerOptions(StrictJson.CreateOptions())
    {
        // Fewer bytes: nothing of it is ever part of a page.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });

    /// <summary>1 to <see cref="MaxNameLength"/> bytes of UTF-8 without control characters.</summary>
    public required string Name { get; init; }

    /// <summary>What the item is, such as <c>login</c>; templates are named by it. 1 to <see cref="MaxTagLength"/> bytes.</summary>
    public required string Kind { get; init; }

    /// <summary>At most <see cref="MaxTags"/>, none twice.</summary>
    public required IReadOnlyList<string> Tags { get; init; }

    /// <summary>In UTC.</summary>
    public required DateOnly Created { get; init; }

    /// <summary>In UTC.</summary>
    public required DateOnly Changed { get; init; }

    /// <summary>In the person's order, at most <see cref="MaxAttributes"/>, no id twice.</summary>
    public required IReadOnlyList<AttributeEntry> Attributes { get; init; }

    /// <summary>Value of the leaf that this revision replaced; null in the first.</summary>
    public Hash256? Follows { get; init; }

    /// <summary>The day it was put into the trash; null while it was not.</summary>
    public DateOnly? Removed { get; init; }

    /// <summary>The item that this is the other version of; null for the others.</summary>
    public ItemId? ConflictOf { get; init; }

    /// <returns>Null if it can be sealed; else what is wrong with it, as a clause for a person.</returns>
    public string? Check() =>
        !PlainText.Fits(Name, MaxNameLength) ? $"its name does not have 1 to {MaxNameLength} bytes of UTF-8 without control characters"
        : !PlainText.Fits(Kind, MaxTagLength) ? $"its kind does not have 1 to {MaxTagLength} bytes of UTF-8 without control characters"
        : Tags.Count > MaxTags ? $"it has more than {MaxTags} tags"
        : Tags.Any(tag => tag is null || !PlainText.Fits(tag, MaxTagLength)) ? $"a tag does not have 1 to {MaxTagLength} bytes of UTF-8 without control characters"
        : Tags.Distinct(StringComparer.Ordinal).Count() != Tags.Count ? "it has a tag twice"
        : Attributes.Count > MaxAttributes ? $"it has more than {MaxAttributes} attributes"
        : Attributes.Any(entry => entry is null || entry.Revision < 1) ? "an attribute has no revision"
        : Attributes.DistinctBy(entry => entry.Id).Count() != Attributes.Count ? "it has an attribute twice"
        : null;

    /// <summary>Shows nothing of it: names and tags are the person's own.</summary>
    public override string ToString() => nameof(ItemOverview);

    /// <exception cref="ArgumentException">It breaks a rule: <see cref="Check"/> says which.</exception>
    internal byte[] Encode() => Check() is { } wrong ? throw new ArgumentException($"The item cannot be sealed: {wrong}.") : StrictJson.Write(this, Json.ItemOverview);

    internal static bool TryDecode(ReadOnlySpan<byte> json, [NotNullWhen(true)] out ItemOverview? item)
    {
        if (StrictJson.TryRead(json, Json.ItemOverview, out item) && item.Check() is null)
            return true;
        item = null;
        return false;
    }
}

/// <summary>An attribute as its item lists it.</summary>
/// <param name="Id">Names the attribute.</param>
/// <param name="Revision">The one that is part of the item; from 1.</param>
/// <param name="Leaf">Value of its leaf at that revision.</param>
/// <param name="Removed">The day it was removed; null while it was not.</param>
public sealed record AttributeEntry(AttributeId Id, long Revision, Hash256 Leaf, DateOnly? Removed = null);

[JsonSerializable(typeof(ItemOverview))]
internal sealed partial class ItemJson : JsonSerializerContext;
