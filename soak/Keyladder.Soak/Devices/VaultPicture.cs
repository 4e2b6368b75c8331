using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Keyladder.Client;

namespace Keyladder.Soak.Devices;

/// <summary>An item at the end of a run.</summary>
/// <param name="Id">The item.</param>
/// <param name="Revision">From 1.</param>
/// <param name="ConflictOf">Which it is the other version of.</param>
/// <param name="State">Its parts.</param>
/// <param name="Exact">All that a device shows of it, in one text.</param>
internal sealed record ShownItem(Guid Id, long Revision, Guid? ConflictOf, ItemState State, string Exact);

/// <summary>All that a device shows of a Vault.</summary>
internal static class VaultPicture
{
    /// <summary>What an attachment of that name holds: bytes that follow from the name, up to 200 kB.</summary>
    public static byte[] ContentOf(string value)
    {
        var seed = SHA256.HashData(Encoding.UTF8.GetBytes(value));
        var content = new byte[1 + (BitConverter.ToUInt16(seed) * 3)];
        for (var at = 0; at < content.Length; at += seed.Length)
        {
            seed.AsSpan(0, Math.Min(seed.Length, content.Length - at)).CopyTo(content.AsSpan(at));
            seed = SHA256.HashData(seed);
        }

        return content;
    }

    /// <summary>The parts of an item; a value of an attachment is its name.</summary>
    public static ItemState StateOf(string name, IEnumerable<string> tags, IEnumerable<OpenedAttribute> attributes, bool isRemoved) => new(
        attributes.Select(attribute => KeyValuePair.Create(attribute.Id.ToString(), attribute.Content.GetAttachment()?.FileName ?? attribute.Content.GetText()))
            .Concat(tags.Select(tag => KeyValuePair.Create("tags", tag)))
            .Append(KeyValuePair.Create(ItemState.Name, name))
            .ToDictionary(),
        isRemoved);

    public static ItemState StateOf(OpenedItem item) => StateOf(item.Name, item.Item.Tags, item.Attributes, item.Item.Removed is not null);

    public static ItemState StateOf(ItemDraft draft) => StateOf(draft.Name, draft.Tags, draft.Attributes, draft.IsRemoved);

    /// <summary>Reads every item with all its attachments.</summary>
    public static async Task<IReadOnlyList<ShownItem>> TakeAsync(Client.Vault vault)
    {
        var items = new List<ShownItem>();
        await foreach (var item in vault.ReadAllAsync())
        {
            var exact = new StringBuilder();
            exact.Append(CultureInfo.InvariantCulture, $"{item.Id} {item.Item.Revision} {item.Item.Kind} {item.Item.Created:O} {item.Item.Changed:O} {item.Item.Removed:O} {item.Item.ConflictOf}");
            exact.Append(JsonSerializer.Serialize((string[])[item.Name, .. item.Item.Tags]));
            foreach (var (id, content) in item.Attributes)
            {
                exact.Append(CultureInfo.InvariantCulture, $" {id} {JsonSerializer.Serialize(content.Name)} {content.Type} {Convert.ToHexString(content.Value.Span)}");
                if (content.GetAttachment() is not { } attachment)
                    continue;
                await using var stream = vault.Open(attachment);
                var read = await SHA256.HashDataAsync(stream);
                var isRight = read.AsSpan().SequenceEqual(SHA256.HashData(ContentOf(attachment.FileName!)));
                exact.Append(CultureInfo.InvariantCulture, $" {(isRight ? "" : "NOT ")}its content");
            }

            items.Add(new ShownItem(item.Id.Value, item.Item.Revision, item.Item.ConflictOf?.Value, StateOf(item), exact.ToString()));
        }

        return [.. items.OrderBy(item => item.Id)];
    }
}
