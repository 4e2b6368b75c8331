using System.Buffers.Binary;
using System.Numerics;
using System.Security.Cryptography;
using Keyladder.Keys.Vault;
using Keyladder.Testing;
using Keyladder.Vectors;
using static Keyladder.Client.Tests.Person;
using static Keyladder.Client.Tests.Vaults.VaultTests;

namespace Keyladder.Client.Tests.Vaults;

/// <summary>What a Vault learns from what it keeps: lengths, ids, and which of its ciphertexts are alike.</summary>
public sealed class VaultPrivacyTests(Keystores keystores, Testing.Vaults vaults) : IClassFixture<Keystores>, IClassFixture<Testing.Vaults>
{
    // Version, salt, commitment; and the tag of the one chunk.
    private const int Overhead = 57 + 16;

    /// <summary>Eight hundred lengths of values, from nothing to 4,000 bytes, are stored in no more lengths than docs/spec/envelopes.md allows there.</summary>
    [Theory, OnBothEngines]
    public async Task I05_the_lengths_of_attributes_are_those_of_the_padding(Engine engine)
    {
        await using var alice = await OwnerAsync(engine);
        var here = await alice.CreateAsync();
        int[] lengths = [.. Enumerable.Range(0, 800).Select(number => number * 5)];
        await here.PutManyAsync(
            [.. lengths.Chunk(200).Select(chunk => chunk.Aggregate(ItemDraft.New("Item"), (draft, length) => draft.With(ItemAttribute.Binary($"{length:0000}", new byte[length]))))],
            Cancellation);

        var stored = await LengthsAsync(engine, here, "SELECT length(sealed) FROM objects WHERE kind = 'attribute' AND account_id = ");
        // fields(name, type, value): four bytes before each.
        Assert.Equal(lengths.Select(length => Overhead + Allowed(12 + 4 + "binary".Length + length)).Order(), stored.Order());
        Assert.InRange(stored.Distinct().Count(), 2, 48);
    }

    [Theory, OnBothEngines]
    public async Task I05_the_lengths_of_items_are_those_of_the_padding(Engine engine)
    {
        await using var alice = await OwnerAsync(engine);
        var here = await alice.CreateAsync();
        await here.PutManyAsync([.. Enumerable.Range(1, 250).Select(length => ItemDraft.New(new string('n', length)) with { Tags = [new string('t', 1 + (length % 64))] })], Cancellation);

        var stored = (await LengthsAsync(engine, here, "SELECT length(sealed) FROM objects WHERE kind = 'item' AND account_id = ")).Distinct().ToList();
        Assert.All(stored, length => Assert.Equal(0, (length - Overhead) % 64));
        Assert.InRange(stored.Count, 2, 7); // between the shortest and the longest of them lie not 400 bytes
    }

    [Fact]
    public async Task I05_the_lengths_of_attachments_are_those_of_the_padding()
    {
        await using var alice = await OwnerAsync(Engine.Sqlite);
        var here = await alice.CreateAsync();
        for (var size = 65_536; size < 75_000; size += 400)
            await AttachmentTests.UploadAsync(here, new byte[size]);

        var stored = await LengthsAsync(Engine.Sqlite, here, "SELECT sum(length) FROM attachment_parts WHERE account_id = ", " GROUP BY attachment_id");
        Assert.Equal(24, stored.Count);
        Assert.InRange(stored.Distinct().Count(), 2, 5); // steps of 2,048
    }

    /// <summary>Who can have something put into another's Vault, and sees its size, sees how long that was, and nothing of what lies beside it.</summary>
    [Theory, OnBothEngines]
    public async Task I06_what_is_put_in_changes_the_size_by_its_own_bucket_whatever_else_is_there(Engine engine)
    {
        await using var alice = await OwnerAsync(engine);
        await using var bob = await OwnerAsync(engine);
        var (hers, his) = (await alice.CreateAsync(), await bob.CreateAsync());
        await hers.PutManyAsync([Login("Bank", "the very same text"), Login("Mail", new string('x', 900))], Cancellation);
        await his.PutAsync(Login("Club", "another"), Cancellation);

        long[][] grown = [[], []];
        foreach (var (number, vault) in new[] { hers, his }.Index())
        {
            // The first five are of one bucket, the first of them is what Alice has.
            foreach (var text in (string[])["the very same text", "the very same texu", "a", new string('b', 20), "", new string('c', 300)])
            {
                var before = await SizeAsync(engine, vault);
                await vault.PutAsync(ItemDraft.New("Injected").With(ItemAttribute.Text("password", text)), Cancellation);
                grown[number] = [.. grown[number], await SizeAsync(engine, vault) - before];
            }
        }

        Assert.Equal(grown[0], grown[1]);
        Assert.Single(grown[0][..5].Distinct());
        Assert.Equal(Allowed(12 + 8 + 4 + 300) - 64, grown[0][5] - grown[0][0]);
    }

    [Theory, OnBothEngines]
    public async Task I08_what_is_the_same_has_nothing_in_common_at_the_Vault(Engine engine)
    {
        await using var alice = await OwnerAsync(engine);
        await using var bob = await OwnerAsync(engine);
        var content = RandomNumberGenerator.GetBytes(2_000);
        var (hers, his) = (await alice.CreateAsync(), await bob.CreateAsync());
        foreach (var vault in (Client.Vault[])[hers, hers, his])
            await vault.PutAsync(Login("Bank", "the same").With((await AttachmentTests.UploadAsync(vault, content)).ToAttribute("picture")), Cancellation);
        // Back and forth: the third revision says what the first did.
        var item = (await his.ListAsync(Cancellation))[0].Id;
        foreach (var text in (string[])["other", "the same"])
            await his.PutAsync((await his.GetAsync(item, Cancellation)).Edit().With(ItemAttribute.Text("password", text)), Cancellation);

        var database = (await vaults.On(engine)).Database;
        var envelopes = new List<byte[]>();
        foreach (var (table, columns, rows) in await database.TablesAsync())
        {
            if (table is "objects" or "versions")
                envelopes.AddRange(rows.Where(row => row[0] == hers.Id.ToString() || row[0] == his.Id.ToString()).Select(row => Convert.FromHexString(row[Array.IndexOf(columns, "sealed")])));
        }

        var files = (await database.TablesAsync()).Single(table => table.Table == "attachment_parts").Rows
            .Where(row => row[0] == hers.Id.ToString() || row[0] == his.Id.ToString()).Select(row => row[4]).ToList();
        envelopes.AddRange(Directory.GetFiles(database.Folder.FullName, "*", SearchOption.AllDirectories).Where(file => files.Contains(Path.GetFileName(file))).Select(File.ReadAllBytes));
        Assert.Equal((3 * 4) + 4 + 3, envelopes.Count);
        var runs = envelopes.SelectMany(Runs).ToList();
        Assert.Equal(runs.Count, runs.Distinct().Count());
    }

    /// <summary>Of each bit of an id, but the six that say version and variant, about half are set: no time, no number, no machine.</summary>
    [Fact]
    public async Task I03_ids_at_a_Vault_are_random_in_every_bit()
    {
        await using var alice = await OwnerAsync(Engine.Sqlite);
        var here = await alice.CreateAsync();
        for (var round = 0; round < 2; round++)
            await here.PutManyAsync([.. Enumerable.Range(0, 200).Select(number => Login($"Item {number}", "x").With(ItemAttribute.Text("more", "y")))], Cancellation);
        await AttachmentTests.UploadAsync(here, [1]);
        await here.DeleteManyAsync([.. (await here.ListAsync(Cancellation)).Take(3)], Cancellation);

        var columns = StoredPersonalData.ColumnsOf(await File.ReadAllTextAsync(Path.Combine(Clone.Root, "docs", "threat-model.md"), Cancellation), "vault", "id");
        var ids = new HashSet<UInt128>();
        foreach (var (table, names, rows) in await (await vaults.On(Engine.Sqlite)).Database.TablesAsync())
        {
            foreach (var value in rows.SelectMany(row => names.Index().Where(name => columns.Contains($"{table}.{name.Item}")).Select(name => row[name.Index])).Where(value => value.Length > 0))
            {
                var id = Guid.ParseExact(value, "D");
                Assert.Equal((4, 2), (id.Version, id.Variant >> 2));
                ids.Add(BinaryPrimitives.ReadUInt128BigEndian(id.ToByteArray(bigEndian: true)));
            }
        }

        Assert.True(ids.Count > 1_600);
        for (var bit = 0; bit < 128; bit++)
        {
            // 1,600 throws of a coin stay within 400 and 1,200 but once in 10^88 tries.
            if (bit is not ((>= 76 and < 80) or 62 or 63))
                Assert.InRange((double)ids.Count(id => (id >> bit & 1) == 1) / ids.Count, 0.25, 0.75);
        }
    }

    /// <summary>As docs/spec/envelopes.md has it for data.</summary>
    private static int Allowed(int content)
    {
        var length = content + 1;
        var exponent = BitOperations.Log2((uint)length);
        var step = length <= 1_024 ? 64 : 1 << (exponent - BitOperations.Log2((uint)exponent) - 1);
        return (length + step - 1) / step * step;
    }

    private static IEnumerable<ulong> Runs(byte[] bytes) => Enumerable.Range(0, bytes.Length - 7).Select(at => BinaryPrimitives.ReadUInt64BigEndian(bytes.AsSpan(at)));

    private async Task<List<int>> LengthsAsync(Engine engine, Client.Vault vault, string select, string then = "")
    {
        await using var connection = await (await vaults.On(engine)).Database.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = $"{select}'{vault.Id}'{then}";
        await using var reader = await command.ExecuteReaderAsync(Cancellation);
        var lengths = new List<int>();
        while (await reader.ReadAsync(Cancellation))
            lengths.Add(Convert.ToInt32(reader.GetValue(0), System.Globalization.CultureInfo.InvariantCulture));
        return lengths;
    }

    private async Task<long> SizeAsync(Engine engine, Client.Vault vault) => (await LengthsAsync(engine, vault, "SELECT length(sealed) FROM objects WHERE account_id = ")).Sum();

    private async Task<VaultOwner> OwnerAsync(Engine engine) => new((await keystores.On(engine)).Origin, (await vaults.On(engine)).Origin);
}
