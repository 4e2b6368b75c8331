using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Keyladder.Cryptography;
using Keyladder.Cryptography.Secrets;
using Keyladder.Keys.Hierarchy;
using Keyladder.Keys.Passphrases;
using Keyladder.Keys.Vault;
using Keyladder.Testing;
using static Keyladder.Client.Tests.Person;
using static Keyladder.Client.Tests.Vaults.AttachmentTests;
using static Keyladder.Client.Tests.Vaults.VaultTests;

namespace Keyladder.Client.Tests.Vaults;

/// <summary>Alice's Vault with one of everything, at services that may lie, and its export; before its last change, and after.</summary>
public sealed class VaultExportScene : IAsyncLifetime
{
    // Around a chunk, and more than one part of an upload.
    private static readonly int[] Sizes = [0, 1, 16_383, 16_384, 16_385, (5 * 1024 * 1024) + 7];

    private readonly MovableTime _time = new();

    // They run as long as the account: another service on a port of theirs would be taken for the one that had it, and would have lost the account.
    private readonly List<VaultHost> _others = [];
    private KeystoreHost _keystore = null!;

    public HostileVault Hostile { get; } = new();

    public Person Alice { get; private set; } = null!;

    public PassphraseDerivedKey Derived { get; private set; } = null!;

    public UnlockedAccount Account { get; private set; } = null!;

    public Client.Vault Vault { get; private set; } = null!;

    public byte[] Before { get; private set; } = [];

    public byte[] Now { get; private set; } = [];

    /// <summary>Another person's, at the same services.</summary>
    public byte[] Bobs { get; private set; } = [];

    /// <summary>Another Vault's of Alice's.</summary>
    public byte[] Second { get; private set; } = [];

    public async ValueTask InitializeAsync()
    {
        _keystore = await KeystoreHost.StartAsync(Engine.Sqlite);
        await Hostile.InitializeAsync();
        Alice = new(_keystore.Origin) { Secret = NewWords() };
        Derived = await PassphraseDerivedKey.DeriveAsync(Alice.Secret);
        Account = await Alice.SignUpAsync(Alice.Device(time: _time));
        Vault = await Account.Vaults.CreateAsync(Hostile.Proxy.Address, cancellationToken: Cancellation);
        var bank = (await Vault.PutAsync(Login("Bank", "old").With(ItemAttribute.Text("gone", "gone")) with { Tags = ["money", "home"] }, Cancellation)).Id;
        await Vault.PutAsync(Everything, Cancellation);
        var mine = (await Vault.GetAsync(bank, Cancellation)).Edit();
        var trash = await Vault.PutAsync(Login("Trash", "old"), Cancellation);
        await Vault.PutAsync((await Vault.GetAsync(trash.Id, Cancellation)).Edit() with { IsRemoved = true }, Cancellation);
        await AttachAsync();
        Second = await ExportOfAsync(second => second.PutAsync(Login("Second", "other"), Cancellation));
        Before = await ExportAsync();

        await Vault.PutAsync((await Vault.GetAsync(bank, Cancellation)).Edit().With(ItemAttribute.Text("password", "new")).Without("gone"), Cancellation);
        Assert.NotNull((await Vault.PutAsync(mine.With(ItemAttribute.Text("password", "another")), Cancellation)).Conflict);
        Now = await ExportAsync();
        await using var bob = new Person(_keystore.Origin) { Secret = NewWords() };
        var account = await bob.SignUpAsync(bob.Device(time: _time));
        await using var bobs = await account.Vaults.CreateAsync(Hostile.Proxy.Address, cancellationToken: Cancellation);
        await bobs.PutAsync(Login("Bank", "bob's"), Cancellation);
        Bobs = await ExportAsync(account, bobs);
    }

    public Task<byte[]> ExportAsync() => ExportAsync(Account, Vault);

    /// <summary>The export of another Vault of Alice's.</summary>
    public async Task<byte[]> ExportOfAsync(Func<Client.Vault, Task> fill)
    {
        var host = await VaultHost.StartAsync(Engine.Sqlite);
        _others.Add(host);
        await using var vault = await Account.Vaults.CreateAsync(host.Origin, cancellationToken: Cancellation);
        await fill(vault);
        return await ExportAsync(Account, vault);
    }

    public static async Task<byte[]> ExportAsync(UnlockedAccount account, Client.Vault vault)
    {
        using var output = new MemoryStream();
        await account.ExportVaultAsync(vault, output, cancellationToken: Cancellation);
        return output.ToArray();
    }

    /// <summary>As <see cref="ExportedVault.OpenAsync(Stream, UnlockSecret, CancellationToken)"/> does, with the secret derived once.</summary>
    public Task<ExportedVault> OpenAsync(byte[] export) => ExportedVault.OpenAsync(
        new MemoryStream(export),
        async account =>
        {
            using var mek = Derived.DeriveMasterEncryptionKey();
            using var login = Derived.DeriveLoginKeypair();
            return await ExportedAccount.ReadAsync(account, mek, Alice.Secret.SlotKind, login.PublicKey, Cancellation);
        },
        Cancellation);

    /// <summary>All that a Vault or an export shows of items, but for ids: attachments by the hash of their content.</summary>
    public static async Task<IReadOnlyList<string>> DescribeAsync(IEnumerable<OpenedItem> items, Func<Attachment, Stream> open)
    {
        var all = items.ToList();
        var names = all.ToDictionary(item => item.Id, item => $"{item.Name}, {item.Item.Created:O}");
        var described = new List<string>();
        foreach (var item in all)
        {
            var text = new StringBuilder().Append(CultureInfo.InvariantCulture, $"{names[item.Id]} {item.Item.Kind} {string.Join('|', item.Item.Tags)} {item.Item.Changed:O} {item.Item.Removed:O} ");
            text.Append(item.Item.ConflictOf is { } other ? names[other] : "");
            foreach (var content in item.Attributes.Select(attribute => attribute.Content))
            {
                text.Append(CultureInfo.InvariantCulture, $"\n{content.Name} {content.Type} ");
                if (content.GetAttachment() is { } attachment)
                {
                    await using var stream = open(attachment);
                    text.Append(CultureInfo.InvariantCulture, $"{attachment.Size} {attachment.FileName} {attachment.MediaType} {Convert.ToHexString(await SHA256.HashDataAsync(stream, Cancellation))}");
                }
                else
                    text.Append(Convert.ToHexString(content.Value.Span));
            }

            described.Add(text.ToString());
        }

        return [.. described.Order(StringComparer.Ordinal)];
    }

    public static async Task<IReadOnlyList<string>> DescribeAsync(Client.Vault vault) => await DescribeAsync(
        await vault.GetManyAsync([.. (await vault.ListAsync(Cancellation)).Select(item => item.Id)], Cancellation), vault.Open);

    public static async Task<IReadOnlyList<string>> DescribeAsync(ExportedVault export) => await DescribeAsync(
        await Task.WhenAll(export.Items.Select(item => export.GetAsync(item.Id, Cancellation))), export.Open);

    public async ValueTask DisposeAsync()
    {
        await Vault.DisposeAsync();
        await Alice.DisposeAsync();
        Derived.Dispose();
        foreach (var other in _others)
        {
            await other.DisposeAsync();
        }

        await Hostile.DisposeAsync();
        await _keystore.DisposeAsync();
    }

    private static ItemDraft Everything => ItemDraft.New("Everything", "passport")
        .With(ItemAttribute.Text("text", "ümlaut\nsecond line"))
        .With(ItemAttribute.Number("number", 12.50m))
        .With(ItemAttribute.Date("date", new DateOnly(1999, 12, 31)))
        .With(ItemAttribute.Boolean("boolean", true))
        .With(ItemAttribute.Json("json", "{\"b\": 1, \"a\": [null]}"))
        .With(ItemAttribute.Binary("binary", RandomNumberGenerator.GetBytes(40_000)))
        .With(ItemAttribute.Create("own", "example.org/own", new byte[] { 0, 255 }));

    private async Task AttachAsync()
    {
        var draft = ItemDraft.New("Pictures");
        foreach (var size in Sizes)
            draft = draft.With((await UploadAsync(Vault, RandomNumberGenerator.GetBytes(size))).ToAttribute($"{size} bytes"));
        await Vault.PutAsync(draft.With(draft.Attributes[^1].Content.GetAttachment()!.ToAttribute("the same again")), Cancellation);
    }
}
