using System.Diagnostics;
using System.Runtime.CompilerServices;
using Keyladder.Cryptography.ChunkedEncryption;
using Keyladder.Keys.Envelopes;
using Keyladder.Keys.Hierarchy;

namespace Keyladder.Client;

/// <summary>
/// What the KEK does for an unlocked account: wraps what is generated, opens overviews, unwraps what is used, each key in the role that its
/// overview says and no other.
/// </summary>
internal sealed class KeyWrapping(KeystoreTrust trust, KeysInUse inUse)
{
    private readonly ConditionalWeakTable<StoredKey, AccountKey> _described = [];

    public KeysInUse InUse { get; } = inUse;

    /// <param name="key">What to generate.</param>
    /// <param name="today">Goes into its overview.</param>
    /// <param name="generated">Gets the key, which the caller disposes of should it not be stored.</param>
    public StoredKey Generate(NewKey key, DateOnly today, List<KeystoreKey> generated)
    {
        if (key.Type is not null && key.Purpose != KeyPurpose.Signing)
            throw Failures.NotAllowed("Only a signing keypair has a type to choose.", "Leave the type out, or generate a signing keypair.");
        switch (key.Purpose)
        {
            case KeyPurpose.PersonalDek:
                var personal = PersonalDataEncryptionKey.Generate(trust.Account);
                generated.Add(personal);
                return Store(personal, trust.Kek.Wrap(personal).Envelope);
            case KeyPurpose.SharingDek:
                var sharing = SharingDataEncryptionKey.Generate(trust.Account);
                generated.Add(sharing);
                return Store(sharing, trust.Kek.Wrap(sharing).Envelope);
            case KeyPurpose.Signing:
                var keypair = Keypair.Generate(trust.Account, key.Type);
                generated.Add(keypair);
                return Store(keypair, trust.Kek.Wrap(keypair).Envelope);
            case KeyPurpose.Identity:
                throw Failures.NotAllowed(
                    "An account has one identity keypair, made when it was signed up.", "Generate a key with another purpose.");
            default:
                throw Failures.NotAllowed("The keypairs of a Vault are made with it.", "Create the Vault, or generate a key with another purpose.");
        }

        StoredKey Store(KeystoreKey generatedKey, byte[] wrapped) => Wrap(generatedKey, key.Label, today, wrapped);
    }

    /// <summary>The three keys of a new account at a Vault (docs/spec/vault.md section 1).</summary>
    /// <param name="service">The account there.</param>
    /// <param name="today">Goes into the overviews.</param>
    /// <param name="generated">Gets the keys: sign-in, head, DEK.</param>
    public IReadOnlyList<StoredKey> GenerateForVault(KeyService service, DateOnly today, List<KeystoreKey> generated)
    {
        var (signIn, head) = (VaultSignInKeypair.Generate(trust.Account, service), VaultHeadKeypair.Generate(trust.Account, service));
        generated.AddRange([signIn, head]);
        return
        [
            Wrap(signIn, label: null, today, trust.Kek.Wrap(signIn).Envelope),
            Wrap(head, label: null, today, trust.Kek.Wrap(head).Envelope),
            GenerateVaultDek(service, today, generated),
        ];
    }

    /// <summary>A DEK for an account at a Vault.</summary>
    /// <inheritdoc cref="GenerateForVault"/>
    public StoredKey GenerateVaultDek(KeyService service, DateOnly today, List<KeystoreKey> generated)
    {
        var dek = PersonalDataEncryptionKey.Generate(trust.Account, service);
        generated.Add(dek);
        return Wrap(dek, label: null, today, trust.Kek.Wrap(dek).Envelope);
    }

    /// <summary>Keys for relationships that are kept in an account at a Vault.</summary>
    /// <inheritdoc cref="GenerateForVault"/>
    public StoredKey GenerateRelationshipKey(KeyService service, DateOnly today, List<KeystoreKey> generated)
    {
        var key = RelationshipKey.Generate(trust.Account, service);
        generated.Add(key);
        return Wrap(key, label: null, today, trust.Kek.Wrap(key).Envelope);
    }

    /// <summary>A DEK that came from another person.</summary>
    public StoredKey Receive(SharingDataEncryptionKey dek, DateOnly today) => Wrap(dek, label: null, today, trust.Kek.Wrap(dek).Envelope);

    private StoredKey Wrap(KeystoreKey key, string? label, DateOnly today, byte[] wrapped) =>
        new(key.Id, trust.Kek.Id, 1, trust.Kek.SealOverview(key.Id, KeyOverview.Of(key, label, today), 1), wrapped);

    public TKey HandOut<TKey>(TKey key)
        where TKey : KeystoreKey => InUse.Add(key);

    /// <summary>Opens the overview, once for each stored key however often it is listed.</summary>
    /// <exception cref="IntegrityException">It does not open.</exception>
    public AccountKey Describe(StoredKey stored) => _described.GetValue(stored, key => new AccountKey(key, OpenOverview(key)));

    /// <summary>Whether it is a keypair of a Vault. What does not open is none, and can be deleted.</summary>
    public bool IsForVault(StoredKey stored)
    {
        try
        {
            return Describe(stored).Overview.Purpose.IsForVault();
        }
        catch (IntegrityException)
        {
            return false;
        }
    }

    /// <returns>The key with the edited overview as its next revision; the same key if the edit left the overview as it was.</returns>
    public StoredKey Edit(StoredKey stored, Func<KeyOverview, KeyOverview> edit)
    {
        var overview = Describe(stored).Overview;
        KeyOverview edited;
        try
        {
            edited = edit(overview);
        }
        catch (Exception e) when (e is KeyStateException or ArgumentException && overview.Purpose.IsForVault())
        {
            throw Failures.NotAllowed("A keypair of a Vault stays as it is for as long as the account there.", "Choose another key.", e);
        }
        catch (KeyStateException e)
        {
            throw Failures.NotAllowed(e.Message, "States go from active to deactivated to compromised, and never back: make a new key.", e);
        }

        if (ReferenceEquals(edited, overview))
            return stored;
        var revision = stored.Revision + 1;
        return new StoredKey(stored.Id, stored.Kek, revision, trust.Kek.SealOverview(stored.Id, edited, revision), stored.Wrapped);
    }

    /// <summary>The same key with the same overview as another revision.</summary>
    public StoredKey Renumber(StoredKey stored, long revision) =>
        stored.Revision == revision
            ? stored
            : new(stored.Id, stored.Kek, revision, trust.Kek.SealOverview(stored.Id, Describe(stored).Overview, revision), stored.Wrapped);

    /// <exception cref="KeyladderException">The key has another purpose.</exception>
    /// <exception cref="IntegrityException">It does not open.</exception>
    public TKey Unwrap<TKey>(AccountKey key)
        where TKey : KeystoreKey
    {
        ArgumentNullException.ThrowIfNull(key);
        var unwrapped = Unwrap(key);
        if (unwrapped is TKey wanted)
            return InUse.Add(wanted);
        unwrapped.Dispose();
        throw Failures.NotAllowed(
            $"The purpose of key {key.Id} is {key.Purpose.ToText()}.", "Choose a key with the purpose that this needs.");
    }

    /// <returns>The file's content, or null if none of these keys sealed it.</returns>
    public Stream? OpenFile(SealedFile file, IEnumerable<AccountKey> keys)
    {
        foreach (var key in keys.Where(key => !key.Purpose.IsKeypair()))
        {
            using var dek = (DataEncryptionKey)Unwrap(key);
            if (dek.HasSealed(file))
                return Open(dek, file);
        }

        return null;
    }

    /// <exception cref="IntegrityException">It does not open.</exception>
    public KeystoreKey Unwrap(AccountKey key)
    {
        var (stored, overview) = (key.Stored, key.Overview);
        try
        {
            return overview.Purpose switch
            {
                KeyPurpose.PersonalDek => trust.Kek.Unwrap(new Wrapped<PersonalDataEncryptionKey>(stored.Wrapped), stored.Id, overview),
                KeyPurpose.SharingDek => trust.Kek.Unwrap(new Wrapped<SharingDataEncryptionKey>(stored.Wrapped), stored.Id, overview),
                KeyPurpose.Signing => trust.Kek.Unwrap(new Wrapped<Keypair>(stored.Wrapped), stored.Id, overview),
                KeyPurpose.Identity => trust.Kek.Unwrap(new Wrapped<IdentityKeypair>(stored.Wrapped), stored.Id, overview),
                KeyPurpose.VaultSignIn => trust.Kek.Unwrap(new Wrapped<VaultSignInKeypair>(stored.Wrapped), stored.Id, overview),
                KeyPurpose.Relationship => trust.Kek.Unwrap(new Wrapped<RelationshipKey>(stored.Wrapped), stored.Id, overview),
                KeyPurpose.VaultHead => trust.Kek.Unwrap(new Wrapped<VaultHeadKeypair>(stored.Wrapped), stored.Id, overview),
                _ => throw new UnreachableException(),
            };
        }
        catch (OpenFailedException e)
        {
            throw Alarms.DoesNotOpen($"key {stored.Id}", e);
        }
    }

    private KeyOverview OpenOverview(StoredKey stored)
    {
        try
        {
            return trust.Kek.OpenOverview(stored.Id, stored.Overview, stored.Revision);
        }
        catch (OpenFailedException e)
        {
            throw Alarms.DoesNotOpen($"the overview of key {stored.Id}", e);
        }
    }

    private static Stream Open(DataEncryptionKey dek, SealedFile file)
    {
        try
        {
            return dek.OpenFile(file);
        }
        catch (KeyStateException e)
        {
            throw Failures.NotAllowed($"Key {dek.Id} sealed this file and has not been activated.", "Activate the key first.", e);
        }
    }
}
