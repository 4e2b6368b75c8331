using System.Text.Json;
using Keyladder.Client;
using Keyladder.Cryptography;
using Keyladder.Cryptography.ChunkedEncryption;
using Keyladder.Cryptography.Heads;
using Keyladder.Cryptography.Secrets;
using Keyladder.Keys.Envelopes;
using Keyladder.Keys.Vault;
using Keyladder.Protocol;
using Keyladder.Protocol.Keystore;
using Keyladder.Protocol.Vault;

namespace Keyladder.Fuzz.Samples;

/// <summary>The sample account's Vault in a file: an item, an attribute of it, an attachment.</summary>
internal static class SampleVaultExport
{
    private static readonly AttachmentId AttachmentId = new(Fixed.Uuid(28));
    private static readonly SecretBytes ContentKey = Fixed.Secret(28);

    private static readonly byte[] SealedContent = Sealed.Envelope(
        ContentKey, Contexts.VaultAttachment(SampleVault.Service.Account, AttachmentId), Sealed.Padded(Content, Padding.Shortest));

    public static byte[] Content => Fixed.Bytes(100);

    public static ItemAttribute Attribute { get; } = new Attachment(new AttachmentMembers(
        AttachmentId, ContentKey.DangerousSpan.ToArray(), SealedContent[..Envelope.HeaderLength], Content.Length, "cat.jpg", "image/jpeg")).ToAttribute("cat");

    public static ItemOverview Item { get; } = SampleVault.Item with { Attributes = [new(SampleVault.AttributeId, 2, Leaf(AttributeMessage))] };

    /// <summary>The account with the keys of its Vault.</summary>
    public static byte[] Account { get; } = MakeAccount();

    /// <summary>Content of <c>vault.jsonl</c>.</summary>
    public static byte[] Objects { get; } = MakeObjects();

    public static byte[] File { get; } =
    [
        .. Member(ExportMember.Account, Account), .. Member(ExportMember.Vault, Objects), .. Member(ExportMember.Of(AttachmentId), SealedContent), .. new byte[2 * TarHeader.Size],
    ];

    private static ObjectMessage AttributeMessage => Message(
        ObjectKind.Attribute, SampleVault.AttributeId.Value, SampleVault.Seal(asItem: false, Sealed.Padded(Attribute.Encode(), Padding.Shortest)), AttachmentId.Value);

    private static ObjectMessage ItemMessage => Message(
        ObjectKind.Item, SampleVault.ItemId.Value, SampleVault.Seal(asItem: true, Sealed.Padded(Item.Encode(), Padding.Shortest)), attachment: null);

    private static ObjectMessage Message(string kind, Guid id, byte[] envelope, Guid? attachment) =>
        new(id, kind, SampleVault.Dek.VaultName!.Value.ToArray(), 2, envelope, attachment);

    private static Hash256 Leaf(ObjectMessage message) =>
        ObjectLeaf.Value(message.Kind, message.Id, new Hash256(message.Dek), message.Revision, message.Attachment, message.Sealed);

    private static byte[] MakeAccount()
    {
        KeyMessage[] keys = [SampleAccount.Keys[0], SampleAccount.Message(SampleVault.HeadKey, null), SampleAccount.Message(SampleVault.SignIn, null), SampleAccount.Message(SampleVault.Dek, null)];
        var head = (SampleAccount.Heads[4].Head with
        {
            Root = SparseMerkleTree.ComputeRoot(keys.ToDictionary(key => KeyLeaf.Path(new KeyId(key.Id)), SampleAccount.Leaf)),
        }).Sign(SampleAccount.IdentityKey);
        return
        [
            .. Line(new AccountExportMessage(AccountExportMessage.Version1, SampleAccount.Account.Value, SampleAccount.SlotMessage, keys[0], head.Jws), ProtocolJson.Default.AccountExportMessage),
            .. keys.Skip(1).SelectMany(key => Line(key, ProtocolJson.Default.KeyMessage)),
        ];
    }

    private static byte[] MakeObjects()
    {
        ObjectMessage[] objects = [ItemMessage, AttributeMessage];
        var head = SampleVault.HeadKey.Sign(new VaultHead
        {
            Account = SampleVault.Service.Account,
            Number = 2,
            Day = new(2026, 1, 2),
            Count = objects.Length,
            Root = SparseMerkleTree.ComputeRoot(objects.ToDictionary(message => ObjectLeaf.Path(message.Kind, message.Id), Leaf)),
            Key = SampleVault.HeadKey.PublicKey,
            SignIn = SampleVault.SignIn.PublicKey,
            Links = [Hash256.Of([1])],
        });
        return
        [
            .. Line(new VaultExportMessage(VaultExportMessage.Version1, SampleVault.Service.Account.Value, head.Jws), ProtocolJson.Default.VaultExportMessage),
            .. objects.SelectMany(message => Line(message, ProtocolJson.Default.ObjectMessage)),
        ];
    }

    private static byte[] Line<T>(T message, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type) => [.. JsonSerializer.SerializeToUtf8Bytes(message, type), .. "\n"u8];

    private static byte[] Member(string name, byte[] content) => [.. TarHeader.Create(name, content.Length), .. content, .. new byte[TarHeader.Gap(content.Length)]];
}
