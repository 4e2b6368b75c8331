using Keyladder.Cryptography;
using Keyladder.Cryptography.Dids;
using Keyladder.Cryptography.Secrets;
using Keyladder.Cryptography.Signing;
using Keyladder.Keys.Envelopes;
using Keyladder.Keys.Hierarchy;

namespace Keyladder.Keys.Tests.Envelopes;

/// <summary>Where an envelope belongs. Each kind looks at some of this; its context must hold all that it looks at.</summary>
public sealed record Place(
    AccountId Account, SlotId Slot, KeyEncryptionKeyId Kek, KeyId Key, DataId Data, AccountId VaultAccount, ItemId Item, AttributeId Attribute, AttachmentId Attachment, RelationshipId Relationship, ShareId Share, ChannelId Channel, Did Inviter, RecoveryRecordId RecoveryRecord, string Store, long Revision, byte[] SealingKey)
{
    /// <summary>One key opens everything here, so that nothing but the context tells the kinds apart.</summary>
    public static Place Home { get; } = new(
        AccountId.Generate(), SlotId.Generate(), KeyEncryptionKeyId.Generate(), KeyId.Generate(), DataId.Generate(), AccountId.Generate(), ItemId.Generate(), AttributeId.Generate(),
        AttachmentId.Generate(), RelationshipId.Generate(), ShareId.Generate(), ChannelId.Generate(), NewDid(), RecoveryRecordId.Generate(), "https://passphrases.example.org", 7, NewKey());

    /// <summary>Every other place that differs in one thing only, under the words of the specification's table.</summary>
    public IEnumerable<(string Field, Place Place)> Elsewhere() =>
    [
        ("account", this with { Account = AccountId.Generate() }),
        ("slot", this with { Slot = SlotId.Generate() }),
        ("KEK id", this with { Kek = KeyEncryptionKeyId.Generate() }),
        ("key id", this with { Key = KeyId.Generate() }),
        ("DEK id", this with { Key = KeyId.Generate() }),
        ("object id", this with { Data = DataId.Generate() }),
        ("keeper", this with { VaultAccount = AccountId.Generate() }),
        ("account at the Vault", this with { VaultAccount = AccountId.Generate() }),
        ("item id", this with { Item = ItemId.Generate() }),
        ("attribute id", this with { Attribute = AttributeId.Generate() }),
        ("attachment id", this with { Attachment = AttachmentId.Generate() }),
        ("relationship", this with { Relationship = RelationshipId.Generate() }),
        ("share", this with { Share = ShareId.Generate() }),
        ("channel", this with { Channel = ChannelId.Generate() }),
        ("inviter's DID", this with { Inviter = NewDid() }),
        ("record id", this with { RecoveryRecord = RecoveryRecordId.Generate() }),
        ("Store's origin", this with { Store = "https://passphrases.example.net" }),
        ("revision", this with { Revision = Revision + 1 }),
        ("revision", this with { Revision = Revision - 1 }),
        ("key", this with { SealingKey = NewKey() }),
    ];

    public SecretBytes CopyKey() => SecretBytes.CopyOf(SealingKey);

    private static Did NewDid()
    {
        using var key = Ed25519PrivateKey.Generate();
        return Did.Of(key.PublicKey);
    }

    private static byte[] NewKey()
    {
        using var key = SecretBytes.Generate(32);
        return key.DangerousSpan.ToArray();
    }
}

/// <summary>One row of the table in docs/spec/key-hierarchy.md section 3, sealed and opened through the role that has the arrow.</summary>
/// <param name="Name">For the test report.</param>
/// <param name="Label">As the table has it.</param>
/// <param name="Fields">The further fields of the context, in the table's words and order.</param>
/// <param name="Seal">A new envelope for a place, of content that is the same each time.</param>
/// <param name="Open">Throws, or gives the content.</param>
public sealed record EnvelopeKind(string Name, string Label, string Fields, Func<Place, byte[]> Seal, Func<Place, byte[], byte[]> Open)
{
    public override string ToString() => Name;
}
