using System.Globalization;
using System.Text.Json;
using Keyladder.Client;
using Keyladder.Keys.Vault;

namespace Keyladder.Cli.Agent;

/// <summary>Items and their attributes as commands print them, from a Vault or from an export of one.</summary>
internal static class ItemLines
{
    /// <param name="item">What it says of itself.</param>
    /// <param name="waits">Whether it is not at the Vault yet.</param>
    public static ItemLine Of(VaultItem item, bool waits) => new(
        item.Id.ToString(),
        item.Revision,
        item.Name,
        item.Kind,
        [.. item.Tags],
        item.AttributeCount,
        Text(item.Changed),
        item.Removed is { } removed ? Text(removed) : null,
        item.ConflictOf?.ToString(),
        waits);

    public static string Text(DateOnly day) => day.ToString("O", CultureInfo.InvariantCulture);

    /// <summary>An id, the start of one, or a name; it must name exactly one item.</summary>
    /// <param name="items">What there is.</param>
    /// <param name="text">As the person named it.</param>
    /// <param name="list">The command that shows what there is.</param>
    public static VaultItem Find(IEnumerable<VaultItem> items, string text, string list)
    {
        var found = items.Where(item => item.Name == text || (text.Length >= 8 && item.Id.ToString().StartsWith(text, StringComparison.Ordinal))).ToList();
        return found.Count switch
        {
            1 => found[0],
            0 => throw new Failure(ExitCode.NotFound, "There is no such item.", $"`{list}` shows what there is: name an item by id, by 8 or more characters of it, or by name."),
            _ => throw Failure.Usage("That names several items.", $"Name one by its id; `{list}` shows them."),
        };
    }

    /// <inheritdoc cref="FindAttachment(IEnumerable{ItemAttribute}, string, string)"/>
    public static Attachment FindAttachment(OpenedItem item, string name, string show) => FindAttachment(item.Attributes.Select(attribute => attribute.Content), name, show);

    /// <param name="attributes">Of the item.</param>
    /// <param name="name">Of the attribute.</param>
    /// <param name="show">The command that shows the item.</param>
    public static Attachment FindAttachment(IEnumerable<ItemAttribute> attributes, string name, string show)
    {
        var attribute = attributes.FirstOrDefault(each => each.Name == name)
            ?? throw new Failure(ExitCode.NotFound, "The item has no attribute with that name.", $"`{show}` lists them.");
        return attribute.GetAttachment()
            ?? throw Failure.Usage("That attribute is no attachment.", $"Its value is printed by `{show} --only NAME`.");
    }

    /// <summary>A JSON list, as <see cref="Terminal.ItemOutput"/> reads it.</summary>
    public static Task WriteAttributesAsync(OpenedItem item, Stream output) => WriteAttributesAsync(item.Attributes, output);

    /// <inheritdoc cref="WriteAttributesAsync(OpenedItem, Stream)"/>
    public static async Task WriteAttributesAsync(IEnumerable<OpenedAttribute> attributes, Stream output)
    {
        await using var writer = new Utf8JsonWriter(output);
        writer.WriteStartArray();
        foreach (var (id, content) in attributes)
        {
            writer.WriteStartObject();
            writer.WriteString("id", id.Value);
            writer.WriteString("name", content.Name);
            writer.WriteString("type", content.Type);
            if (content.GetAttachment() is { } attachment)
                Write(writer, attachment);
            else
                writer.WriteBase64String("value", content.Value.Span);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    // Without its key: who asks for the content gets that.
    private static void Write(Utf8JsonWriter writer, Attachment attachment)
    {
        writer.WriteStartObject("attachment");
        writer.WriteString("id", attachment.Id.Value);
        WriteMembers(writer, attachment);
        writer.WriteEndObject();
    }

    /// <summary>How long it is, and how it is called.</summary>
    public static void WriteMembers(Utf8JsonWriter writer, Attachment attachment)
    {
        writer.WriteNumber("size", attachment.Size);
        if (attachment.FileName is { } file)
            writer.WriteString("file", file);
        if (attachment.MediaType is { } type)
            writer.WriteString("mediaType", type);
    }
}
