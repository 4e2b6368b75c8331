using Keyladder.Cryptography;
using Keyladder.Cryptography.ChunkedEncryption;
using Keyladder.Cryptography.Derivation;
using Keyladder.Cryptography.Secrets;
using Keyladder.Keys.Envelopes;

namespace Keyladder.Keys.Hierarchy;

/// <summary>
/// KEK: random, one per account and epoch. It wraps the account's DEKs and keypairs and seals their overviews; it wraps no KEK and seals no
/// data (docs/spec/key-hierarchy.md section 3).
/// </summary>
public sealed class KeyEncryptionKey : IDisposable
{
    internal const int KeySize = 32;

    private static readonly Padding OverviewPadding = Padding.Fixed(512);

    private readonly SecretBytes key;

    internal KeyEncryptionKey(AccountId account, KeyEncryptionKeyId id, SecretBytes key) => (Account, Id, this.key) = (account, id, key);

    public AccountId Account { get; }

    public KeyEncryptionKeyId Id { get; }

    public static KeyEncryptionKey Generate(AccountId account) =>
        new(account, KeyEncryptionKeyId.Generate(), SecretBytes.Generate(KeySize));

    public Wrapped<PersonalDataEncryptionKey> Wrap(PersonalDataEncryptionKey dek) => WrapKey(dek);

    public Wrapped<SharingDataEncryptionKey> Wrap(SharingDataEncryptionKey dek) => WrapKey(dek);

    public Wrapped<Keypair> Wrap(Keypair keypair) => WrapKey(keypair);

    public Wrapped<IdentityKeypair> Wrap(IdentityKeypair keypair) => WrapKey(keypair);

    public Wrapped<VaultSignInKeypair> Wrap(VaultSignInKeypair keypair) => WrapKey(keypair);

    public Wrapped<VaultHeadKeypair> Wrap(VaultHeadKeypair keypair) => WrapKey(keypair);

    public Wrapped<RelationshipKey> Wrap(RelationshipKey key) => WrapKey(key);

    /// <inheritdoc cref="Unwrap(Wrapped{Keypair}, KeyId, KeyOverview)"/>
    public PersonalDataEncryptionKey Unwrap(Wrapped<PersonalDataEncryptionKey> wrapped, KeyId id, KeyOverview overview)
    {
        var bytes = UnwrapBytes(wrapped, id, overview, KeyPurpose.PersonalDek, DataEncryptionKey.KeySize);
        return new PersonalDataEncryptionKey(Account, id, overview.State, bytes, overview.Service);
    }

    /// <inheritdoc cref="Unwrap(Wrapped{Keypair}, KeyId, KeyOverview)"/>
    public SharingDataEncryptionKey Unwrap(Wrapped<SharingDataEncryptionKey> wrapped, KeyId id, KeyOverview overview)
    {
        var bytes = UnwrapBytes(wrapped, id, overview, KeyPurpose.SharingDek, DataEncryptionKey.KeySize);
        return new SharingDataEncryptionKey(Account, id, overview.State, bytes);
    }

    /// <summary>Unwraps a key in its role and with the state that its overview gives it.</summary>
    /// <param name="overview">From <see cref="OpenOverview"/> for the same key.</param>
    /// <exception cref="OpenFailedException">
    /// This KEK did not wrap it as that key, it was altered, or the overview is of another keypair.
    /// </exception>
    /// <exception cref="ArgumentException">The overview says that the key has another purpose.</exception>
    public Keypair Unwrap(Wrapped<Keypair> wrapped, KeyId id, KeyOverview overview)
    {
        ArgumentNullException.ThrowIfNull(overview);
        using var bytes = UnwrapBytes(wrapped, id, overview, KeyPurpose.Signing, KeypairBytes.SizeFor(overview.PublicKey));
        return new Keypair(Account, id, overview.State, KeypairBytes.Read(bytes, overview.PublicKey));
    }

    /// <inheritdoc cref="Unwrap(Wrapped{Keypair}, KeyId, KeyOverview)"/>
    public IdentityKeypair Unwrap(Wrapped<IdentityKeypair> wrapped, KeyId id, KeyOverview overview)
    {
        using var bytes = UnwrapBytes(wrapped, id, overview, KeyPurpose.Identity, KeypairBytes.Size);
        return new IdentityKeypair(Account, id, overview.State, KeypairBytes.ReadEd25519(bytes, overview.PublicKey));
    }

    /// <inheritdoc cref="Unwrap(Wrapped{Keypair}, KeyId, KeyOverview)"/>
    public VaultSignInKeypair Unwrap(Wrapped<VaultSignInKeypair> wrapped, KeyId id, KeyOverview overview)
    {
        using var bytes = UnwrapBytes(wrapped, id, overview, KeyPurpose.VaultSignIn, KeypairBytes.Size);
        return new VaultSignInKeypair(Account, id, overview.State, KeypairBytes.ReadEd25519(bytes, overview.PublicKey), overview.Service!);
    }

    /// <inheritdoc cref="Unwrap(Wrapped{Keypair}, KeyId, KeyOverview)"/>
    public VaultHeadKeypair Unwrap(Wrapped<VaultHeadKeypair> wrapped, KeyId id, KeyOverview overview)
    {
        using var bytes = UnwrapBytes(wrapped, id, overview, KeyPurpose.VaultHead, KeypairBytes.Size);
        return new VaultHeadKeypair(Account, id, overview.State, KeypairBytes.ReadEd25519(bytes, overview.PublicKey), overview.Service!);
    }

    /// <inheritdoc cref="Unwrap(Wrapped{Keypair}, KeyId, KeyOverview)"/>
    public RelationshipKey Unwrap(Wrapped<RelationshipKey> wrapped, KeyId id, KeyOverview overview)
    {
        using var bytes = UnwrapBytes(wrapped, id, overview, KeyPurpose.Relationship, RelationshipKey.KeySize);
        return RelationshipKey.Read(Account, id, overview, bytes);
    }

    /// <param name="revision">From 1; counts the changes of the stored key.</param>
    public byte[] SealOverview(KeyId id, KeyOverview overview, long revision)
    {
        ArgumentNullException.ThrowIfNull(overview);
        return Envelope.Seal(key, Contexts.KeyOverview(Account, Id, id, revision), overview.Encode(), OverviewPadding);
    }

    /// <exception cref="OpenFailedException">
    /// This KEK did not seal it as that revision of that key's overview, or it was altered.
    /// </exception>
    public KeyOverview OpenOverview(KeyId id, ReadOnlySpan<byte> envelope, long revision)
    {
        var json = Envelope.Open(key, Contexts.KeyOverview(Account, Id, id, revision), envelope, OverviewPadding);
        return KeyOverview.TryDecode(json, out var overview) ? overview : throw new OpenFailedException();
    }

    /// <summary>The key that seals witnesses: another one with each KEK, and all that an account has for the purpose.</summary>
    public WitnessKey DeriveWitnessKey() =>
        new(Account, Id, HkdfSha512.Expand(key.DangerousSpan, Fields.Encode(Labels.WitnessKey, Account, Id), WitnessKey.KeySize));

    public void Dispose() => key.Dispose();

    public override string ToString() => $"{nameof(KeyEncryptionKey)} {Id}";

    internal SecretBytes CopyKeyBytes() => SecretBytes.CopyOf(key.DangerousSpan);

    private Wrapped<TKey> WrapKey<TKey>(TKey toWrap)
        where TKey : KeystoreKey
    {
        ArgumentNullException.ThrowIfNull(toWrap);
        if (toWrap.Account != Account)
            throw new ArgumentException("The key belongs to another account.", nameof(toWrap));
        using var bytes = toWrap.CopyKeyBytes();
        return Wrapped<TKey>.Seal(bytes, key, Contexts.WrappedKey(Account, Id, toWrap.Id, toWrap.Purpose, toWrap.PublicKey?.Type));
    }

    private SecretBytes UnwrapBytes<TKey>(Wrapped<TKey> wrapped, KeyId id, KeyOverview overview, KeyPurpose purpose, int size)
        where TKey : KeystoreKey
    {
        ArgumentNullException.ThrowIfNull(wrapped);
        ArgumentNullException.ThrowIfNull(overview);
        if (overview.Purpose != purpose)
            throw new ArgumentException($"The key's purpose is {overview.Purpose.ToText()}.", nameof(overview));
        return wrapped.Open(key, Contexts.WrappedKey(Account, Id, id, purpose, overview.PublicKey?.Type), size);
    }
}
