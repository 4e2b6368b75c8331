using System.Runtime.CompilerServices;
using Keyladder.Cryptography;
using Keyladder.Cryptography.ChunkedEncryption;
using Keyladder.Cryptography.Heads;
using Keyladder.Keys.Vault;
using Keyladder.Protocol.Vault;

namespace Keyladder.Client;

/// <summary>
/// A person's Vault, signed in and verified: items whose every attribute is sealed under an id of its own. Lists open what items say of
/// themselves; attributes are fetched and opened where an item is. Whatever is shown has been proven against what the account last signed; a
/// call that meets anything else throws an <see cref="IntegrityException"/> and shows nothing. Ends with the unlocked account it came from.
/// </summary>
/// <remarks>
/// Every method throws <see cref="KeyladderException"/> where it cannot do what it says, and <see cref="RestoredException"/> where the Vault was restored
/// and shows less than this device has seen. All may be called side by side.
/// </remarks>
public sealed class Vault : IAsyncDisposable
{
    private static readonly TimeSpan StaleAfter = TimeSpan.FromDays(90);
    private static readonly TimeSpan LongestGoodbye = TimeSpan.FromSeconds(2);

    private readonly SignedConnection _connection;
    private readonly VaultCalls _calls;
    private readonly VaultKeys _keys;
    private readonly VaultCopy _copy;
    private readonly VaultView _view;
    private readonly VersionReading _versions;
    private readonly StoreFile? _file;
    private readonly VaultQueue? _queue;
    private readonly VaultGoingBack _back;
    private readonly VaultSync _sync;
    private readonly VaultWork _work;
    private readonly AccountAudit<VaultHead> _audit;
    private readonly Deletion<VaultHead> _deletion;
    private readonly Witnesses _witnesses;
    private readonly TaskCompletionSource _left = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly IDisposable? _ownHttp;
    private readonly GuestConnections _guests;
    private readonly Action<Vault> _whenClosed;
    private readonly SemaphoreSlim _turn = new(1, 1);
    private int _closed;

    /// <exception cref="KeyladderException">The copy on this device is damaged.</exception>
    internal Vault(
        SignedConnection connection,
        VaultKeys keys,
        VaultTrust trust,
        VaultCalls calls,
        VaultWatch watch,
        Witnesses witnesses,
        StoreFile? file,
        IDisposable? ownHttp,
        HttpClient? guestHttp,
        Action<Vault> whenClosed,
        bool isProven = false)
    {
        (_connection, _keys, _calls, _witnesses, _file, _ownHttp, _whenClosed) = (connection, keys, calls, witnesses, file, ownHttp, whenClosed);
        var sealing = new ItemSealing(keys);
        _copy = new VaultCopy(trust, _calls, watch, sealing, file, isWhole: file is not null);
        var reading = new ItemReading(_copy, sealing);
        _queue = file?.Restore(_copy, sealing, connection.Http.Time);
        _view = new VaultView(_copy, sealing, reading, _queue);
        _versions = new VersionReading(_calls, _copy, sealing);
        _audit = new AccountAudit<VaultHead>(trust, _calls, watch);
        _deletion = new Deletion<VaultHead>(trust, connection, _calls, watch);
        _back = new VaultGoingBack(trust, keys, _calls, watch, _copy, sealing, connection.Http.Time);
        var writer = new VaultWriter(trust, keys, _calls, watch, _copy, _back, reading, sealing, connection.Http.Time);
        var putBack = new VaultPutBack(_calls, _copy, _back, writer, reading, sealing, connection.Http.Time);
        _sync = new VaultSync(keys, _copy, _back, putBack, sealing, _queue, file, writer, witnesses, isProven, connection.Http.Time);
        _work = new VaultWork(keys, _copy, _back, sealing, _view, _queue, _sync, writer);
        _guests = new GuestConnections(guestHttp, connection.Http);
        var book = new RelationshipBook(_view, reading, sealing, writer, keys, connection.Http.Time);
        var others = new OtherVaults();
        var (inviting, held) = (new Inviting(book, keys, _guests, others, connection.Http.Time), new HeldShares(book, keys, _guests, others, connection));
        var settling = new ChannelSettling(book, _calls);
        Relationships = new Relationships(
            new SharingTurns(this, InTurnAsync),
            book,
            new Uri(Address, "invitation"),
            inviting,
            new Managing(book),
            new Sharing(book, keys),
            held,
            new Receipts(book, held, others, InTurnAsync),
            others,
            new RelationshipSync(book, keys, _copy, _calls, _work, held, inviting, others, new LetterReading(book, held, connection.Http.Time), new LetterWait(book, _calls, held), settling),
            settling,
            _work,
            InTurnAsync);
        Sessions = new AccountSessions(_calls);
        Restoration = new VaultRestoration(_back, putBack, _work, InTurnAsync);
    }

    /// <summary>The account's id at the Vault; the Keystore does not know it.</summary>
    public AccountId Id => _keys.Service.Account;

    /// <summary>The Vault's address in its one form.</summary>
    public Uri Address => _keys.Service.Origin.Address;

    /// <summary>By the Vault's clock, as far as this device has been told.</summary>
    internal DateTimeOffset ServiceTime => _connection.Http.ServiceTime;

    /// <summary>Number of the newest head that was accepted; 0 for none.</summary>
    public long Change => _copy.At.Number;

    /// <summary>
    /// The day of that head in UTC, by the clock of the device that made it: how old the state is that is shown. A service that shows nothing
    /// newer cannot make it younger; with witnesses it can show none that is older than what was last witnessed.
    /// </summary>
    public DateOnly LastChanged => _copy.Head!.Head.Day;

    /// <summary>
    /// Whether that is more than 90 days ago, by this device's clock: tell the person, who knows whether they have changed something since. A Vault
    /// that holds back what is new looks the same as one that nobody has written to.
    /// </summary>
    public bool IsStale => LastChanged < DateOnly.FromDateTime((_connection.Http.Time.GetUtcNow() - StaleAfter).UtcDateTime);

    /// <summary>
    /// Whether the Vault did not answer the last time that it was asked, and what is shown is this device's copy: see <see cref="LocalStore"/>. It is
    /// asked again after ten seconds, or by <see cref="SyncAsync"/>.
    /// </summary>
    public bool IsOffline => _sync.IsOffline;

    /// <summary>
    /// The items that were written on this device and wait for the Vault; they are shown as they were written. Where another device changes
    /// the same thing before they are sent, both versions are kept then. Without a <see cref="LocalStore"/> nothing waits.
    /// </summary>
    public IReadOnlyCollection<ItemId> Queued => [.. _queue?.Changes.Keys ?? []];

    /// <summary>Why something still waits although the Vault answers, such as a quota; null if nothing does. It is tried again at each sync; see <see cref="DiscardAsync"/>.</summary>
    public KeyladderException? Refusal => _sync.Refusal;

    /// <summary>The person's relationships with others, and what they share.</summary>
    public Relationships Relationships { get; }

    /// <summary>Where the account is signed in at the Vault.</summary>
    public AccountSessions Sessions { get; }

    /// <summary>What a restored backup took from the Vault, and how it comes back.</summary>
    public VaultRestoration Restoration { get; }

    /// <summary>Sends what waits, fetches what changed since the last time and verifies it.</summary>
    /// <returns>The items that are other than before, or gone.</returns>
    /// <exception cref="KeyladderException">The Vault cannot be reached, with a local store too.</exception>
    public Task<IReadOnlyCollection<ItemId>> SyncAsync(CancellationToken cancellationToken = default) => InTurnAsync<IReadOnlyCollection<ItemId>>(
        async () => [.. (await _work.SyncAsync(isRequired: true, cancellationToken).ConfigureAwait(false)).Where(name => name.Kind == ObjectKind.Item).Select(name => new ItemId(name.Id))],
        cancellationToken);

    /// <summary>
    /// Every item, complete and proven so, by name; those in the trash too. After the first time only what has changed is fetched, and no
    /// attribute is fetched or opened.
    /// </summary>
    public Task<IReadOnlyList<VaultItem>> ListAsync(CancellationToken cancellationToken = default) => InTurnAsync<IReadOnlyList<VaultItem>>(
        async () =>
        {
            await _work.SyncAsync(isRequired: false, cancellationToken).ConfigureAwait(false);
            return _view.List();
        },
        cancellationToken);

    /// <summary>Fetches and opens an item with its attributes.</summary>
    /// <exception cref="KeyladderException">There is no such item; that is proven.</exception>
    public async Task<OpenedItem> GetAsync(ItemId id, CancellationToken cancellationToken = default) =>
        (await GetManyAsync([id], cancellationToken).ConfigureAwait(false))[0];

    /// <summary>As <see cref="GetAsync"/> for any number of items; a thousand attributes per call to the service, and one call where they are fewer and no other device has written.</summary>
    /// <returns>In the order of <paramref name="ids"/>.</returns>
    /// <exception cref="KeyladderException">One of them does not exist; that is proven.</exception>
    public Task<IReadOnlyList<OpenedItem>> GetManyAsync(IReadOnlyCollection<ItemId> ids, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(ids);
        return InTurnAsync(() => _work.OpenAsync(ids, _view.Existing, cancellationToken), cancellationToken);
    }

    /// <summary>
    /// What an item is and was, proven from the present version back: opens what each says of itself, and no attribute. The service keeps the
    /// last ten or so; where the oldest that is listed is not revision 1, it keeps none from before.
    /// </summary>
    /// <returns>The newest first, which is the item as it is now.</returns>
    /// <exception cref="KeyladderException">There is no such item; that is proven. The versions of a deleted one are gone with it.</exception>
    public Task<IReadOnlyList<VaultItem>> GetVersionsAsync(ItemId id, CancellationToken cancellationToken = default) =>
        InTurnAsync(() => _work.ReadVersionsAsync(id, async present => await _versions.ListAsync(present, cancellationToken).ConfigureAwait(false), cancellationToken), cancellationToken);

    /// <summary>
    /// Opens a version of an item with its attributes as they were then; a call to the service for each that has changed since. Those that
    /// the service no longer keeps are named by <see cref="OpenedItem.Missing"/>. To go back to it: <see cref="OpenedItem.GoBackTo"/>.
    /// </summary>
    /// <param name="version">From <see cref="GetVersionsAsync"/>.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="KeyladderException">The item is deleted; that is proven.</exception>
    public Task<OpenedItem> OpenVersionAsync(VaultItem version, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(version);
        return InTurnAsync(() => _work.ReadVersionsAsync(version.Id, present => _versions.TryOpenAsync(version, present, cancellationToken), cancellationToken), cancellationToken);
    }

    /// <summary>
    /// Finds items on this device: no service hears what is searched for. Case and accents make no difference.
    /// </summary>
    /// <param name="text">Part of a name, a kind or a tag.</param>
    /// <param name="inValues">Whether attributes are looked into too: those that are not here yet are fetched, all of them.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>As <see cref="ListAsync"/>.</returns>
    public async Task<IReadOnlyList<VaultItem>> SearchAsync(string text, bool inValues = false, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(text);
        if (!inValues)
            return [.. (await ListAsync(cancellationToken).ConfigureAwait(false)).Where(item => VaultView.Says(item, text))];
        var opened = await InTurnAsync(() => _work.OpenAsync(_view.List, cancellationToken), cancellationToken).ConfigureAwait(false);
        return [.. from item in opened where VaultView.Says(item.Item, text) || VaultView.Says(item, text) select item.Item];
    }

    /// <summary>Opens every item with its attributes, by name; a thousand attributes are fetched at once, and no more than needed.</summary>
    /// <param name="cancellationToken">Ends the call.</param>
    public async IAsyncEnumerable<OpenedItem> ReadAllAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        foreach (var page in (await ListAsync(cancellationToken).ConfigureAwait(false)).ChunkBySize(item => item.AttributeCount, VaultRoutes.MaxObjects))
        {
            foreach (var opened in await OpenThoseLeftAsync([.. page.Select(item => item.Id)], cancellationToken).ConfigureAwait(false))
                yield return opened;
        }
    }

    /// <summary>Stores a new or a changed item with its attributes, as a whole. With a <see cref="LocalStore"/>, what is cancelled or fails on its way may wait and be sent later: see <see cref="Queued"/>.</summary>
    /// <returns>Once the service has stored it. Where another device changed the same thing meanwhile, both versions are kept, and it says so.</returns>
    public async Task<WrittenItem> PutAsync(ItemDraft draft, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(draft);
        return (await PutManyAsync([draft], cancellationToken).ConfigureAwait(false))[0];
    }

    /// <summary>As <see cref="PutAsync"/> for several items, in one write: all or none. It may hold a thousand items and changed attributes.</summary>
    /// <returns>In the order of <paramref name="drafts"/>.</returns>
    /// <exception cref="ArgumentException">An item is among them twice.</exception>
    public Task<IReadOnlyList<WrittenItem>> PutManyAsync(IReadOnlyList<ItemDraft> drafts, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(drafts);
        if (drafts.DistinctBy(draft => draft.Id).Count() != drafts.Count)
            throw new ArgumentException("An item is written twice at once.", nameof(drafts));
        if (drafts.Any(draft => draft.Kind == RelationshipItem.Kind))
            return Task.FromException<IReadOnlyList<WrittenItem>>(RelationshipFailures.ReservedKind());
        return InTurnAsync(() => _work.PutAsync(drafts, cancellationToken), cancellationToken);
    }

    /// <summary>Begins to send content that an item is to have as an attachment; no size is too large for it but what the Vault lets an account hold.</summary>
    /// <param name="content">Read while <see cref="AttachmentUpload.RunAsync"/> runs. Stays open.</param>
    /// <param name="fileName">1 to 256 bytes of UTF-8 without control characters or slashes; null for none.</param>
    /// <param name="mediaType">1 to 128 printable ASCII characters, such as <c>image/png</c>; null for none.</param>
    /// <returns>To be disposed of.</returns>
    /// <exception cref="ArgumentException">The file's name or the media type is not like that.</exception>
    public AttachmentUpload Upload(Stream content, string? fileName = null, string? mediaType = null)
    {
        ArgumentNullException.ThrowIfNull(content);
        ThrowIfClosed();
        return new AttachmentUpload(_calls, content, part => new AttachmentSealing(Id, part, fileName, mediaType));
    }

    /// <summary>Opens an attachment. Nothing is fetched before it is read, and then what is read, from wherever that is.</summary>
    /// <param name="attachment">From an opened item: <see cref="ItemAttribute.GetAttachment"/>.</param>
    /// <returns>
    /// The content, read asynchronously. Each byte that is read has been verified; what is not the one that the person stored throws an
    /// <see cref="IntegrityException"/>. Read to its end, it says so once the last part of it has been verified too.
    /// </returns>
    /// <exception cref="IntegrityException">It is an attachment of another Vault.</exception>
    public Stream Open(Attachment attachment)
    {
        ArgumentNullException.ThrowIfNull(attachment);
        ThrowIfClosed();
        try
        {
            return new VerifiedStream(attachment.Open(Id, Fetch(attachment)), $"attachment {attachment.Id}");
        }
        catch (OpenFailedException e)
        {
            throw Alarms.DoesNotOpen($"attachment {attachment.Id}", e);
        }
    }

    /// <summary>
    /// Puts the items of an export into this Vault, whichever it comes from (docs/spec/vault-export.md section 3): under new ids, sealed anew,
    /// with their attachments. What is here with the same contents stays as it is, so that what was cut off can be called again.
    /// </summary>
    /// <param name="export">Stays the caller's.</param>
    /// <param name="progress">Hears how many of its items are here.</param>
    /// <param name="cancellationToken">Ends the call; some may be here.</param>
    public Task<ImportedItems> ImportAsync(ExportedVault export, IProgress<int>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(export);
        return new VaultImport(this, export).RunAsync(progress, cancellationToken);
    }

    /// <summary>Deletes items for good, with their attributes and versions, at the service too: all or none. To be able to go back, put them into the trash: <see cref="ItemDraft.IsRemoved"/>.</summary>
    /// <exception cref="KeyladderException">One does not exist, or another device has changed it since it was listed.</exception>
    public Task DeleteManyAsync(IReadOnlyCollection<VaultItem> items, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(items);
        return InTurnAsync(
            async () =>
            {
                await _work.DeleteAsync([.. items.DistinctBy(item => item.Id)], cancellationToken).ConfigureAwait(false);
                return true;
            },
            cancellationToken);
    }

    /// <summary>Gives up what was written of an item on this device and still waits: the item is as the Vault has it.</summary>
    /// <returns>False where nothing of it waits.</returns>
    public Task<bool> DiscardAsync(ItemId id, CancellationToken cancellationToken = default) =>
        InTurnAsync(() => _work.DiscardAsync(id, cancellationToken), cancellationToken);

    /// <summary>What happened to the account at the Vault; as <see cref="UnlockedAccount.ReadAuditAsync"/>, with a list and heads of its own.</summary>
    /// <exception cref="IntegrityException">The list is not the one that the account signed for; says from which event on.</exception>
    public Task<IReadOnlyList<AccountEvent>> ReadAuditAsync(CancellationToken cancellationToken = default) =>
        InTurnAsync(() => _audit.ReadAsync(cancellationToken), cancellationToken);

    /// <summary>Everything that the Vault keeps of the account; as <see cref="UnlockedAccount.ReadDataAsync"/>.</summary>
    /// <inheritdoc cref="UnlockedAccount.ReadDataAsync"/>
    public IAsyncEnumerable<StoredRows> ReadDataAsync(CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(_closed != 0, this);
        return AccountData.ReadAsync(_calls, cancellationToken);
    }

    /// <summary>
    /// Leaves the last witnesses and ends the session at the Vault; waits two seconds at most. The keys end with the unlocked account.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _closed, 1) != 0)
            return;
        using var limit = new CancellationTokenSource(LongestGoodbye, _connection.Http.Time);
        try
        {
            await _witnesses.CloseAsync().ConfigureAwait(false);
            _left.SetResult();
            await _calls.DeleteCurrentSessionAsync(limit.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is KeyladderException or OperationCanceledException)
        {
            // It ends by its own time.
        }
        finally
        {
            _left.TrySetResult();
            _witnesses.Dispose();
            _connection.Dispose();
            _ownHttp?.Dispose();
            _guests.Dispose();
            _file?.Dispose();
            _view.Close();
            _whenClosed(this);
        }
    }

    public override string ToString() => $"vault {Id}";

    /// <summary>All that it holds, for an export.</summary>
    internal Task<VaultSnapshot> TakeSnapshotAsync(CancellationToken cancellationToken) => InTurnAsync(() => _work.TakeSnapshotAsync(cancellationToken), cancellationToken);

    /// <inheritdoc cref="VaultWork.BringAsync"/>
    internal Task<IReadOnlyList<WrittenItem>> BringAsync(IReadOnlyList<ItemDraft> drafts, CancellationToken cancellationToken) =>
        InTurnAsync(() => _work.BringAsync(drafts, cancellationToken), cancellationToken);

    /// <summary>An attachment as the Vault keeps it, or says it does.</summary>
    internal AttachmentSource Fetch(Attachment attachment) => new(
        $"attachment {attachment.Id}", attachment.SealedLength, (offset, into, cancellationToken) => _calls.GetPartAsync(attachment.Id, offset, into, cancellationToken), _calls.Ciphertexts);

    /// <summary>As <see cref="Upload"/>, for a share.</summary>
    internal AttachmentUpload UploadShared(RelationshipId relationship, Stream content, Attachment own)
    {
        ThrowIfClosed();
        return new AttachmentUpload(_calls, content, part => new AttachmentSealing(relationship, part, own.FileName, own.MediaType));
    }

    /// <summary>Deletes the account at the Vault; nothing but disposing is left to do with this.</summary>
    internal Task<DeletedAccount> DeleteAccountAsync(CancellationToken cancellationToken) => InTurnAsync(() => _deletion.RunAsync(cancellationToken), cancellationToken);

    /// <summary>Puts a new DEK in the place of the one that seals, in the Keystore, and has the Vault's head name it.</summary>
    internal Task ReplaceKeyAsync(CancellationToken cancellationToken) => InTurnAsync(() => _work.ReplaceKeyAsync(cancellationToken), cancellationToken);

    /// <summary>Takes the account's keys for the Vault as they are now.</summary>
    internal Task RefreshKeysAsync(CancellationToken cancellationToken) => InTurnAsync(
        async () =>
        {
            await _keys.RefreshAsync(cancellationToken).ConfigureAwait(false);
            return true;
        },
        cancellationToken);

    /// <summary>Ends, once the Vault is being closed, when the last witnesses have been left or given up.</summary>
    internal Task Left => _left.Task;

    /// <summary>Begins: with the Vault, or, where it does not answer, with what this device has kept.</summary>
    /// <param name="choice">What the person was told and goes on with.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    internal Task StartAsync(VaultChoice choice, CancellationToken cancellationToken)
    {
        (_sync.Accepted, _back.Choice) = (choice.Unproven, choice);
        return InTurnAsync(() => _work.SyncAsync(isRequired: false, cancellationToken), cancellationToken);
    }

    /// <summary>Opens items, but for those that have been deleted since they were listed.</summary>
    private Task<IReadOnlyList<OpenedItem>> OpenThoseLeftAsync(IReadOnlyList<ItemId> ids, CancellationToken cancellationToken) => InTurnAsync(
        () => _work.OpenAsync(ids, _view.Find, cancellationToken), cancellationToken);

    private void ThrowIfClosed()
    {
        ObjectDisposedException.ThrowIf(_closed != 0, this);
        _witnesses.ThrowIfUnproven();
    }

    private async Task<T> InTurnAsync<T>(Func<Task<T>> work, CancellationToken cancellationToken)
    {
        ThrowIfClosed();
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return await work().ConfigureAwait(false);
        }
        finally
        {
            _turn.Release();
            _witnesses.LeaveSoon();
        }
    }
}
