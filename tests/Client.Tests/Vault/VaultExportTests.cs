using System.Buffers;
using System.Formats.Tar;
using System.IO.Pipelines;
using System.Security.Cryptography;
using System.Text;
using Keyladder.Client.Tests.Lies;
using Keyladder.Cryptography;
using Keyladder.Keys.Envelopes;
using Keyladder.Keys.Passphrases;
using Keyladder.Keys.Vault;
using Keyladder.Testing;
using static Keyladder.Client.Tests.Person;
using static Keyladder.Client.Tests.Vaults.AttachmentTests;
using static Keyladder.Client.Tests.Vaults.VaultExportScene;
using static Keyladder.Client.Tests.Vaults.VaultTests;

namespace Keyladder.Client.Tests.Vaults;

/// <summary>Docs/spec/vault-export.md, from one pair of services to another, which share nothing.</summary>
public sealed class VaultExportTests(VaultExportScene scene) : IClassFixture<VaultExportScene>
{
    [Theory, OnBothEngines]
    public async Task Everything_comes_along_byte_for_byte_into_another_account_at_other_services_under_new_ids(Engine engine)
    {
        await using var there = await Elsewhere.StartAsync(engine, days: 10);
        using var export = await ExportedVault.OpenAsync(new MemoryStream(scene.Now), scene.Alice.Secret, Cancellation);
        var bobs = await there.CreateAsync();

        Assert.Equal(new ImportedItems(export.Items.Count, 0), await bobs.ImportAsync(export, cancellationToken: Cancellation));

        var expected = await DescribeAsync(scene.Vault);
        Assert.Equal(expected, await DescribeAsync(export));
        Assert.Equal(expected, await DescribeAsync(bobs));
        Assert.Equal(expected, await DescribeAsync(await there.OpenAsync()));
        Assert.Empty(Ids(await OpenAllAsync(bobs)).Intersect(Ids(await OpenAllAsync(scene.Vault))));

        // Again: nothing is left to do, and nothing is done. One that has been changed since is not the one of the export.
        var change = bobs.Change;
        Assert.Equal(new ImportedItems(0, export.Items.Count), await bobs.ImportAsync(export, cancellationToken: Cancellation));
        Assert.Equal(change, bobs.Change);
        var one = (await bobs.ListAsync(Cancellation)).Single(item => item.Name == "Everything");
        await bobs.PutAsync((await bobs.GetAsync(one.Id, Cancellation)).Edit().With(ItemAttribute.Text("text", "other")), Cancellation);
        Assert.Equal(new ImportedItems(1, export.Items.Count - 1), await bobs.ImportAsync(export, cancellationToken: Cancellation));
    }

    [Fact]
    public async Task Of_two_items_that_say_the_same_both_come_along_and_one_whose_attachment_is_as_long_is_not_the_same()
    {
        await using var there = await Elsewhere.StartAsync(Engine.Sqlite);
        using var twins = await scene.OpenAsync(await scene.ExportOfAsync(async vault =>
        {
            foreach (var _ in Enumerable.Range(0, 2))
                await vault.PutAsync(Login("Twin", "same"), Cancellation);
            await vault.PutAsync(ItemDraft.New("Key").With((await UploadAsync(vault, new byte[1_000])).ToAttribute("file")), Cancellation);
        }));
        var bobs = await there.CreateAsync();
        await bobs.PutAsync(Login("Twin", "same"), Cancellation);
        await bobs.PutAsync(ItemDraft.New("Key").With((await UploadAsync(bobs, RandomNumberGenerator.GetBytes(1_000))).ToAttribute("file")), Cancellation);

        Assert.Equal(new ImportedItems(2, 1), await bobs.ImportAsync(twins, cancellationToken: Cancellation));
        Assert.Equal(new ImportedItems(0, 3), await bobs.ImportAsync(twins, cancellationToken: Cancellation));
    }

    [Fact]
    public async Task An_item_that_differs_in_one_part_is_not_the_one_of_the_export()
    {
        await using var there = await Elsewhere.StartAsync(Engine.Sqlite);
        using var export = await scene.OpenAsync(await scene.ExportOfAsync(vault => vault.PutAsync(One(), Cancellation)));
        var bobs = await there.CreateAsync();
        await bobs.PutManyAsync(
            [
                One() with { Name = "Other" }, One() with { Kind = "other" }, One() with { Tags = ["other"] }, One() with { Tags = ["tag", "other"] }, One() with { IsRemoved = true },
                One("other"), One(type: AttributeType.Binary), One(value: "2"), One().With(ItemAttribute.Text("more", "1")),
            ],
            Cancellation);

        Assert.Equal(new ImportedItems(1, 0), await bobs.ImportAsync(export, cancellationToken: Cancellation));
        Assert.Equal(new ImportedItems(0, 1), await bobs.ImportAsync(export, cancellationToken: Cancellation));

        static ItemDraft One(string name = "number", string type = AttributeType.Number, string value = "1") =>
            (ItemDraft.New("One") with { Kind = "kind", Tags = ["tag"] }).With(ItemAttribute.Create(name, type, Encoding.UTF8.GetBytes(value)));
    }

    [Fact]
    public async Task An_import_that_is_cut_off_anywhere_goes_on_when_it_is_called_again()
    {
        await using var there = await Elsewhere.StartAsync(Engine.Sqlite);
        using var export = await scene.OpenAsync(scene.Now);
        var bobs = await there.CreateAsync();

        // Before and after the service has done it: every upload, and every write, once.
        var cuts = 0;
        foreach (var (call, lost) in new[] { ("PUT", false), ("PUT", true), ("POST /v1/changes", false), ("POST /v1/changes", true) })
        {
            var cut = 0;
            bool Cuts(string passing) => passing.StartsWith(call, StringComparison.Ordinal) && Interlocked.Increment(ref cut) > 0;
            if (lost)
                there.Hostile.Proxy.Lie = answer => answer.Lost = Cuts($"{answer.Method} {answer.Path}");
            else
                there.Hostile.Proxy.Block = passing => Cuts(passing);
            try
            {
                await bobs.ImportAsync(export, cancellationToken: Cancellation);
            }
            catch (KeyladderException e) when (e.Reason == FailureReason.Unreachable)
            {
                cuts++;
            }

            Assert.True(cut > 0);
            there.Hostile.TellTheTruth();
        }

        // The last one had landed: its answer alone was lost.
        Assert.Equal(4, cuts);
        Assert.Equal(new ImportedItems(0, export.Items.Count), await bobs.ImportAsync(export, cancellationToken: Cancellation));
        Assert.Equal(await DescribeAsync(scene.Vault), await DescribeAsync(bobs));
    }

    [Fact]
    public async Task More_than_one_write_may_hold_comes_along_too_and_an_item_that_grew_over_many()
    {
        var values = Enumerable.Range(0, 250).ToDictionary(number => $"{number}", _ => RandomNumberGenerator.GetBytes(56_000));
        using var export = await scene.OpenAsync(await scene.ExportOfAsync(async vault =>
        {
            var draft = ItemDraft.New("Large");
            var id = (await vault.PutAsync(draft, Cancellation)).Id;
            foreach (var part in values.Chunk(100))
            {
                var next = part.Aggregate((await vault.GetAsync(id, Cancellation)).Edit(), (item, value) => item.With(ItemAttribute.Binary(value.Key, value.Value)));
                await vault.PutAsync(next, Cancellation);
            }

            foreach (var page in Enumerable.Range(0, 1_100).Select(number => ItemDraft.New($"Item {number}")).Chunk(1_000))
                await vault.PutManyAsync(page, Cancellation);
        }));
        await using var there = await Elsewhere.StartAsync(Engine.Sqlite);
        var bobs = await there.CreateAsync();
        var heard = new List<int>();

        Assert.Equal(new ImportedItems(1_101, 0), await bobs.ImportAsync(export, new Heard<int>(heard), Cancellation));

        Assert.Equal(await DescribeAsync(export), await DescribeAsync(bobs));
        Assert.Equal(1_101, heard[^1]);
    }

    [Fact]
    public async Task It_is_a_file_that_tar_reads_and_it_holds_nothing_that_can_be_read()
    {
        using var tar = new TarReader(new MemoryStream(scene.Now));
        var members = new List<TarEntry>();
        while (await tar.GetNextEntryAsync(copyData: true, Cancellation) is { } entry)
            members.Add(entry);

        Assert.Equal(["account.jsonl", "vault.jsonl"], members.Take(2).Select(member => member.Name));
        Assert.All(members, member => Assert.Equal((TarEntryType.RegularFile, UnixFileMode.UserRead | UnixFileMode.UserWrite, 0, 0L), (member.EntryType, member.Mode, member.Uid, member.ModificationTime.ToUnixTimeSeconds())));
        Assert.Equal(6, members.Count(member => member.Name.StartsWith("attachments/", StringComparison.Ordinal)));
        var canaries = new Canaries();
        canaries.Plant("name", "Everything");
        canaries.Plant("file name", "cat.jpg");
        canaries.Plant("text", "ümlaut");
        Assert.Empty(canaries.FindIn(scene.Now));

        // What is larger than eight gigabytes too.
        var (name, length) = ("attachments/large", 9L << 30);
        Assert.Equal((name, length), TarHeader.Read(TarHeader.Create(name, length)));
        using var large = new TarReader(PipeReader.Create(new ReadOnlySequence<byte>(TarHeader.Create(name, length))).AsStream());
        Assert.Equal((name, length), await large.GetNextEntryAsync(cancellationToken: Cancellation) is { } one ? (one.Name, one.Length) : default);
    }

    [Fact]
    public async Task A_secret_of_somebody_else_opens_nothing_and_a_devices_own_exports_nothing()
    {
        await Expect.FailureAsync(FailureReason.NotAllowed, () => ExportedVault.OpenAsync(new MemoryStream(scene.Now), NewDevice(), Cancellation));
        await using var there = await Elsewhere.StartAsync(Engine.Sqlite);
        var bobs = await there.CreateAsync(); // by a device's secret
        await Expect.FailureAsync(FailureReason.NotAllowed, () => there.Account.ExportVaultAsync(bobs, Stream.Null, cancellationToken: Cancellation));
        // Nor does an account export another one's Vault.
        await Expect.FailureAsync(FailureReason.NotAllowed, () => scene.Account.ExportVaultAsync(bobs, Stream.Null, cancellationToken: Cancellation));
    }

    [Fact]
    public async Task An_export_that_would_not_open_because_another_device_deleted_a_key_meanwhile_is_not_written()
    {
        await using var there = await Elsewhere.StartAsync(Engine.Sqlite, byWords: true);
        var vault = await there.CreateAsync();
        await vault.PutAsync(Login("Bank", "secret"), Cancellation);
        var dek = (await there.Account.Keys.ListAsync(Cancellation)).Single(key => key.Purpose == KeyPurpose.PersonalDek);
        there.Hostile.Proxy.Lie = answer =>
        {
            if (answer.Path == "/v1/changes")
                Task.Run(() => there.Account.Keys.DeleteAsync(dek.Id, Cancellation)).GetAwaiter().GetResult();
        };
        using var written = new MemoryStream();

        await Expect.FailureAsync(FailureReason.Conflict, () => there.Account.ExportVaultAsync(vault, written, cancellationToken: Cancellation));

        there.Hostile.TellTheTruth();
        Assert.Equal(0, written.Length);
    }

    [Fact]
    public async Task J07_what_a_replaced_key_and_the_new_one_have_sealed_comes_along()
    {
        await using var there = await Elsewhere.StartAsync(Engine.Sqlite, byWords: true);
        var bobs = await there.CreateAsync();
        await bobs.PutManyAsync([Login("Before", "old"), Login("Changed", "old")], Cancellation);
        await there.Account.Vaults.ReplaceKeyAsync(bobs.Address, cancellationToken: Cancellation);
        var changed = (await bobs.ListAsync(Cancellation)).Single(item => item.Name == "Changed");
        await bobs.PutAsync((await bobs.GetAsync(changed.Id, Cancellation)).Edit().With(ItemAttribute.Text("password", "new")), Cancellation);
        await bobs.PutAsync(Login("After", "new"), Cancellation);

        using var export = await ExportedVault.OpenAsync(new MemoryStream(await ExportAsync(there.Account, bobs)), there.Secret, Cancellation);

        Assert.Equal(await DescribeAsync(bobs), await DescribeAsync(export));
        Assert.Equal(["After", "Before", "Changed"], export.Items.Select(item => item.Name).Order());
    }

    [Fact]
    public async Task J07_a_key_that_another_device_makes_while_the_export_begins_comes_along_with_what_it_has_sealed()
    {
        await using var there = await Elsewhere.StartAsync(Engine.Sqlite, byWords: true);
        var bobs = await there.CreateAsync();
        await bobs.PutAsync(Login("Before", "old"), Cancellation);
        var (other, made) = (await there.OpenAsync(), 0);
        there.Hostile.Proxy.Invent = (call, _) =>
        {
            // Once, and before the Vault hears the question.
            if (call.StartsWith("GET /v1/changes", StringComparison.Ordinal) && Interlocked.Exchange(ref made, 1) == 0)
                Task.Run(ReplaceAsync).GetAwaiter().GetResult();
            return null;
        };

        var written = await ExportAsync(there.Account, bobs);

        there.Hostile.TellTheTruth();
        using var export = await ExportedVault.OpenAsync(new MemoryStream(written), there.Secret, Cancellation);
        Assert.Equal(1, made);
        Assert.Equal(await DescribeAsync(bobs), await DescribeAsync(export));
        Assert.Equal(["After", "Before"], export.Items.Select(item => item.Name).Order());

        async Task ReplaceAsync()
        {
            await there.Other.Vaults.ReplaceKeyAsync(other.Address, cancellationToken: Cancellation);
            await other.PutAsync(Login("After", "new"), Cancellation);
        }
    }

    [Fact]
    public async Task An_empty_Vault_has_an_export_too()
    {
        using var export = await scene.OpenAsync(await scene.ExportOfAsync(_ => Task.CompletedTask));
        Assert.Empty(export.Items);
        await export.ExamineAsync(Cancellation);
        await using var there = await Elsewhere.StartAsync(Engine.Sqlite);
        Assert.Equal(new ImportedItems(0, 0), await (await there.CreateAsync()).ImportAsync(export, cancellationToken: Cancellation));
    }

    private static async Task<IReadOnlyList<OpenedItem>> OpenAllAsync(Client.Vault vault) =>
        await vault.GetManyAsync([.. (await vault.ListAsync(Cancellation)).Select(item => item.Id)], Cancellation);

    private static IEnumerable<Guid> Ids(IEnumerable<OpenedItem> items) => items.SelectMany(item =>
        (Guid[])[item.Id.Value, .. item.Attributes.Select(attribute => attribute.Id.Value), .. item.Attributes.Select(attribute => attribute.Content.GetAttachment()?.Id.Value).OfType<Guid>()]);

    private sealed class Heard<T>(List<T> heard) : IProgress<T>
    {
        public void Report(T value) => heard.Add(value);
    }

    /// <summary>Another person, at services of their own.</summary>
    private sealed class Elsewhere(KeystoreHost keystore, HostileVault hostile, VaultHost? plain, MovableTime time, bool byWords) : IAsyncDisposable
    {
        private readonly Person _bob = new(keystore.Origin) { Secret = byWords ? NewWords() : NewDevice() };
        private readonly List<Client.Vault> _opened = [];

        public HostileVault Hostile => hostile;

        public UnlockedAccount Account { get; private set; } = null!;

        /// <summary>On the device that has opened the Vault.</summary>
        public UnlockedAccount Other { get; private set; } = null!;

        public UnlockSecret Secret => _bob.Secret;

        private Uri Address => plain?.Origin ?? hostile.Proxy.Address;

        public static async Task<Elsewhere> StartAsync(Engine engine, int days = 0, bool byWords = false)
        {
            var keystore = await KeystoreHost.StartAsync(Engine.Sqlite);
            var hostile = new HostileVault();
            await hostile.InitializeAsync();
            var plain = engine == Engine.Sqlite ? null : await VaultHost.StartAsync(engine);
            var time = new MovableTime();
            foreach (var clock in new[] { time, keystore.Time, hostile.Real.Time, plain?.Time })
                clock?.Move(TimeSpan.FromDays(days));
            return new(keystore, hostile, plain, time, byWords);
        }

        public async Task<Client.Vault> CreateAsync() =>
            Keep(await (Account = await _bob.SignUpAsync(_bob.Device(time: time))).Vaults.CreateAsync(Address, cancellationToken: Cancellation));

        public async Task<Client.Vault> OpenAsync() => Keep(await (Other = await _bob.UnlockAsync(_bob.Device(time: time))).Vaults.OpenAsync(Address, cancellationToken: Cancellation));

        public async ValueTask DisposeAsync()
        {
            foreach (var vault in _opened)
                await vault.DisposeAsync();
            await _bob.DisposeAsync();
            await hostile.DisposeAsync();
            if (plain is not null)
                await plain.DisposeAsync();
            await keystore.DisposeAsync();
        }

        private Client.Vault Keep(Client.Vault vault)
        {
            _opened.Add(vault);
            return vault;
        }
    }
}
