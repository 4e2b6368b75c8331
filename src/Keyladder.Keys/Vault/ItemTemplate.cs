using System.Collections.ObjectModel;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;
using Keyladder.Cryptography;
using Keyladder.Keys.Envelopes;

namespace Keyladder.Keys.Vault;

/// <summary>
/// What an item of some kind usually has, for a form to fill in. Data on the client: no service sees it, and an item made after one need not
/// keep to it.
/// </summary>
public sealed class ItemTemplate
{
    /// <summary>Attributes that a template has at most.</summary>
    public const int MaxAttributes = 64;

    private static readonly Lazy<ReadOnlyCollection<ItemTemplate>> Common = new(ReadCommon);

    private ItemTemplate(string kind, IReadOnlyList<TemplateAttribute> attributes) => (Kind, Attributes) = (kind, attributes);

    /// <summary>Those that come with this library: login, note, card, bank-account, person, passport, wifi, licence.</summary>
    public static IReadOnlyList<ItemTemplate> All => Common.Value;

    /// <summary>What items made after it are, such as <c>login</c>.</summary>
    public string Kind { get; }

    /// <summary>In the order in which a form asks for them; no name twice.</summary>
    public IReadOnlyList<TemplateAttribute> Attributes { get; }

    /// <summary>The template of a kind; null if none comes with this library.</summary>
    public static ItemTemplate? Find(string kind) => All.FirstOrDefault(template => template.Kind == kind);

    /// <summary>Reads an app's own templates.</summary>
    /// <param name="utf8">
    /// JSON: a list of <c>{"kind": "login", "attributes": [{"name": "password", "type": "text", "secret": true}]}</c>. <c>secret</c> may be absent.
    /// </param>
    /// <param name="templates">In their order.</param>
    /// <returns>False if it is anything else, a kind or a type is none, or a kind or a name within one comes twice.</returns>
    public static bool TryRead(ReadOnlySpan<byte> utf8, [NotNullWhen(true)] out IReadOnlyList<ItemTemplate>? templates)
    {
        templates = null;
        if (!StrictJson.TryRead(utf8, TemplateJson.Strict.TemplateMembersArray, out var all)
            || all.Any(each => each is null || !PlainText.Fits(each.Kind, ItemOverview.MaxTagLength) || !AreAttributes(each.Attributes))
            || all.DistinctBy(each => each.Kind).Count() != all.Length)
            return false;
        templates = [.. all.Select(each => new ItemTemplate(each.Kind, each.Attributes))];
        return true;
    }

    private static bool AreAttributes(TemplateAttribute[] attributes) =>
        attributes.Length is > 0 and <= MaxAttributes
        && attributes.All(attribute => attribute is not null && PlainText.Fits(attribute.Name, ItemAttribute.MaxNameLength) && AttributeType.IsType(attribute.Type))
        && attributes.DistinctBy(attribute => attribute.Name).Count() == attributes.Length;

    private static ReadOnlyCollection<ItemTemplate> ReadCommon()
    {
        using var file = typeof(ItemTemplate).Assembly.GetManifestResourceStream("templates")!;
        var json = new byte[file.Length];
        file.ReadExactly(json);
        return TryRead(json, out var templates) ? templates.ToList().AsReadOnly() : throw new InvalidOperationException("The templates of this library are damaged.");
    }
}

/// <summary>An attribute that a form asks for.</summary>
/// <param name="Name">1 to 256 bytes of UTF-8 without control characters.</param>
/// <param name="Type">One of <see cref="AttributeType"/>, or a developer's own.</param>
/// <param name="Secret">Whether it is typed unseen and shown on demand alone.</param>
public sealed record TemplateAttribute(string Name, string Type, bool Secret = false);

internal sealed record TemplateMembers(string Kind, TemplateAttribute[] Attributes);

[JsonSerializable(typeof(TemplateMembers[]))]
internal sealed partial class TemplateJson : JsonSerializerContext
{
    public static TemplateJson Strict { get; } = new(StrictJson.CreateOptions());
}
