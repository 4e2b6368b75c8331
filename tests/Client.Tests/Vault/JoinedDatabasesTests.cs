using System.Globalization;
using Keyladder.Testing;
using Keyladder.Vectors;

namespace Keyladder.Client.Tests.Vaults;

/// <summary>
/// What the operators of a Keystore and of a Vault hold of the same people, laid side by side: after twenty of them have lived with both, the
/// two have no value in common, and neither can read a word.
/// </summary>
public sealed class JoinedDatabasesTests(Town town) : IClassFixture<Town>
{
    private static string Document => File.ReadAllText(Path.Combine(Clone.Root, "docs", "threat-model.md"));

    [Fact]
    public async Task I04_I10_the_databases_of_a_Keystore_and_a_Vault_have_no_value_in_common()
    {
        var (here, there) = (town.Keystore.Database, town.Vault.Database);
        var (ofKeystore, ofVault) = (await SharedValues.ReadAsync(here, Document), await SharedValues.ReadAsync(there, Document));
        Assert.Empty(SharedValues.Find(ofKeystore, ofVault));

        Assert.True(ofKeystore.Count > 50_000);
        Assert.True(ofVault.Count > 200_000);
        foreach (var database in (TestDatabase[])[here, there])
        {
            Assert.Empty(await StoredPersonalData.UnlistedAsync(database, Document, isVault: database == there));
            Assert.Equal(Town.People, await database.ScalarAsync<long>("SELECT count(*) FROM witnesses") + (database == there ? 2 : 0));
        }
    }

    /// <summary>The control: one value of the Keystore's in the Vault, in whatever column and form, is found.</summary>
    [Fact]
    public async Task Any_value_that_is_in_both_is_found()
    {
        await using var here = await CopyAsync(town.Keystore.Database);
        await using var there = await CopyAsync(town.Vault.Database);
        const string moment = "1785000012345";
        await here.ExecuteAsync($"UPDATE audit_events SET hour = {moment} WHERE account_id || number = (SELECT min(account_id || number) FROM audit_events)");
        var account = await here.ScalarAsync<string>("SELECT min(account_id) FROM slots");
        var slot = await here.ScalarAsync<string>("SELECT max(slot_id) FROM slots");
        var login = Convert.ToHexString(await here.ScalarAsync<byte[]>("SELECT login FROM slots"));
        var wrapped = await here.ScalarAsync<byte[]>("SELECT wrapped FROM keys");
        var run = Convert.ToHexString(wrapped.AsSpan(90, 8));
        var @sealed = Convert.ToHexString(await there.ScalarAsync<byte[]>("SELECT sealed FROM objects WHERE rowid = 3"));
        var sequence = await here.ScalarAsync<long>("SELECT max(sequence) FROM witnesses");
        var head = await here.ScalarAsync<string>("SELECT jws FROM heads");
        (string Planted, string Found)[] plants =
        [
            ($"UPDATE tombstones SET object_id = '{account}' WHERE object_id = (SELECT min(object_id) FROM tombstones)", "tombstones.object_id"),
            ($"UPDATE objects SET dek = X'{login}' WHERE rowid = 3", "objects.dek"),
            ($"UPDATE objects SET sealed = X'{@sealed[..154]}{run}{@sealed[170..]}' WHERE rowid = 3", "objects.sealed"),
            ($"UPDATE attachments SET expires = {moment} WHERE attachment_id = (SELECT min(attachment_id) FROM attachments)", "attachments.expires"),
            ($"UPDATE witnesses SET sequence = {sequence} WHERE account_id = (SELECT min(account_id) FROM witnesses)", "witnesses.sequence"),
            ($"UPDATE heads SET jws = '{head}' WHERE rowid = 3", "heads.jws"),
            ($"UPDATE versions SET object_id = upper('{slot}') WHERE rowid = 3", "versions.object_id"),
        ];
        var ofKeystore = await SharedValues.ReadAsync(here, Document);
        foreach (var (index, (planted, found)) in plants.Index())
        {
            await there.ExecuteAsync(planted);
            var lines = SharedValues.Find(ofKeystore, await SharedValues.ReadAsync(there, Document));
            Assert.Equal(plants.Take(index + 1).Select(plant => plant.Found).Order(), lines.Select(line => line.Split(" and ")[1].Split(':')[0]).Distinct().Order());
        }

        var part = there.Folder.GetFiles("*", SearchOption.AllDirectories).First(file => file.FullName.Contains("attachments", StringComparison.Ordinal));
        await File.AppendAllBytesAsync(part.FullName, wrapped.AsMemory(120, 8), TestContext.Current.CancellationToken);
        Assert.Contains(SharedValues.Find(ofKeystore, await SharedValues.ReadAsync(there, Document)), line => line.StartsWith("keys.wrapped and ", StringComparison.Ordinal) && line.Contains('/', StringComparison.Ordinal));
    }

    [Fact]
    public async Task H01_I05_nothing_that_a_person_typed_or_attached_stands_at_either_service_and_no_size()
    {
        Assert.Empty(await town.Keystore.FindAsync(town.Typed));
        Assert.Empty(await town.Vault.FindAsync(town.Typed));
        Assert.Empty(await SizesAsync(town.Vault.Database));

        await using var copy = await CopyAsync(town.Vault.Database);
        await copy.ExecuteAsync($"UPDATE usage SET bytes = {town.Sizes[3]} WHERE account_id = (SELECT min(account_id) FROM usage)");
        Assert.NotEmpty(await SizesAsync(copy));
    }

    /// <returns>Numbers and lengths at a service that are the length of what somebody attached.</returns>
    private async Task<IReadOnlyList<string>> SizesAsync(TestDatabase database) =>
    [
        .. from table in await database.TablesAsync()
           from row in table.Rows
           from value in row
           where long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && town.Sizes.Contains(number)
           select $"{table.Table}: {value}",
        .. from file in database.Folder.GetFiles("*", SearchOption.AllDirectories) where town.Sizes.Contains(file.Length) select file.Name,
    ];

    private static async Task<TestDatabase> CopyAsync(TestDatabase database)
    {
        var copy = await TestDatabase.CreateAsync(Engine.Sqlite, database.Service);
        foreach (var file in database.Folder.GetFiles("*", SearchOption.AllDirectories).Where(file => !file.FullName.StartsWith(database.SqliteFile, StringComparison.Ordinal)))
        {
            var to = new FileInfo(Path.Combine(copy.Folder.FullName, Path.GetRelativePath(database.Folder.FullName, file.FullName)));
            to.Directory!.Create();
            file.CopyTo(to.FullName);
        }

        await database.ExecuteAsync($"VACUUM INTO '{copy.SqliteFile}'");
        return copy;
    }
}
