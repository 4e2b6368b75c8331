using Keyladder.Cryptography;
using Keyladder.Cryptography.Heads;
using Keyladder.Keys.Vault;

namespace Keyladder.Client;

/// <summary>All that a Vault holds at one head, every item and every attribute of it shown to open.</summary>
/// <param name="Head">What signs for it.</param>
/// <param name="Objects">Ascending by id as text.</param>
/// <param name="Attachments">Those that an attribute of an item names, ascending by id as text.</param>
internal sealed record VaultSnapshot(SignedHead<VaultHead> Head, IReadOnlyList<StoredObject> Objects, IReadOnlyList<Attachment> Attachments)
{
    /// <summary>Which content an export has to hold: removed attributes, as versions, stay without theirs.</summary>
    public static IEnumerable<AttributeEntry> Kept(VaultItem item) => item.Overview.Attributes.Where(entry => entry.Removed is null);

    /// <returns>Null where another device has moved the account on meanwhile.</returns>
    /// <exception cref="IntegrityException">Something does not open, or is not as its item says.</exception>
    public static async Task<VaultSnapshot?> TryTakeAsync(VaultCopy copy, ItemSealing sealing, CancellationToken cancellationToken)
    {
        if (!await copy.TryFetchAsync([.. copy.Leaves.Keys], cancellationToken).ConfigureAwait(false))
            return null;
        var attachments = new Dictionary<AttachmentId, Attachment>();
        foreach (var item in copy.Items.Select(sealing.Open))
        {
            foreach (var entry in item.Overview.Attributes)
            {
                if (copy.Find(entry.Id) is not { } stored || stored.Leaf != entry.Leaf || stored.Revision != entry.Revision)
                    throw Alarms.ObjectInvalid(entry.Id, "which is not the one that its item lists");
                if (sealing.Open(item.Id, stored).Content.GetAttachment() is { } attachment && entry.Removed is null)
                    attachments[attachment.Id] = attachment;
            }
        }

        return new VaultSnapshot(
            copy.Head!,
            [.. copy.Leaves.Keys.Select(name => copy.Find(name)!).OrderBy(stored => $"{stored.Name.Id:D}", StringComparer.Ordinal)],
            [.. attachments.Values.OrderBy(attachment => attachment.Id.ToString(), StringComparer.Ordinal)]);
    }
}
