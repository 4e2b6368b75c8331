using Keyladder.Cryptography;
using Keyladder.Cryptography.Signing;
using Keyladder.Keys.Envelopes;
using Keyladder.Keys.Hierarchy;
using Keyladder.Protocol;
using Keyladder.Protocol.Keystore;

namespace Keyladder.Client;

/// <summary>
/// The keys of an unlocked account. Whatever is shown has been proven against what the account last signed; a call that meets anything else
/// throws an <see cref="IntegrityException"/> and returns nothing. Keys that these methods hand out are the caller's to dispose of; locking
/// the account erases them all.
/// </summary>
/// <remarks>Every method throws <see cref="KeyladderException"/> where it cannot do what it says. All may be called side by side.</remarks>
public sealed class AccountKeys
{
    private readonly KeystoreTrust _trust;
    private readonly KeyLedger _ledger;
    private readonly KeyCopy _copy;
    private readonly KeyWrapping _wrapping;
    private readonly TimeProvider _time;

    internal AccountKeys(KeystoreTrust trust, KeyLedger ledger, KeyCopy copy, KeyWrapping wrapping, TimeProvider time) =>
        (_trust, _ledger, _copy, _wrapping, _time) = (trust, ledger, copy, wrapping, time);

    /// <summary>Generates a DEK that seals what is the person's own.</summary>
    /// <param name="label">1 to 128 bytes of UTF-8 without control characters; null for none.</param>
    /// <param name="cancellationToken">Ends the call; the key may have been stored all the same.</param>
    /// <returns>Once the service has stored it.</returns>
    public async Task<PersonalDataEncryptionKey> GeneratePersonalAsync(
        string? label = null, CancellationToken cancellationToken = default) =>
        (PersonalDataEncryptionKey)await GenerateAsync(new NewKey(KeyPurpose.PersonalDek, label), cancellationToken).ConfigureAwait(false);

    /// <summary>Generates a DEK that seals what is exchanged with another person.</summary>
    /// <inheritdoc cref="GeneratePersonalAsync"/>
    public async Task<SharingDataEncryptionKey> GenerateSharingAsync(string? label = null, CancellationToken cancellationToken = default) =>
        (SharingDataEncryptionKey)await GenerateAsync(new NewKey(KeyPurpose.SharingDek, label), cancellationToken).ConfigureAwait(false);

    /// <summary>Generates a keypair that controls a DID and signs content.</summary>
    /// <inheritdoc cref="GeneratePersonalAsync"/>
    public async Task<Keypair> GenerateSigningAsync(string? label = null, CancellationToken cancellationToken = default) =>
        (Keypair)await GenerateAsync(new NewKey(KeyPurpose.Signing, label), cancellationToken).ConfigureAwait(false);

    /// <summary>Generates a keypair of that type that controls a DID and signs content.</summary>
    /// <inheritdoc cref="GeneratePersonalAsync"/>
    public async Task<Keypair> GenerateSigningAsync(KeyType type, string? label = null, CancellationToken cancellationToken = default) =>
        (Keypair)await GenerateAsync(new NewKey(KeyPurpose.Signing, label, type), cancellationToken).ConfigureAwait(false);

    /// <summary>
    /// Generates any number of keys, a thousand per call to the service. Each thousand is stored as a whole or not at all.
    /// </summary>
    /// <returns>In the order of <paramref name="keys"/>.</returns>
    public async Task<IReadOnlyList<KeystoreKey>> GenerateManyAsync(
        IReadOnlyCollection<NewKey> keys, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(keys);
        var generated = new List<KeystoreKey>(keys.Count);
        try
        {
            foreach (var batch in keys.Chunk(KeystoreRoutes.MaxObjects))
                await StoreAsync([.. batch.Select(key => _wrapping.Generate(key, Today(), generated))], cancellationToken).ConfigureAwait(false);

            return [.. generated.Select(_wrapping.HandOut)];
        }
        catch
        {
            generated.ForEach(key => key.Dispose());
            throw;
        }
    }

    /// <summary>The keys of a new account at a Vault, stored as a whole or not at all.</summary>
    internal async Task<(VaultSignInKeypair SignIn, VaultHeadKeypair Head, PersonalDataEncryptionKey Dek)> GenerateForVaultAsync(
        KeyService service, CancellationToken cancellationToken)
    {
        var generated = new List<KeystoreKey>();
        try
        {
            await StoreAsync(_wrapping.GenerateForVault(service, Today(), generated), cancellationToken).ConfigureAwait(false);
            generated.ForEach(key => _wrapping.HandOut(key));
            return ((VaultSignInKeypair)generated[0], (VaultHeadKeypair)generated[1], (PersonalDataEncryptionKey)generated[2]);
        }
        catch
        {
            generated.ForEach(key => key.Dispose());
            throw;
        }
    }

    /// <summary>Keys for relationships to come, stored as a whole or not at all.</summary>
    internal async Task<IReadOnlyList<RelationshipKey>> GenerateRelationshipKeysAsync(KeyService service, int count, CancellationToken cancellationToken)
    {
        var generated = new List<KeystoreKey>();
        try
        {
            await StoreAsync([.. Enumerable.Range(0, count).Select(_ => _wrapping.GenerateRelationshipKey(service, Today(), generated))], cancellationToken).ConfigureAwait(false);
            return [.. generated.Cast<RelationshipKey>().Select(_wrapping.HandOut)];
        }
        catch
        {
            generated.ForEach(key => key.Dispose());
            throw;
        }
    }

    /// <summary>Whose keys they are.</summary>
    internal AccountId Owner => _trust.Account;

    /// <summary>Wraps and stores DEKs that came from others, a thousand per call to the service.</summary>
    internal async Task ReceiveAsync(IEnumerable<SharingDataEncryptionKey> received, CancellationToken cancellationToken)
    {
        foreach (var page in received.Chunk(KeystoreRoutes.MaxObjects))
            await StoreAsync([.. page.Select(dek => _wrapping.Receive(dek, Today()))], cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Deletes keys that the program has made for relationships and shares; those that are gone already are no failure.</summary>
    internal async Task DestroyAsync(IReadOnlyCollection<KeyId> ids, CancellationToken cancellationToken)
    {
        foreach (var page in ids.Distinct().Chunk(KeystoreRoutes.MaxObjects))
        {
            await WriteAsync(
                page, there => [.. page.Where(id => there.ContainsKey(id)).Select(id => new ObjectChange<StoredKey>(id, there[id], Next: null))], cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Puts a new DEK in the place of those that seal for a Vault, which are deactivated: all of it or nothing.</summary>
    internal async Task ReplaceVaultDekAsync(KeyService service, CancellationToken cancellationToken)
    {
        var generated = new List<KeystoreKey>();
        try
        {
            var next = _wrapping.GenerateVaultDek(service, Today(), generated);
            var before = (await ListAsync(cancellationToken).ConfigureAwait(false))
                .Where(key => key.Purpose == KeyPurpose.PersonalDek && key.Overview.Service == service).Select(key => key.Id).ToList();
            await WriteAsync(
                [.. before, next.Id],
                there =>
                [
                    .. from id in before
                        let last = Existing(there, id)
                        where _wrapping.Describe(last).State == KeyState.Active
                        select new ObjectChange<StoredKey>(id, last, _wrapping.Edit(last, overview => overview.WithState(KeyState.Deactivated))),
                    new ObjectChange<StoredKey>(next.Id, Last: null, next),
                ],
                cancellationToken).ConfigureAwait(false);
            before.ForEach(id => _wrapping.InUse.ChangeState(id, KeyState.Deactivated));
        }
        finally
        {
            generated.ForEach(key => key.Dispose());
        }
    }

    /// <summary>Deletes the keys of an account at a Vault that is gone, all at once.</summary>
    internal async Task DeleteOfVaultAsync(KeyService service, CancellationToken cancellationToken)
    {
        var ids = (await ListAsync(cancellationToken).ConfigureAwait(false)).Where(key => key.Overview.Service == service).Select(key => key.Id).ToList();
        await WriteAsync(
            ids, there => [.. ids.Where(id => there.ContainsKey(id)).Select(id => new ObjectChange<StoredKey>(id, there[id], Next: null))], cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Every key of the account but its identity keypair, complete and proven so; oldest first. After the first time only what has changed
    /// is fetched.
    /// </summary>
    public async Task<IReadOnlyList<AccountKey>> ListAsync(CancellationToken cancellationToken = default) =>
        Describe(await _copy.SyncAsync(cancellationToken).ConfigureAwait(false));

    /// <summary>The same; where the Keystore cannot be reached, as they were when it was reached last.</summary>
    internal async Task<IReadOnlyList<AccountKey>> ListHeldAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await ListAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (KeyladderException e) when (e.Reason == FailureReason.Unreachable)
        {
            // What was read from the Keystore since is newer than what the device had kept.
            IEnumerable<StoredKey>? known = _copy.Held is { Head: not null } held ? held.Objects.Values : Kept;
            if (known is null)
                throw;
            return Describe(known);
        }
    }

    /// <summary>The same without a call: as they were when the Keystore was asked last.</summary>
    internal IReadOnlyList<AccountKey> ListKnown() => Describe(_copy.Held is { Head: not null } held ? held.Objects.Values : Kept ?? []);

    /// <summary>The keys as this device has kept them, for an account that was unlocked without the Keystore; else null.</summary>
    internal IEnumerable<StoredKey>? Kept { get; init; }

    /// <exception cref="KeyladderException">There is no such key; that is proven.</exception>
    public async Task<AccountKey> GetAsync(KeyId id, CancellationToken cancellationToken = default) =>
        (await GetManyAsync([id], cancellationToken).ConfigureAwait(false))[0];

    /// <summary>Fetches keys, a thousand per call to the service.</summary>
    /// <returns>In the order of <paramref name="ids"/>.</returns>
    /// <exception cref="KeyladderException">One of them does not exist; that is proven.</exception>
    public async Task<IReadOnlyList<AccountKey>> GetManyAsync(IReadOnlyCollection<KeyId> ids, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(ids);
        var found = new Dictionary<KeyId, AccountKey>();
        foreach (var page in ids.Distinct().Chunk(KeystoreRoutes.MaxObjects))
        {
            var there = await _ledger.FetchAsync([.. page], cancellationToken).ConfigureAwait(false);
            foreach (var id in page)
                found[id] = _wrapping.Describe(Existing(there.Objects, id));
        }

        return [.. ids.Select(id => found[id])];
    }

    /// <summary>Fetches and unwraps a DEK for personal data.</summary>
    /// <exception cref="KeyladderException">There is no such key, or it has another purpose.</exception>
    public async Task<PersonalDataEncryptionKey> GetPersonalAsync(KeyId id, CancellationToken cancellationToken = default) =>
        UnwrapPersonal(await GetAsync(id, cancellationToken).ConfigureAwait(false));

    /// <summary>Fetches and unwraps a DEK for sharing.</summary>
    /// <inheritdoc cref="GetPersonalAsync"/>
    public async Task<SharingDataEncryptionKey> GetSharingAsync(KeyId id, CancellationToken cancellationToken = default) =>
        UnwrapSharing(await GetAsync(id, cancellationToken).ConfigureAwait(false));

    /// <summary>Fetches and unwraps a signing keypair.</summary>
    /// <inheritdoc cref="GetPersonalAsync"/>
    public async Task<Keypair> GetSigningAsync(KeyId id, CancellationToken cancellationToken = default) =>
        UnwrapSigning(await GetAsync(id, cancellationToken).ConfigureAwait(false));

    /// <summary>Unwraps a key that was listed or fetched before, in the state that it had then; no call is made.</summary>
    /// <exception cref="KeyladderException">The key has another purpose.</exception>
    /// <exception cref="IntegrityException">It does not open.</exception>
    public PersonalDataEncryptionKey UnwrapPersonal(AccountKey key) => _wrapping.Unwrap<PersonalDataEncryptionKey>(key);

    /// <inheritdoc cref="UnwrapPersonal"/>
    public SharingDataEncryptionKey UnwrapSharing(AccountKey key) => _wrapping.Unwrap<SharingDataEncryptionKey>(key);

    /// <inheritdoc cref="UnwrapPersonal"/>
    public Keypair UnwrapSigning(AccountKey key) => _wrapping.Unwrap<Keypair>(key);

    /// <summary>
    /// Moves a key on: pre-activation → active, compromised; active → deactivated, compromised; deactivated → compromised. Keys in use here
    /// follow at once.
    /// </summary>
    /// <exception cref="KeyladderException">No way leads from its state to this one, or there is no such key.</exception>
    public Task SetStateAsync(KeyId id, KeyState state, CancellationToken cancellationToken = default) =>
        SetStateManyAsync([id], state, cancellationToken);

    /// <summary>
    /// As <see cref="SetStateAsync"/> for any number of keys, a thousand per call to the service; those that have the state already stay as
    /// they are.
    /// </summary>
    public async Task SetStateManyAsync(IReadOnlyCollection<KeyId> ids, KeyState state, CancellationToken cancellationToken = default)
    {
        await EditAsync(
            ids, overview => overview.State == state ? overview : overview.WithState(state), cancellationToken).ConfigureAwait(false);
        foreach (var id in ids)
            _wrapping.InUse.ChangeState(id, state);
    }

    /// <param name="id">The key.</param>
    /// <param name="label">1 to 128 bytes of UTF-8 without control characters; null for none.</param>
    /// <param name="cancellationToken">Ends the call; the label may have been changed all the same.</param>
    public Task RenameAsync(KeyId id, string? label, CancellationToken cancellationToken = default) =>
        EditAsync([id], overview => overview.WithLabel(label), cancellationToken);

    /// <summary>Deletes a key for good: what only it opens is lost, here and on every other device.</summary>
    public Task DeleteAsync(KeyId id, CancellationToken cancellationToken = default) => DeleteManyAsync([id], cancellationToken);

    /// <summary>
    /// As <see cref="DeleteAsync"/> for any number of keys, a thousand per call to the service. Each thousand goes as a whole or not at
    /// all.
    /// </summary>
    /// <exception cref="KeyladderException">One of them does not exist.</exception>
    public async Task DeleteManyAsync(IReadOnlyCollection<KeyId> ids, CancellationToken cancellationToken = default)
    {
        RefuseIdentity(ids);
        foreach (var page in ids.Distinct().Chunk(KeystoreRoutes.MaxObjects))
            await WriteAsync(
                page,
                there => [.. page.Select(id => new ObjectChange<StoredKey>(id, Deletable(Existing(there, id)), Next: null))],
                cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Opens a file that one of the account's DEKs sealed, whichever it was. What is read of it has been verified up to there; only its end
    /// says that the file is whole.
    /// </summary>
    /// <param name="sealedFile">Stays open. If it can seek, so can the result.</param>
    /// <param name="cancellationToken">Ends the search for the key.</param>
    /// <exception cref="KeyladderException">It is not such a file, or no key of the account sealed it.</exception>
    public async Task<Stream> OpenFileAsync(Stream sealedFile, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(sealedFile);
        var file = await SealedFile.TryReadAsync(sealedFile, cancellationToken).ConfigureAwait(false) ?? throw Failures.NotASealedFile();
        var keys = await ListAsync(cancellationToken).ConfigureAwait(false);
        return _wrapping.OpenFile(file, keys) ?? throw Failures.NoKeyForFile();
    }

    /// <summary>
    /// Writes those of an export's keys that are not there, a thousand per call to the service. Cut off, it goes on where it was.
    /// </summary>
    /// <exception cref="KeyladderException">The account here is another one, or has deleted one of them since.</exception>
    internal async Task BringAsync(ExportedAccount export, CancellationToken cancellationToken)
    {
        if (export.Kek != _trust.Kek.Id || export.Identity.Id != _trust.Identity.Id)
            throw Failures.AccountTaken();
        var there = (await _copy.SyncAsync(cancellationToken).ConfigureAwait(false)).ToDictionary(key => key.Id);
        try
        {
            var changed = export.Keys.Where(key => !there.TryGetValue(key.Id, out var last) || Brought(key, last) != last);
            foreach (var page in changed.Chunk(KeystoreRoutes.MaxObjects))
            {
                await WriteAsync(
                    [.. page.Select(key => key.Id)],
                    present => [.. from key in page
                                   let last = present.GetValueOrDefault(key.Name)
                                   let next = last is null ? key : Brought(key, last)
                                   where next != last
                                   select new ObjectChange<StoredKey>(key.Id, last, next)],
                    cancellationToken).ConfigureAwait(false);
            }
        }
        catch (RefusedException e) when (e.Problem.Type == ProblemTypes.HeadRejected)
        {
            throw Failures.NotAllowed(
                "A key of the export was deleted at this service since the account was brought there, and does not return.",
                "The account goes on there: unlock it. What the export holds besides is opened where it came from.",
                e);
        }
    }

    /// <summary>The key as it is there, in the state that the export has it in where that is further on: no way leads back from it.</summary>
    private StoredKey Brought(StoredKey exported, StoredKey there)
    {
        var brought = _wrapping.Describe(exported).Overview;
        return _wrapping.Edit(there, overview => brought.State > overview.State ? brought.WithLabel(overview.Label) : overview);
    }

    /// <inheritdoc cref="UnwrapPersonal"/>
    internal TKey Unwrap<TKey>(AccountKey key)
        where TKey : KeystoreKey => _wrapping.Unwrap<TKey>(key);

    private Task StoreAsync(IReadOnlyList<StoredKey> keys, CancellationToken cancellationToken) => WriteAsync(
        [.. keys.Select(key => key.Id)],
        _ => [.. keys.Select(key => new ObjectChange<StoredKey>(key.Id, Last: null, key))],
        cancellationToken);

    private IReadOnlyList<AccountKey> Describe(IEnumerable<StoredKey> keys) =>
        [.. from stored in keys
            where stored.Id != _trust.Identity.Id
            let key = _wrapping.Describe(stored)
            orderby key.Created, key.Label, key.Id.Value
            select key];

    private DateOnly Today() => DateOnly.FromDateTime(_time.GetUtcNow().UtcDateTime);

    private async Task<KeystoreKey> GenerateAsync(NewKey key, CancellationToken cancellationToken) =>
        (await GenerateManyAsync([key], cancellationToken).ConfigureAwait(false))[0];

    private async Task EditAsync(IReadOnlyCollection<KeyId> ids, Func<KeyOverview, KeyOverview> edit, CancellationToken cancellationToken)
    {
        RefuseIdentity(ids);
        foreach (var page in ids.Distinct().Chunk(KeystoreRoutes.MaxObjects))
        {
            await WriteAsync(
                page,
                there => [.. from id in page
                             let last = Existing(there, id)
                             let next = _wrapping.Edit(last, edit)
                             where next != last
                             select new ObjectChange<StoredKey>(id, last, next)],
                cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task WriteAsync(IReadOnlyCollection<KeyId> ids, WritePlan<StoredKey> plan, CancellationToken cancellationToken) =>
        _copy.Follow(await _ledger.WriteAsync([.. ids], plan, cancellationToken).ConfigureAwait(false));

    private void RefuseIdentity(IReadOnlyCollection<KeyId> ids)
    {
        ArgumentNullException.ThrowIfNull(ids);
        if (ids.Contains(_trust.Identity.Id))
            throw Failures.NotAllowed("The identity keypair stays as it is for as long as the account lives.", "Choose another key.");
    }

    private StoredKey Deletable(StoredKey key) => _wrapping.IsForVault(key)
        ? throw Failures.NotAllowed("A keypair of a Vault stays for as long as the account there.", "Choose another key, or delete the account at the Vault first.")
        : key;

    private static StoredKey Existing(IReadOnlyDictionary<ObjectName, StoredKey> there, KeyId id) =>
        there.TryGetValue(id, out var key) ? key : throw Failures.NoSuchKey(id);
}
