using Keyladder.Cryptography.ChunkedEncryption;
using Keyladder.Cryptography.Heads;
using Keyladder.Fuzz.Engine;
using Keyladder.Fuzz.Samples;
using Keyladder.Keys.Vault;
using static Keyladder.Fuzz.Engine.PropertyException;

namespace Keyladder.Fuzz.Parsers;

/// <summary>What is sealed for a Vault (docs/spec/vault.md section 2), as a service shows it and as a faulty client may have sealed it.</summary>
internal static class VaultParsers
{
    private static readonly string[] Terms =
        [ObjectKind.Item, ObjectKind.Attribute, AttributeType.Text, AttributeType.Json, AttributeType.Binary, "image/png", "org.example.otp-secret"];

    public static IReadOnlyList<Parser> All { get; } =
    [
        new("item-overview", [SampleVault.Item.Encode(), (SampleVault.Item with { Follows = null, Removed = null, ConflictOf = null, Tags = [] }).Encode()], ReadItem)
        {
            Covers = ["ItemOverview.TryDecode", "ItemJson.ItemOverview"],
            BytesPerByte = 256,
        },
        new("item-attribute", [.. SampleVault.Attributes.Select(attribute => attribute.Encode())], ReadAttribute)
        {
            Covers = ["ItemAttribute.TryDecode", "AttributeType.TryRead", "AttributeType.IsJson", "AttributeType.IsNumber"],
            BytesPerByte = 256,
        },
        new("vault-object", [SampleVault.Seal(asItem: true, Padded(SampleVault.Item.Encode())), .. SampleVault.Attributes.Select(attribute => SampleVault.Seal(asItem: false, Padded(attribute.Encode())))], OpenObject)
        {
            Covers = ["PersonalDataEncryptionKey.Open", "PersonalDataEncryptionKey.OpenObject"],
        },
        new("attachment", [SampleVault.Attachment.ToAttribute("n").Value.ToArray()], ReadAttachment)
        {
            Covers = ["Attachment.TryDecode", "AttachmentJson.AttachmentMembers", "Attachment.Check"],
            BytesPerByte = 256,
        },
        new("witness-content", [.. new[] { 1, 2, 8 }.Select(count => Sealed.Padded(Heads(count), Padding.Fixed(512)))], OpenWitness)
        {
            Covers = ["WitnessKey.Open", "WitnessKey.Read"],
        },
        new("item-templates", [Text.Bytes("""[{"kind":"login","attributes":[{"name":"user","type":"text"},{"name":"key","type":"org.example/x","secret":true}]},{"kind":"note","attributes":[{"name":"note","type":"text"}]}]""")], ReadTemplates)
        {
            Covers = ["ItemTemplate.TryRead", "TemplateJson.TemplateMembers[]"],
            BytesPerByte = 256,
        },
        new("vault-terms", [.. Terms.Select(Text.Bytes)], ReadTerm) { Covers = ["ObjectKind.IsKnown", "AttributeType.IsOwn", "AttributeType.IsType"] },
    ];

    private static byte[] Padded(byte[] content) => Sealed.Padded(content, Padding.Shortest);

    private static bool ReadItem(byte[] input)
    {
        if (!ItemOverview.TryDecode(input, out var item))
            return false;
        Require(item.Check() is null, "What is read may be written.");
        Require(ItemOverview.TryDecode(item.Encode(), out var again) && again.Encode().AsSpan().SequenceEqual(item.Encode()), "Writing it again keeps it.");
        return true;
    }

    private static bool ReadAttribute(byte[] input)
    {
        if (!ItemAttribute.TryDecode(input, out var attribute))
            return false;
        Require(attribute.Encode().AsSpan().SequenceEqual(input), "An attribute has one form.");
        Require(ItemAttribute.Create(attribute.Name, attribute.Type, attribute.Value).Type == attribute.Type, "What is read may be written.");
        return true;
    }

    // Each way to open: as the item, as the attribute.
    private static bool OpenObject(byte[] input)
    {
        var asItem = Opens(() => SampleVault.Dek.Open(SampleVault.ItemId, input, 2));
        var asAttribute = Opens(() => SampleVault.Dek.Open(SampleVault.ItemId, SampleVault.AttributeId, input, 2));
        Require(!asItem || !asAttribute, "No item is an attribute.");
        return asItem || asAttribute;
    }

    private static bool ReadAttachment(byte[] input)
    {
        if (!Attachment.TryDecode(input, out var attachment))
            return false;
        var written = attachment.ToAttribute("n").Value;
        Require(Attachment.TryDecode(written.Span, out var again) && again.ToAttribute("n").Value.Span.SequenceEqual(written.Span), "Writing it again keeps it.");
        Require(attachment.SealedLength > attachment.Size, "What is stored is longer than what is sealed.");
        return true;
    }

    private static bool ReadTemplates(byte[] input)
    {
        if (!ItemTemplate.TryRead(input, out var templates))
            return false;
        Require(templates.All(template => template.Attributes.Count is > 0 and <= ItemTemplate.MaxAttributes), "A template has some attributes, and not too many.");
        Require(templates.All(template => template.Attributes.All(attribute => AttributeType.IsType(attribute.Type))), "Each has a type.");
        return true;
    }

    // Any plaintext, sealed as a witness: mutations get behind the authentication.
    private static bool OpenWitness(byte[] input) => Opens(() => SampleVault.WitnessKey.Open(SampleVault.Service.Account, SampleVault.SealWitness(input)));

    // account (16), u64 number, hash (32)
    private static byte[] Heads(int count) =>
        [.. Enumerable.Range(1, count).SelectMany(each => (byte[])[.. Fixed.Uuid(30 + each).ToByteArray(bigEndian: true), 0, 0, 0, 0, 0, 0, 0, (byte)each, .. Fixed.Bytes(32)])];

    private static bool Opens(Func<object> open)
    {
        try
        {
            return open() is not null;
        }
        catch (OpenFailedException)
        {
            return false;
        }
    }

    private static bool ReadTerm(byte[] input)
    {
        var text = Text.Of(input);
        Require(!AttributeType.IsOwn(text) || AttributeType.IsType(text), "A developer's own type is a type.");
        Require(!ObjectKind.IsKnown(text) || !AttributeType.IsType(text), "No kind of object is a type of attribute.");
        return ObjectKind.IsKnown(text) || AttributeType.IsType(text);
    }
}
