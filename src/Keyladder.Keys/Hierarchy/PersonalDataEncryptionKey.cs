using Keyladder.Cryptography;
using Keyladder.Cryptography.ChunkedEncryption;
using Keyladder.Cryptography.Derivation;
using Keyladder.Cryptography.Heads;
using Keyladder.Cryptography.Secrets;
using Keyladder.Keys.Envelopes;
using Keyladder.Keys.Vault;

namespace Keyladder.Keys.Hierarchy;

/// <summary>
/// A DEK that seals the person's own data; what it seals opens in this account only. One that is for a Vault seals its items and attributes
/// too (docs/spec/vault.md section 2).
/// </summary>
public sealed class PersonalDataEncryptionKey : DataEncryptionKey
{
    /// <summary>Bytes that a record of a device's copy may have.</summary>
    public const int MaxRecordLength = 256 * 1024 * 1024;

    private readonly AccountId vault;

    internal PersonalDataEncryptionKey(AccountId account, KeyId id, KeyState state, SecretBytes key, KeyService? service = null)
        : base(account, id, KeyPurpose.PersonalDek, state, key, service)
    {
        if (service is null)
            return;
        vault = service.Account;
        using var name = HkdfSha512.Expand(key.DangerousSpan, Fields.Encode(Labels.VaultDekName, vault), Hash256.Size);
        VaultName = new Hash256(name.DangerousSpan);
    }

    /// <summary>What its Vault knows it by; null for a DEK that is for none.</summary>
    public Hash256? VaultName { get; }

    public static PersonalDataEncryptionKey Generate(AccountId account) => Generate(account, service: null);

    /// <param name="account">Whose it is.</param>
    /// <param name="service">The account at the Vault that it seals for; null for none.</param>
    public static PersonalDataEncryptionKey Generate(AccountId account, KeyService? service) =>
        new(account, KeyId.Generate(), KeyState.Active, SecretBytes.Generate(KeySize), service);

    /// <param name="revision">From 1; grows with each change of the item.</param>
    /// <returns>The envelope.</returns>
    /// <exception cref="KeyStateException">The key is not active.</exception>
    /// <exception cref="InvalidOperationException">The key is for no Vault.</exception>
    /// <exception cref="ArgumentException">The item is too large, breaks a rule, or follows what it cannot.</exception>
    public byte[] Seal(ItemId id, ItemOverview item, long revision)
    {
        ArgumentNullException.ThrowIfNull(item);
        RequireSealing("seals");
        if (!Follows(item, revision))
            throw new ArgumentException("The first revision of an item follows nothing, each later one the leaf that it replaces.", nameof(item));
        return SealObject(Contexts.VaultItem(vault, id, revision, RequiredName), item.Encode());
    }

    /// <exception cref="OpenFailedException">This key did not seal it as that revision of that item, or it was altered.</exception>
    /// <exception cref="KeyStateException">The key has not been activated.</exception>
    /// <exception cref="InvalidOperationException">The key is for no Vault.</exception>
    public ItemOverview Open(ItemId id, ReadOnlySpan<byte> envelope, long revision)
    {
        RequireOpening();
        var json = OpenObject(Contexts.VaultItem(vault, id, revision, RequiredName), envelope);
        return ItemOverview.TryDecode(json, out var item) && Follows(item, revision) ? item : throw new OpenFailedException();
    }

    /// <param name="item">The item that lists it.</param>
    /// <param name="id">Names the attribute.</param>
    /// <param name="attribute">What it says.</param>
    /// <param name="revision">From 1; grows with each change of the attribute.</param>
    /// <returns>The envelope.</returns>
    /// <exception cref="KeyStateException">The key is not active.</exception>
    /// <exception cref="InvalidOperationException">The key is for no Vault.</exception>
    /// <exception cref="ArgumentException">The attribute is too large.</exception>
    public byte[] Seal(ItemId item, AttributeId id, ItemAttribute attribute, long revision)
    {
        ArgumentNullException.ThrowIfNull(attribute);
        RequireSealing("seals");
        return SealObject(Contexts.VaultAttribute(vault, item, id, revision, RequiredName), attribute.Encode());
    }

    /// <exception cref="OpenFailedException">
    /// This key did not seal it as that revision of that attribute of that item, or it was altered.
    /// </exception>
    /// <inheritdoc cref="Open(ItemId, ReadOnlySpan{byte}, long)"/>
    public ItemAttribute Open(ItemId item, AttributeId id, ReadOnlySpan<byte> envelope, long revision)
    {
        RequireOpening();
        var content = OpenObject(Contexts.VaultAttribute(vault, item, id, revision, RequiredName), envelope);
        return ItemAttribute.TryDecode(content, out var attribute) ? attribute : throw new OpenFailedException();
    }

    /// <summary>Seals a record of the copy that a device keeps of the Vault (docs/spec/local-store.md).</summary>
    /// <param name="store">The copy; a new one each time that it is written anew.</param>
    /// <param name="number">The record's place in it, from 1.</param>
    /// <param name="record">At most <see cref="MaxRecordLength"/> bytes.</param>
    /// <returns>The envelope.</returns>
    /// <exception cref="KeyStateException">The key is not active.</exception>
    /// <exception cref="InvalidOperationException">The key is for no Vault.</exception>
    /// <exception cref="ArgumentException">The record is too large.</exception>
    public byte[] SealRecord(DataId store, long number, ReadOnlySpan<byte> record)
    {
        RequireSealing("seals");
        return record.Length <= MaxRecordLength
            ? Envelope.Seal(Key, Contexts.LocalStore(vault, store, number, RequiredName), record, Padding.Shortest)
            : throw new ArgumentException("It is too large for one record.", nameof(record));
    }

    /// <exception cref="OpenFailedException">This key did not seal it as that record of that copy, or it was altered.</exception>
    /// <exception cref="KeyStateException">The key has not been activated.</exception>
    /// <exception cref="InvalidOperationException">The key is for no Vault.</exception>
    public byte[] OpenRecord(DataId store, long number, ReadOnlySpan<byte> envelope)
    {
        RequireOpening();
        return envelope.Length <= Envelope.SealedLength(MaxRecordLength, Padding.Shortest)
            ? Envelope.Open(Key, Contexts.LocalStore(vault, store, number, RequiredName), envelope, Padding.Shortest)
            : throw new OpenFailedException();
    }

    private Hash256 RequiredName => VaultName ?? throw new InvalidOperationException("This key is for no Vault.");

    private protected override byte[] DataContext(DataId id, long revision) => Contexts.PersonalData(Account, Id, id, revision);

    private protected override byte[] FileContext() => Contexts.PersonalFile(Account);

    private static bool Follows(ItemOverview item, long revision) => item.Follows.HasValue == (revision > 1);

    private byte[] SealObject(byte[] context, byte[] content) => Envelope.SealedLength(content.Length, Padding.Shortest) <= ItemOverview.MaxSealedLength
        ? Envelope.Seal(Key, context, content, Padding.Shortest)
        : throw new ArgumentException("It is too large for one object of a Vault.");

    private byte[] OpenObject(byte[] context, ReadOnlySpan<byte> envelope) => envelope.Length <= ItemOverview.MaxSealedLength
        ? Envelope.Open(Key, context, envelope, Padding.Shortest)
        : throw new OpenFailedException();
}
