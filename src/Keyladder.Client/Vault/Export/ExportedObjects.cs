using System.Globalization;
using Keyladder.Cryptography;
using Keyladder.Cryptography.Heads;
using Keyladder.Keys.Vault;
using Keyladder.Protocol;
using Keyladder.Protocol.Vault;

namespace Keyladder.Client;

/// <summary>
/// The objects of a Vault's export, verified as what its head signs for (docs/spec/vault-export.md section 2). Items are held open; of an
/// attribute, where it stands in the file.
/// </summary>
internal sealed class ExportedObjects
{
    /// <summary>An envelope of 64 KiB in base64url, and what stands beside it.</summary>
    private const int LongestObject = 96 * 1024;

    private readonly ExportMember _member;
    private readonly ItemSealing _sealing;
    private readonly Dictionary<ObjectName, Place> _attributes = [];
    private readonly List<VaultItem> _items = [];
    private readonly Dictionary<Hash256, Hash256> _leaves = [];

    private ExportedObjects(ExportMember member, VaultKeys keys, VaultHead head) => (_member, Keys, Head, _sealing) = (member, keys, head, new ItemSealing(keys));

    public VaultKeys Keys { get; }

    public VaultHead Head { get; }

    public IReadOnlyList<VaultItem> Items => _items;

    /// <summary>Which the items name, ascending as text.</summary>
    public IEnumerable<AttachmentId> Attachments =>
        (from item in _items
         from entry in VaultSnapshot.Kept(item)
         let attachment = _attributes[entry.Id].Attachment
         where attachment is not null
         select new AttachmentId(attachment.Value)).Distinct().OrderBy(id => id.ToString(), StringComparer.Ordinal);

    /// <param name="member">Where they stand.</param>
    /// <param name="account">Whose Vault it is: its keys open it.</param>
    /// <param name="wrapping">Unwraps them.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="KeyladderException">They are not as they were signed for.</exception>
    public static async Task<ExportedObjects> ReadAsync(ExportMember member, ExportedAccount account, KeyWrapping wrapping, CancellationToken cancellationToken)
    {
        try
        {
            var lines = new BoundedLines(member.Open(), Failures.NotAVaultExport, LongestObject);
            if (await lines.ReadAsync(BoundedLines.Longest, cancellationToken).ConfigureAwait(false) is not { } first
                || !StrictJson.TryRead(first.Span, ProtocolJson.Default.VaultExportMessage, out var start) || start.Format != VaultExportMessage.Version1)
                throw Failures.NotAVaultExport();
            var keys = VaultKeys.Find(account.Keys, wrapping, new AccountId(start.Account))
                ?? throw Failures.VaultExportAltered("the account has no keys of that Vault");
            using var trust = new VaultTrust(keys);
            var head = trust.Read(start.Head).Head;
            trust.RequireOwnSlot(head);
            var objects = new ExportedObjects(member, keys, head);
            await objects.ReadAsync(lines, cancellationToken).ConfigureAwait(false);
            return objects;
        }
        catch (IntegrityException e)
        {
            throw Failures.VaultExportAltered($"{e.Object} is not what belongs there", e);
        }
    }

    /// <exception cref="KeyladderException">It is not the one that the item lists, or does not open.</exception>
    public async Task<OpenedAttribute> OpenAsync(ItemId item, AttributeEntry entry, CancellationToken cancellationToken)
    {
        var place = _attributes[entry.Id];
        try
        {
            // Read again, and held against the leaf again: the file may have been changed since.
            var line = await _member.File.ReadAllAsync(_member.Start + place.Offset, place.Length, cancellationToken).ConfigureAwait(false);
            var stored = Read(line);
            return stored.Leaf == entry.Leaf && stored.Revision == entry.Revision
                ? _sealing.Open(item, stored)
                : throw Alarms.ObjectInvalid(entry.Id, "which is not the one that its item lists");
        }
        catch (IntegrityException e)
        {
            throw Failures.VaultExportAltered($"{e.Object} is not what belongs there", e);
        }
    }

    private static StoredObject Read(ReadOnlySpan<byte> line) =>
        StrictJson.TryRead(line, ProtocolJson.Default.ObjectMessage, out var message) ? StoredObject.Read(message) : throw Failures.NotAVaultExport();

    private async Task ReadAsync(BoundedLines lines, CancellationToken cancellationToken)
    {
        var last = "";
        while (await lines.ReadAsync(LongestObject, cancellationToken).ConfigureAwait(false) is { } line)
        {
            var stored = Read(line.Span);
            var id = stored.Name.Id.ToString("D");
            if (_leaves.Count == Head.Count)
                throw Failures.VaultExportAltered($"it holds more items and attributes than the {Number(Head.Count)} that were signed for");
            if (string.CompareOrdinal(last, id) >= 0)
                throw Failures.VaultExportAltered($"{stored.Name} is there twice, or out of its order");
            _leaves.Add(stored.Name.Path, stored.Leaf);
            if (stored.Name.Kind == ObjectKind.Item)
                _items.Add(_sealing.Open(stored));
            else
                _attributes.Add(stored.Name, new Place(lines.Position - line.Length - 1, line.Length, stored.Leaf, stored.Attachment));
            last = id;
        }

        if (_leaves.Count != Head.Count)
            throw Failures.VaultExportAltered($"it holds {Number(_leaves.Count)} items and attributes, and {Number(Head.Count)} were signed for");
        if (SparseMerkleTree.ComputeRoot(_leaves) != Head.Root)
            throw Failures.VaultExportAltered($"an item or attribute is not the one that was signed for at change {Number(Head.Number)}, but an older or a deleted one");
        foreach (var entry in _items.SelectMany(item => item.Overview.Attributes))
        {
            if (!_attributes.TryGetValue(entry.Id, out var place) || place.Leaf != entry.Leaf)
                throw Failures.VaultExportAltered($"attribute {entry.Id} is not the one that its item lists");
        }

        _leaves.Clear();
    }

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);

    /// <param name="Offset">In the member.</param>
    /// <param name="Length">Bytes of the line.</param>
    /// <param name="Leaf">As the head signs for it.</param>
    /// <param name="Attachment">Which it names.</param>
    private sealed record Place(long Offset, int Length, Hash256 Leaf, Guid? Attachment);
}
