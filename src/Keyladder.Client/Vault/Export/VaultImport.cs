using System.Globalization;
using System.Text;
using Keyladder.Cryptography;
using Keyladder.Cryptography.Heads;
using Keyladder.Keys.Vault;
using Keyladder.Protocol.Vault;

namespace Keyladder.Client;

/// <summary>
/// Brings the items of an export into a Vault (docs/spec/vault-export.md section 3). What has been done the Vault knows, not this device: called
/// again it finds what is there, by its contents, and writes what is missing.
/// </summary>
internal sealed class VaultImport(Vault vault, ExportedVault export)
{
    private const int AtOnce = 100;

    // A write of 16 MiB, with room for what is estimated too low; and what is lost at most by a cut, but for one attachment.
    private const long MostOfWrite = 12 * 1024 * 1024;
    private const long MostAttached = 64 * 1024 * 1024;

    private readonly Dictionary<ItemId, ItemId> _ids = [];
    private readonly Dictionary<(AttachmentId Id, string? File, string? MediaType), Attachment> _uploaded = [];

    // The keys of a relationship are for the Vault that it began in, and nobody but its two parties would know of another.
    private IEnumerable<VaultItem> Items => export.Items.Where(item => item.Kind != RelationshipItem.Kind);

    public async Task<ImportedItems> RunAsync(IProgress<int>? progress, CancellationToken cancellationToken)
    {
        await FindPresentAsync(progress, cancellationToken).ConfigureAwait(false);
        var present = _ids.Count;
        List<VaultItem> missing = [.. Items.Where(item => !_ids.ContainsKey(item.Id))];
        foreach (var item in missing)
            _ids[item.Id] = ItemId.Generate();

        var batch = new List<ItemDraft>();
        var (objects, length, attached, done) = (0, 0L, 0L, present);
        foreach (var item in missing)
        {
            var opened = await export.GetAsync(item.Id, cancellationToken).ConfigureAwait(false);
            var (own, estimate, content) = (1 + opened.Attributes.Count, Estimate(opened), AttachmentsOf(opened).Sum(attachment => attachment.Size));
            if (objects + own > VaultRoutes.MaxObjects || length + estimate > MostOfWrite || attached + content > MostAttached)
                await WriteAsync().ConfigureAwait(false);
            batch.Add(await PrepareAsync(opened, cancellationToken).ConfigureAwait(false));
            (objects, length, attached) = (objects + own, length + estimate, attached + content);
        }

        await WriteAsync().ConfigureAwait(false);
        return new ImportedItems(missing.Count, present);

        async Task WriteAsync()
        {
            if (batch is [var large] && length > MostOfWrite)
                await PutLargeAsync(large, cancellationToken).ConfigureAwait(false);
            else if (batch.Count > 0)
                await vault.BringAsync(batch, cancellationToken).ConfigureAwait(false);
            done += batch.Count;
            progress?.Report(done);
            batch.Clear();
            (objects, length, attached) = (0, 0, 0);
        }
    }

    /// <summary>Finds an item of the Vault for each of the export that is there already, and none for two.</summary>
    private async Task FindPresentAsync(IProgress<int>? progress, CancellationToken cancellationToken)
    {
        var there = new Dictionary<Hash256, List<ItemId>>();
        foreach (var page in (await vault.ListAsync(cancellationToken).ConfigureAwait(false)).Chunk(AtOnce))
        {
            foreach (var item in await vault.GetManyAsync([.. page.Select(item => item.Id)], cancellationToken).ConfigureAwait(false))
            {
                var contents = Contents(item);
                if (!there.TryGetValue(contents, out var same))
                    there[contents] = same = [];
                same.Add(item.Id);
            }
        }

        if (there.Count == 0)
            return;
        foreach (var item in Items)
        {
            var opened = await export.GetAsync(item.Id, cancellationToken).ConfigureAwait(false);
            if (!there.TryGetValue(Contents(opened), out var candidates))
                continue;
            foreach (var candidate in candidates)
            {
                if (!await HaveSameAttachmentsAsync(opened, candidate, cancellationToken).ConfigureAwait(false))
                    continue;
                _ids[item.Id] = candidate;
                candidates.Remove(candidate);
                progress?.Report(_ids.Count);
                break;
            }
        }
    }

    /// <summary>What an item says, but for days and ids, which are others wherever it is brought; and of an attachment how it is called and how long it is.</summary>
    private static Hash256 Contents(OpenedItem item)
    {
        var fields = new List<byte[]> { Text(item.Item.Kind), Text(item.Item.Removed is null ? "" : "removed"), Text($"{item.Item.Tags.Count}") };
        fields.AddRange(item.Item.Tags.Select(Text));
        foreach (var content in item.Attributes.Select(attribute => attribute.Content))
        {
            fields.AddRange([Text(content.Name), Text(content.Type)]);
            if (content.GetAttachment() is { } attachment)
                fields.AddRange([Text(attachment.Size.ToString(CultureInfo.InvariantCulture)), Text(attachment.FileName ?? ""), Text(attachment.MediaType ?? "")]);
            else
                fields.Add(content.Value.ToArray());
        }

        return Hash256.Of([.. fields.SelectMany(field => Fields.Encode(item.Name, field))]);

        static byte[] Text(string text) => Encoding.UTF8.GetBytes(text);
    }

    /// <summary>Whether the attachments are the same too, byte for byte: a key file that was exchanged is as long as the one before.</summary>
    /// <param name="item">Of the export.</param>
    /// <param name="id">Of an item of the Vault that says the same.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    private async Task<bool> HaveSameAttachmentsAsync(OpenedItem item, ItemId id, CancellationToken cancellationToken)
    {
        List<Attachment> own = [.. AttachmentsOf(item)];
        if (own.Count == 0)
            return true;
        List<Attachment> there = [.. AttachmentsOf(await vault.GetAsync(id, cancellationToken).ConfigureAwait(false))];
        if (there.Count != own.Count)
            return false;
        foreach (var (left, right) in own.Zip(there))
        {
            var (first, second) = (export.Open(left), vault.Open(right));
            await using var closeFirst = first.ConfigureAwait(false);
            await using var closeSecond = second.ConfigureAwait(false);
            if (!await AreSameAsync(first, second, cancellationToken).ConfigureAwait(false))
                return false;
        }

        return true;
    }

    private static async Task<bool> AreSameAsync(Stream left, Stream right, CancellationToken cancellationToken)
    {
        var (own, other) = (new byte[64 * 1024], new byte[64 * 1024]);
        while (true)
        {
            var read = await left.ReadAtLeastAsync(own, own.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
            var readThere = await right.ReadAtLeastAsync(other, other.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
            if (!own.AsSpan(0, read).SequenceEqual(other.AsSpan(0, readThere)))
                return false;
            if (read == 0)
                return true;
        }
    }

    private static IEnumerable<Attachment> AttachmentsOf(OpenedItem item) => item.Attributes.Select(attribute => attribute.Content.GetAttachment()).OfType<Attachment>();

    /// <summary>Uploads the attachments, and drafts the item that names them.</summary>
    private async Task<ItemDraft> PrepareAsync(OpenedItem opened, CancellationToken cancellationToken)
    {
        var attributes = new List<OpenedAttribute>();
        foreach (var content in opened.Attributes.Select(attribute => attribute.Content))
        {
            var brought = content.GetAttachment() is { } attachment
                ? (await UploadAsync(attachment, cancellationToken).ConfigureAwait(false)).ToAttribute(content.Name)
                : content;
            attributes.Add(new OpenedAttribute(AttributeId.Generate(), brought));
        }

        var item = opened.Item;
        return new ItemDraft
        {
            Id = _ids[item.Id],
            Name = item.Name,
            Kind = item.Kind,
            Tags = item.Tags,
            Attributes = attributes,
            IsRemoved = item.Removed is not null,
            ConflictOf = item.ConflictOf is { } other && _ids.TryGetValue(other, out var id) ? id : null,
            Origin = new ItemOrigin(item.Created, item.Changed, item.Removed),
        };
    }

    private async Task<Attachment> UploadAsync(Attachment attachment, CancellationToken cancellationToken)
    {
        var key = (attachment.Id, attachment.FileName, attachment.MediaType);
        if (_uploaded.TryGetValue(key, out var known))
            return known;
        var content = export.Open(attachment);
        await using var closeContent = content.ConfigureAwait(false);
        var upload = vault.Upload(content, attachment.FileName, attachment.MediaType);
        await using var closeUpload = upload.ConfigureAwait(false);
        return _uploaded[key] = await upload.RunAsync(progress: null, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>More than one write may carry: it grows in the trash, and comes out whole.</summary>
    private async Task PutLargeAsync(ItemDraft draft, CancellationToken cancellationToken)
    {
        for (var (count, length) = (0, 0L); count < draft.Attributes.Count; length = 0)
        {
            var isNew = count == 0;
            while (count < draft.Attributes.Count && (length += Estimate(draft.Attributes[count].Content)) <= MostOfWrite)
                count++;
            var part = draft with { Attributes = [.. draft.Attributes.Take(count)], IsRemoved = draft.IsRemoved || count < draft.Attributes.Count };
            await vault.BringAsync(
                [isNew ? part : part with { Base = await vault.GetAsync(draft.Id, cancellationToken).ConfigureAwait(false) }], cancellationToken).ConfigureAwait(false);
        }
    }

    // Bytes of a write's JSON: padded, sealed, in base64url, and what stands beside it.
    private static long Estimate(OpenedItem item) => 8192 + (256 * item.Attributes.Count) + item.Attributes.Sum(attribute => Estimate(attribute.Content));

    private static long Estimate(ItemAttribute content) => ((content.Value.Length * 112L / 100) + 768) * 4 / 3;
}

/// <summary>What became of an export's items.</summary>
/// <param name="Imported">How many were put into the Vault.</param>
/// <param name="Present">How many were there already with the same contents.</param>
public sealed record ImportedItems(int Imported, int Present);
