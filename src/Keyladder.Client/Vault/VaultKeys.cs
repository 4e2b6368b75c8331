using System.Collections.Concurrent;
using Keyladder.Cryptography.Heads;
using Keyladder.Cryptography.Signing;
using Keyladder.Keys.Envelopes;
using Keyladder.Keys.Hierarchy;

namespace Keyladder.Client;

/// <summary>
/// The keys of one account at one Vault, as the Keystore keeps them (docs/spec/vault.md section 1): nothing else says where a person's Vault
/// is. They belong to the unlocked account and end with it.
/// </summary>
internal sealed class VaultKeys
{
    private const int KeysAhead = 8;

    private readonly ConcurrentDictionary<Cryptography.KeyId, RelationshipKey> _relationshipKeys = new();
    private readonly AccountKeys? _keys; // null where they come from an export, which has no other device
    private volatile IReadOnlyDictionary<Hash256, PersonalDataEncryptionKey> _deks;
    private Hash256? _replaced;

    private VaultKeys(
        AccountKeys? keys, KeyService service, VaultSignInKeypair signIn, VaultHeadKeypair head, IEnumerable<PersonalDataEncryptionKey> deks)
    {
        (_keys, Service, SignIn, Head) = (keys, service, signIn, head);
        _deks = deks.ToDictionary(dek => dek.VaultName!.Value);
    }

    public KeyService Service { get; }

    public VaultSignInKeypair SignIn { get; }

    public VaultHeadKeypair Head { get; }

    /// <summary>The DEK that seals what is new: the newest that is active.</summary>
    /// <exception cref="KeyladderException">None is.</exception>
    public PersonalDataEncryptionKey Sealing => Active
        ?? throw Failures.NotAllowed("No key that seals for this Vault is active.", "What it sealed opens as before; new items need a Vault with an active key.");

    /// <summary>Its name at the Vault; null where none is active.</summary>
    public Hash256? SealingName => Active?.VaultName;

    /// <summary>
    /// To be called before anything is sealed for a write: sees to it that a DEK which another device has put in the place of this one's is here
    /// (docs/spec/vault.md section 1).
    /// </summary>
    /// <param name="present">The DEK that the account's newest head names; null for none.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>False where the Keystore does not show that DEK.</returns>
    public async ValueTask<bool> TryFollowAsync(Hash256? present, CancellationToken cancellationToken)
    {
        if (present is not { } name || name == SealingName)
            return true;
        await RefreshAsync(cancellationToken).ConfigureAwait(false);
        return Find(name) is not null || name == _replaced;
    }

    /// <summary>Puts a new DEK in the place of those that there are, in the Keystore and here; the Vault's next head is to name it.</summary>
    /// <param name="present">The DEK that the account's newest head names, be it in the Keystore or not; null for none.</param>
    /// <param name="cancellationToken">Ends the call; it may have been replaced.</param>
    public async Task ReplaceAsync(Hash256? present, CancellationToken cancellationToken)
    {
        await Account.ReplaceVaultDekAsync(Service, cancellationToken).ConfigureAwait(false);
        await RefreshAsync(cancellationToken).ConfigureAwait(false);
        _replaced = present;
    }

    /// <summary>The DEK that has this name at the Vault; null where the account has none.</summary>
    public PersonalDataEncryptionKey? Find(Hash256 name) => _deks.GetValueOrDefault(name);

    /// <summary>A key of a relationship that is kept in this Vault.</summary>
    /// <exception cref="KeyladderException">The account has no such key, or the Keystore cannot be reached to learn of it.</exception>
    public async ValueTask<RelationshipKey> GetRelationshipKeyAsync(Cryptography.KeyId id, CancellationToken cancellationToken)
    {
        if (_relationshipKeys.TryGetValue(id, out var known))
            return known;
        var key = KnownRelationshipKeys().FirstOrDefault(key => key.Id == id) ?? await Account.GetAsync(id, cancellationToken).ConfigureAwait(false);
        return _relationshipKeys.GetOrAdd(id, Account.Unwrap<RelationshipKey>(key));
    }

    /// <summary>A key that no relationship has. They are made ahead, eight at once, so that the Keystore does not see when a relationship begins.</summary>
    /// <param name="used">Those of the relationships that there are.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public async ValueTask<RelationshipKey> GetSpareRelationshipKeyAsync(IReadOnlySet<Cryptography.KeyId> used, CancellationToken cancellationToken)
    {
        if (KnownRelationshipKeys().FirstOrDefault(key => !used.Contains(key.Id)) is { } spare)
            return await GetRelationshipKeyAsync(spare.Id, cancellationToken).ConfigureAwait(false);
        if (_relationshipKeys.FirstOrDefault(key => !used.Contains(key.Key)).Value is { } made)
            return made;
        var generated = await Account.GenerateRelationshipKeysAsync(Service, KeysAhead, cancellationToken).ConfigureAwait(false);
        foreach (var key in generated)
            _relationshipKeys[key.Id] = key;
        return generated[0];
    }

    /// <summary>Forgets a key that is destroyed.</summary>
    public void Forget(Cryptography.KeyId id)
    {
        if (_relationshipKeys.TryRemove(id, out var key))
            key.Dispose();
    }

    private PersonalDataEncryptionKey? Active => _deks.Values.LastOrDefault(dek => dek.State.AllowsSealing());

    private IEnumerable<AccountKey> KnownRelationshipKeys() =>
        Account.ListKnown().Where(key => key.Purpose == KeyPurpose.Relationship && key.Overview.Service == Service);

    /// <summary>The account's keys at the Keystore.</summary>
    public AccountKeys Account => _keys ?? throw new InvalidOperationException("An export has no account behind it.");

    /// <summary>Keeps what opens these keys on this device without the Keystore; does nothing where no copy of the Vault is kept.</summary>
    public Func<CancellationToken, Task> KeepAsync { get; set; } = _ => Task.CompletedTask;

    /// <summary>Reads the account's keys again, for a DEK that another device has made. No copy is sealed by it before it is kept what opens it.</summary>
    public async Task RefreshAsync(CancellationToken cancellationToken)
    {
        var deks = await OpenDeksAsync(_keys!, Service, cancellationToken).ConfigureAwait(false);
        await KeepAsync(cancellationToken).ConfigureAwait(false);
        _deks = deks.ToDictionary(dek => dek.VaultName!.Value);
    }

    /// <returns>The account at the Vault; null where there is none. Of several the oldest.</returns>
    public static KeyService? Find(IReadOnlyList<AccountKey> keys, Origin origin) => keys
        .Where(key => key.Purpose == KeyPurpose.VaultHead && key.Overview.Service!.Origin == origin)
        .OrderBy(key => key.Created).ThenBy(key => key.Overview.Service!.Account.ToString(), StringComparer.Ordinal)
        .FirstOrDefault()?.Overview.Service;

    /// <returns>Null where the account has no Vault there.</returns>
    public static async Task<VaultKeys?> FindAsync(AccountKeys keys, Origin origin, CancellationToken cancellationToken)
    {
        var all = await keys.ListHeldAsync(cancellationToken).ConfigureAwait(false);
        if (Find(all, origin) is not { } service)
            return null;
        var own = all.Where(key => key.Overview.Service == service).ToList();
        return own.Find(key => key.Purpose == KeyPurpose.VaultSignIn) is { } signIn
            ? new VaultKeys(
                keys,
                service,
                keys.Unwrap<VaultSignInKeypair>(signIn),
                keys.Unwrap<VaultHeadKeypair>(own.First(key => key.Purpose == KeyPurpose.VaultHead)),
                own.Where(key => key.Purpose == KeyPurpose.PersonalDek).Select(keys.UnwrapPersonal))
            : throw Failures.NotAllowed(
                "The key that signs in to this Vault is missing from the account.", "It was deleted: ask another device, or a backup of the Keystore.");
    }

    /// <returns>As an export holds them; null where it has none for that account.</returns>
    public static VaultKeys? Find(IReadOnlyCollection<StoredKey> exported, KeyWrapping wrapping, Cryptography.AccountId account)
    {
        var own = exported.Select(wrapping.Describe).Where(key => key.Overview.Service?.Account == account).ToList();
        return own.Find(key => key.Purpose == KeyPurpose.VaultHead) is { } head && own.Find(key => key.Purpose == KeyPurpose.VaultSignIn) is { } signIn
            ? new VaultKeys(
                keys: null,
                head.Overview.Service!,
                wrapping.Unwrap<VaultSignInKeypair>(signIn),
                wrapping.Unwrap<VaultHeadKeypair>(head),
                own.Where(key => key.Purpose == KeyPurpose.PersonalDek).Select(wrapping.Unwrap<PersonalDataEncryptionKey>))
            : null;
    }

    /// <summary>Makes an account id and its keys, and stores them before anything is sent to the Vault.</summary>
    public static async Task<VaultKeys> MakeAsync(AccountKeys keys, Origin origin, CancellationToken cancellationToken)
    {
        var service = new KeyService(origin, Cryptography.AccountId.Generate());
        if (!service.IsWellFormed)
            throw Failures.NotAllowed("The Vault's address is too long.", $"Choose one with at most {KeyService.MaxOriginLength} characters.");
        var made = await keys.GenerateForVaultAsync(service, cancellationToken).ConfigureAwait(false);
        return new VaultKeys(keys, service, made.SignIn, made.Head, [made.Dek]);
    }

    private static async Task<IReadOnlyList<PersonalDataEncryptionKey>> OpenDeksAsync(
        AccountKeys keys, KeyService service, CancellationToken cancellationToken) =>
        [.. from key in await keys.ListAsync(cancellationToken).ConfigureAwait(false)
            where key.Purpose == KeyPurpose.PersonalDek && key.Overview.Service == service
            select keys.UnwrapPersonal(key)];
}
