using System.Diagnostics;
using Keyladder.Cryptography;
using Keyladder.Cryptography.Dids;
using Keyladder.Cryptography.Heads;
using Keyladder.Cryptography.Signing;
using Keyladder.Keys.Recovery;

namespace Keyladder.Keys.Envelopes;

/// <summary>
/// What each kind of envelope is bound to: the table of docs/spec/key-hierarchy.md section 3, row by row, fields in its order. Nothing else
/// in this library builds a context.
/// </summary>
internal static class Contexts
{
    public static byte[] WrappedKek(AccountId account, SlotId slot, KeyEncryptionKeyId kek) =>
        Fields.Encode(Labels.WrappedKek, account, slot, kek);

    /// <param name="type">Of a keypair; null for a DEK.</param>
    public static byte[] WrappedKey(AccountId account, KeyEncryptionKeyId kek, KeyId key, KeyPurpose purpose, KeyType? type)
    {
        var label = purpose switch
        {
            KeyPurpose.PersonalDek => Labels.WrappedPersonalDek,
            KeyPurpose.SharingDek => Labels.WrappedSharingDek,
            _ when purpose.IsKeypair() => Labels.WrappedKeypair,
            _ => throw new UnreachableException(),
        };
        return Fields.Encode(label, account, kek, key, purpose.ToText(), KeyPurposes.TypeText(type));
    }

    public static byte[] KeyOverview(AccountId account, KeyEncryptionKeyId kek, KeyId key, long revision) =>
        Fields.Encode(Labels.KeyOverview, account, kek, key, AtLeastOne(revision));

    public static byte[] PersonalData(AccountId account, KeyId dek, DataId data, long revision) =>
        Fields.Encode(Labels.PersonalData, account, dek, data, AtLeastOne(revision));

    /// <summary>Opened by another person, under another account and another key id: it names neither.</summary>
    public static byte[] SharingData(DataId data, long revision) => Fields.Encode(Labels.SharingData, data, AtLeastOne(revision));

    public static byte[] PersonalFile(AccountId account) => Fields.Encode(Labels.PersonalFile, account);

    public static byte[] SharingFile() => Fields.Encode(Labels.SharingFile);

    /// <param name="keeper">The account id at the service that keeps it: no witness opens as that of another one.</param>
    public static byte[] Witness(AccountId account, KeyEncryptionKeyId kek, AccountId keeper) => Fields.Encode(Labels.Witness, account, kek, keeper);

    public static byte[] VaultItem(AccountId vault, ItemId item, long revision, Hash256 dek) =>
        Fields.Encode(Labels.VaultItem, vault, item, AtLeastOne(revision), dek);

    public static byte[] VaultAttribute(AccountId vault, ItemId item, AttributeId attribute, long revision, Hash256 dek) =>
        Fields.Encode(Labels.VaultAttribute, vault, item, attribute, AtLeastOne(revision), dek);

    public static byte[] VaultAttachment(AccountId vault, AttachmentId attachment) => Fields.Encode(Labels.VaultAttachment, vault, attachment);

    public static byte[] LocalStore(AccountId vault, DataId store, long number, Hash256 dek) =>
        Fields.Encode(Labels.LocalStore, vault, store, AtLeastOne(number), dek);

    public static byte[] Offer(ChannelId channel, Did inviter) => Fields.Encode(Labels.Offer, channel, inviter.ToString());

    public static byte[] Acceptance(ChannelId channel, Did inviter) => Fields.Encode(Labels.Acceptance, channel, inviter.ToString());

    /// <summary>Opened by another person, under another account and another key id: it names what both know.</summary>
    public static byte[] SharedCopy(RelationshipId relationship, ShareId share, long number, Hash256 dek) =>
        Fields.Encode(Labels.SharedCopy, relationship, share, AtLeastOne(number), dek);

    /// <inheritdoc cref="SharedCopy"/>
    public static byte[] SharedAttachment(RelationshipId relationship, AttachmentId attachment) => Fields.Encode(Labels.SharedAttachment, relationship, attachment);

    public static byte[] PasswordSlot(RecoveryPlace place) => Fields.Encode(Labels.PasswordSlot, place.Store.ToString(), place.Record);

    public static byte[] ResetSlot(RecoveryPlace place) => Fields.Encode(Labels.ResetSlot, place.Store.ToString(), place.Record);

    public static byte[] RecoveryKit(RecoveryPlace place) => Fields.Encode(Labels.RecoveryKit, place.Store.ToString(), place.Record);

    private static long AtLeastOne(long revision)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(revision, 1);
        return revision;
    }
}
