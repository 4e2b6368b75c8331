using Keyladder.Client;
using Keyladder.Cryptography.Heads;
using Keyladder.Fuzz.Engine;
using Keyladder.Fuzz.Samples;
using Keyladder.Keys.Vault;
using static Keyladder.Fuzz.Engine.PropertyException;

namespace Keyladder.Fuzz.Parsers;

/// <summary>The file that a Vault moves in, as whoever had it on the way may have left it.</summary>
internal static class VaultExportParsers
{
    public static IReadOnlyList<Parser> All { get; } =
    [
        new("tar-header", [TarHeader.Create(ExportMember.Account, 0), TarHeader.Create("attachments/x", 123_456_789), TarHeader.Create("large", 1L << 40)], ReadHeader)
        {
            Covers = ["TarHeader.Read", "TarHeader.ReadLength"],
        },
        new("vault-export", [SampleVaultExport.File], Read)
        {
            Covers = ["ExportedVault.OpenAsync", "Attachment.IsPaddedAt"],
            Refusals = [typeof(KeyladderException)],
            // The keys of the account, two buffers for the longest lines, and a chunk of the attachment, twice.
            MoreBytes = 1024 * 1024,
        },
        new("vault-export-objects", [SampleVaultExport.Objects], ReadObjects)
        {
            Covers = ["ExportedObjects.Read", "ProtocolJson.VaultExportMessage"],
            Refusals = [typeof(KeyladderException)],
            MoreBytes = 512 * 1024,
        },
    ];

    private static readonly Lazy<ExportedAccount> Account = new(() => OpenAccount(new MemoryStream(SampleVaultExport.Account)).GetAwaiter().GetResult());

    private static bool ReadHeader(byte[] input)
    {
        if (input.Length != TarHeader.Size || TarHeader.Read(input) is not var (name, length))
            return false;
        Require(length >= 0 && TarHeader.Create(name, length).AsSpan().SequenceEqual(input), "There is one header for a name and a length.");
        return true;
    }

    private static bool Read(byte[] input)
    {
        using var export = ExportedVault.OpenAsync(new MemoryStream(input), OpenAccount, CancellationToken.None).GetAwaiter().GetResult();
        Require(export.Items.Count == 1, "It is the Vault as its head signed for it.");
        RequireGenuine(export.Items[0]);
        var opened = export.GetAsync(export.Items[0].Id).GetAwaiter().GetResult();
        Require(opened.Attributes.Single().Content.Value.Span.SequenceEqual(SampleVaultExport.Attribute.Value.Span), "The attribute is the one that was sealed.");
        export.ExamineAsync().GetAwaiter().GetResult();
        using var content = new MemoryStream();
        export.Open(opened.Attributes[0].Content.GetAttachment()!).CopyToAsync(content).GetAwaiter().GetResult();
        Require(content.ToArray().AsSpan().SequenceEqual(SampleVaultExport.Content), "The attachment is the one that was sealed.");
        return true;
    }

    private static bool ReadObjects(byte[] input)
    {
        using var file = new ExportFile(new MemoryStream(input));
        using var inUse = new KeysInUse();
        var member = new ExportMember(file, ExportMember.Vault, 0, input.Length);
        var objects = ExportedObjects.ReadAsync(member, Account.Value, new KeyWrapping(Account.Value.Trust, inUse), CancellationToken.None).GetAwaiter().GetResult();
        RequireGenuine(objects.Items.Single());
        return true;
    }

    private static void RequireGenuine(VaultItem item) =>
        Require(item.Name == SampleVaultExport.Item.Name && item.Overview.Attributes.SequenceEqual(SampleVaultExport.Item.Attributes), "The item is the one that was sealed.");

    private static Task<ExportedAccount> OpenAccount(Stream account) =>
        ExportedAccount.ReadAsync(account, SampleAccount.Mek, SlotKind.Words, SampleAccount.Login.PublicKey, CancellationToken.None);
}
