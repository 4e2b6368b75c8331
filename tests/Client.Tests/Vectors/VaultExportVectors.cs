using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Keyladder.Keys.Vault;
using Keyladder.Vectors;

namespace Keyladder.Client.Tests.Vectors;

internal static class VaultExportVectors
{
    public static async Task<bool> ExportsAsync(VectorCase vector)
    {
        try
        {
            using var export = await OpenAsync(vector);
            await export.ExamineAsync(Person.Cancellation);
            var items = await Task.WhenAll(export.Items.Select(item => export.GetAsync(item.Id, Person.Cancellation)));
            vector.Gives("account", export.Id.ToString());
            vector.Gives("number", export.Change.Number);
            vector.GivesJson("items", JsonSerializer.SerializeToElement(new JsonArray([.. items.OrderBy(item => item.Id.ToString(), StringComparer.Ordinal).Select(Describe)])));
            vector.GivesJson("attachments", JsonSerializer.SerializeToElement(await AttachmentsAsync(export, items)));
            return true;
        }
        catch (KeyladderException e) when (e.Reason == FailureReason.NotAllowed)
        {
            return false;
        }
    }

    public static async Task<ExportedVault> OpenAsync(VectorCase vector)
    {
        var derived = await ExportVectors.DeriveAsync(vector);
        byte[] file = [.. vector.Json("members").EnumerateArray().SelectMany(Bytes), .. vector.Bytes("end")];
        return await ExportedVault.OpenAsync(
            new MemoryStream(file),
            async account =>
            {
                using var login = derived.DeriveLoginKeypair();
                using var mek = derived.DeriveMasterEncryptionKey();
                return await ExportedAccount.ReadAsync(account, mek, Cryptography.Heads.SlotKind.Words, login.PublicKey, Person.Cancellation);
            },
            Person.Cancellation);
    }

    private static byte[] Bytes(JsonElement member) =>
    [
        .. VectorCase.ReadBytes(member.GetProperty("header")),
        .. member.TryGetProperty("text", out var text) ? Encoding.UTF8.GetBytes(text.GetString()!) : VectorCase.ReadBytes(member.GetProperty("content")),
        .. VectorCase.ReadBytes(member.GetProperty("gap")),
    ];

    private static JsonNode Describe(OpenedItem opened)
    {
        var (item, overview) = (opened.Item, opened.Item.Overview);
        var described = new JsonObject
        {
            ["name"] = item.Name,
            ["kind"] = item.Kind,
            ["tags"] = new JsonArray([.. item.Tags.Select(tag => (JsonNode)tag)]),
            ["created"] = Day(item.Created),
            ["changed"] = Day(item.Changed),
            ["attributes"] = new JsonArray([.. overview.Attributes.Select(Describe)]),
        };
        if (overview.Follows is { } follows)
            described["follows"] = follows.ToString();
        if (item.Removed is { } removed)
            described["removed"] = Day(removed);
        if (item.ConflictOf is { } other)
            described["conflictOf"] = other.ToString();
        return new JsonObject
        {
            ["id"] = item.Id.ToString(),
            ["item"] = described,
            ["attributes"] = new JsonArray([.. opened.Attributes.Select(attribute => (JsonNode)new JsonObject
            {
                ["id"] = attribute.Id.ToString(),
                ["name"] = attribute.Content.Name,
                ["type"] = attribute.Content.Type,
                ["value"] = Convert.ToHexStringLower(attribute.Content.Value.Span),
            })]),
        };
    }

    private static JsonNode Describe(AttributeEntry entry)
    {
        var described = new JsonObject { ["id"] = entry.Id.ToString(), ["revision"] = entry.Revision, ["leaf"] = entry.Leaf.ToString() };
        if (entry.Removed is { } removed)
            described["removed"] = Day(removed);
        return described;
    }

    private static async Task<JsonArray> AttachmentsAsync(ExportedVault export, IEnumerable<OpenedItem> items)
    {
        var contents = new JsonArray();
        foreach (var attachment in items.SelectMany(item => item.Attributes).Select(attribute => attribute.Content.GetAttachment()).OfType<Attachment>()
            .DistinctBy(attachment => attachment.Id).OrderBy(attachment => attachment.Id.ToString(), StringComparer.Ordinal))
        {
            await using var stream = export.Open(attachment);
            using var content = new MemoryStream();
            await stream.CopyToAsync(content, Person.Cancellation);
            contents.Add((JsonNode)new JsonObject { ["id"] = attachment.Id.ToString(), ["content"] = Convert.ToHexStringLower(content.ToArray()) });
        }

        return contents;
    }

    private static string Day(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
