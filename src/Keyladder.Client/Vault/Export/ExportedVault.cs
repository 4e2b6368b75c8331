using System.Globalization;
using Keyladder.Cryptography;
using Keyladder.Cryptography.ChunkedEncryption;
using Keyladder.Keys.Passphrases;
using Keyladder.Keys.Vault;

namespace Keyladder.Client;

/// <summary>
/// A Vault's export, opened without any service (docs/spec/vault-export.md): what it shows has been verified from the unlock secret up, as the
/// Vault was at the head that signs for it. That there is a later state, no file can show. All members may be used side by side.
/// </summary>
public sealed class ExportedVault : IDisposable
{
    private readonly ExportFile _file;
    private readonly ExportedAccount _account;
    private readonly KeysInUse _inUse;
    private readonly ExportedObjects _objects;
    private readonly IReadOnlyDictionary<AttachmentId, ExportMember> _attachments;
    private readonly Dictionary<ItemId, VaultItem> _items;

    private ExportedVault(
        ExportFile file, ExportedAccount account, KeysInUse inUse, ExportedObjects objects, IReadOnlyDictionary<AttachmentId, ExportMember> attachments)
    {
        (_file, _account, _inUse, _objects, _attachments) = (file, account, inUse, objects, attachments);
        _items = objects.Items.ToDictionary(item => item.Id);
        Items = [.. objects.Items.OrderBy(item => item.Name, StringComparer.CurrentCulture).ThenBy(item => item.Id.Value)];
    }

    /// <summary>The account's id at the Vault that it comes from.</summary>
    public AccountId Id => _objects.Keys.Service.Account;

    /// <summary>Where it comes from.</summary>
    public Uri Address => _objects.Keys.Service.Origin.Address;

    /// <summary>Number and day, in UTC, of the head that signs for all of it.</summary>
    public (long Number, DateOnly Day) Change => (_objects.Head.Number, _objects.Head.Day);

    /// <summary>Every item, by name; those in the trash too.</summary>
    public IReadOnlyList<VaultItem> Items { get; }

    /// <summary>Reads an export, and verifies all of it but the contents of attributes and attachments: those are verified as they are opened.</summary>
    /// <param name="export">Can seek. Stays the caller's, and is read until this is disposed of.</param>
    /// <param name="secret">The one that unlocked the account when it was exported.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>To be disposed of.</returns>
    /// <exception cref="KeyladderException">It is no export, was cut or altered, or the secret does not open it.</exception>
    public static async Task<ExportedVault> OpenAsync(Stream export, UnlockSecret secret, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(export);
        ArgumentNullException.ThrowIfNull(secret);
        if (!export.CanSeek)
            throw new ArgumentException("An export is read from more than one place: give one that can seek.", nameof(export));
        return await OpenAsync(export, account => ExportedAccount.OpenAsync(account, secret, cancellationToken), cancellationToken).ConfigureAwait(false);
    }

    /// <param name="export">As above.</param>
    /// <param name="openAccount">Given the account's export.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="KeyladderException">As above.</exception>
    internal static async Task<ExportedVault> OpenAsync(Stream export, Func<Stream, Task<ExportedAccount>> openAccount, CancellationToken cancellationToken)
    {
        var file = new ExportFile(export);
        var inUse = new KeysInUse();
        ExportedAccount? account = null;
        try
        {
            var accountMember = await NextAsync(file, 0, ExportMember.Account, cancellationToken).ConfigureAwait(false);
            var vaultMember = await NextAsync(file, accountMember.Next, ExportMember.Vault, cancellationToken).ConfigureAwait(false);
            account = await openAccount(accountMember.Open()).ConfigureAwait(false);
            var objects = await ExportedObjects.ReadAsync(vaultMember, account, new KeyWrapping(account.Trust, inUse), cancellationToken).ConfigureAwait(false);
            var attachments = await ReadAttachmentsAsync(file, vaultMember.Next, objects, cancellationToken).ConfigureAwait(false);
            return new ExportedVault(file, account, inUse, objects, attachments);
        }
        catch
        {
            account?.Dispose();
            inUse.Dispose();
            file.Dispose();
            throw;
        }
    }

    /// <summary>Opens an item with its attributes.</summary>
    /// <exception cref="KeyladderException">There is no such item, or an attribute of it was altered.</exception>
    public async Task<OpenedItem> GetAsync(ItemId id, CancellationToken cancellationToken = default)
    {
        var item = _items.GetValueOrDefault(id)
            ?? throw new KeyladderException(FailureReason.NotFound, $"The export has no item {id}.", "List the items to see which there are.");
        var attributes = new List<OpenedAttribute>();
        foreach (var entry in VaultSnapshot.Kept(item))
            attributes.Add(await _objects.OpenAsync(id, entry, cancellationToken).ConfigureAwait(false));
        return new OpenedItem(item, attributes);
    }

    /// <summary>Opens an attachment.</summary>
    /// <param name="attachment">From an opened item: <see cref="ItemAttribute.GetAttachment"/>.</param>
    /// <returns>
    /// The content, read asynchronously. Each byte that is read has been verified; what is not the one that the person stored throws a
    /// <see cref="KeyladderException"/>. Read to its end, it says so once the last part of it has been verified too.
    /// </returns>
    /// <exception cref="KeyladderException">It is an attachment of another Vault, or was altered.</exception>
    public Stream Open(Attachment attachment)
    {
        ArgumentNullException.ThrowIfNull(attachment);
        try
        {
            return new VerifiedStream(attachment.Open(Id, Find(attachment).Open()), e => Altered(attachment, e));
        }
        catch (OpenFailedException e)
        {
            throw Altered(attachment, e);
        }
    }

    /// <summary>Opens everything to its end: every attribute of every item, and every attachment as it was stored.</summary>
    /// <exception cref="KeyladderException">Something was altered; says what.</exception>
    public async Task ExamineAsync(CancellationToken cancellationToken = default)
    {
        foreach (var item in Items)
        {
            foreach (var attachment in (await GetAsync(item.Id, cancellationToken).ConfigureAwait(false)).Attributes.Select(attribute => attribute.Content.GetAttachment()).OfType<Attachment>())
            {
                try
                {
                    await attachment.CopySealedAsync(Id, Find(attachment).Open(), Stream.Null, cancellationToken).ConfigureAwait(false);
                }
                catch (OpenFailedException e)
                {
                    throw Altered(attachment, e);
                }
            }
        }
    }

    public void Dispose()
    {
        _account.Dispose();
        _inUse.Dispose();
        _file.Dispose();
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"export of vault {Id} at change {Change.Number}");

    private static async Task<ExportMember> NextAsync(ExportFile file, long offset, string name, CancellationToken cancellationToken)
    {
        var member = await file.ReadMemberAsync(offset, cancellationToken).ConfigureAwait(false);
        return member?.Name == name ? member : throw Failures.NotAVaultExport();
    }

    /// <summary>Exactly those that the items name, in their order: so nothing was dropped, and nothing lies in the file besides.</summary>
    private static async Task<IReadOnlyDictionary<AttachmentId, ExportMember>> ReadAttachmentsAsync(
        ExportFile file, long offset, ExportedObjects objects, CancellationToken cancellationToken)
    {
        var attachments = new Dictionary<AttachmentId, ExportMember>();
        foreach (var id in objects.Attachments)
        {
            var member = await file.ReadMemberAsync(offset, cancellationToken).ConfigureAwait(false);
            if (member?.Name != ExportMember.Of(id))
                throw Failures.VaultExportAltered($"attachment {id} is not in its place");
            attachments.Add(id, member);
            offset = member.Next;
        }

        return await file.ReadMemberAsync(offset, cancellationToken).ConfigureAwait(false) is null
            ? attachments
            : throw Failures.VaultExportAltered("it holds more than what its items name");
    }

    private ExportMember Find(Attachment attachment) =>
        _attachments.TryGetValue(attachment.Id, out var member) && member.Length == attachment.SealedLength ? member : throw Altered(attachment, inner: null);

    private static KeyladderException Altered(Attachment attachment, Exception? inner) =>
        Failures.VaultExportAltered($"attachment {attachment.Id} is not what belongs there", inner);
}
