using System.Text;
using System.Text.Json.Nodes;
using Keyladder.Cli.Agent;
using Keyladder.Keys.Vault;

namespace Keyladder.Cli.Terminal;

/// <summary>An item with its attributes, as a person or a program reads it.</summary>
internal static class ItemOutput
{
    private const string Save = "keyladder item save ITEM NAME --output FILE";

    /// <param name="item">What it says of itself.</param>
    /// <param name="attributes">As the agent gives them: a JSON list.</param>
    /// <param name="only">Name of the one attribute to print, as it is; null for all.</param>
    /// <param name="save">The command that writes an attachment.</param>
    public static void Show(ItemLine item, byte[] attributes, string? only, string save = Save) => Show(
        (JsonObject)Screen.ToJson(new[] { item })!.AsArray()[0]!.DeepClone(),
        [["id", item.Id], ["revision", $"{item.Revision}"], ["name", item.Name], ["kind", item.Kind], ["tags", string.Join(", ", item.Tags)], ["changed", item.Changed]],
        attributes,
        only,
        save);

    /// <inheritdoc cref="Show(ItemLine, byte[], string?, string)"/>
    /// <param name="document">To which the attributes are added.</param>
    /// <param name="head">The same for a person, in two columns.</param>
    public static void Show(JsonObject document, string[][] head, byte[] attributes, string? only, string save = Save)
    {
        var all = JsonNode.Parse(attributes)!.AsArray().Select(each => new Attribute(
            each!["id"]!.GetValue<string>(), each["name"]!.GetValue<string>(), each["type"]!.GetValue<string>(),
            Convert.FromBase64String(each["value"]?.GetValue<string>() ?? ""), each["attachment"]?.AsObject())).ToList();
        if (only is not null)
        {
            ShowOne(all.Find(attribute => attribute.Name == only)
                ?? throw new Failure(ExitCode.NotFound, "The item has no attribute with that name.", "The same command without --only lists them."), save);
            return;
        }

        document["attributes"] = new JsonArray([.. all.Select(attribute => (JsonNode)attribute.ToJson())]);
        Screen.Show(document, () =>
        {
            Screen.Table(["ITEM", ""], head);
            Screen.Table(["ATTRIBUTE", "TYPE", "VALUE"], all.Select(attribute => new[] { attribute.Name, attribute.Type, attribute.Summary }));
        });
    }

    private static void ShowOne(Attribute attribute, string save)
    {
        if (Screen.IsJson)
        {
            Screen.Show(attribute.ToJson());
            return;
        }

        if (attribute.Attachment is not null)
            throw Failure.Usage("That attribute is an attachment.", $"Write its content to a file: {save}");
        using var output = Console.OpenStandardOutput();
        output.Write(attribute.Text is { } text && !Console.IsOutputRedirected ? Encoding.UTF8.GetBytes(Screen.Printable(text)) : attribute.Value);
        if (attribute.Text is not null)
            output.Write("\n"u8);
    }

    private sealed record Attribute(string Id, string Name, string Type, byte[] Value, JsonObject? Attachment)
    {
        /// <summary>Null where the value is bytes.</summary>
        public string? Text => Type is AttributeType.Binary or AttributeType.Attachment || AttributeType.IsOwn(Type) ? null : Encoding.UTF8.GetString(Value);

        public string Summary => Text
            ?? (Attachment is null
                ? $"{Value.Length} bytes"
                : string.Join(", ", new[] { Attachment["file"]?.GetValue<string>(), Attachment["mediaType"]?.GetValue<string>(), $"{Attachment["size"]} bytes" }.OfType<string>()));

        public JsonObject ToJson() => new()
        {
            ["id"] = Id, ["name"] = Name, ["type"] = Type, ["value"] = Attachment is null ? Text ?? Convert.ToBase64String(Value) : Attachment.DeepClone(),
        };
    }
}
