using System.Globalization;
using Keyladder.Testing;
using Keyladder.Vectors;

namespace Keyladder.Client.Tests.Vaults;

/// <summary>
/// What the operators of a Keystore and of a Vault hold of the same people, laid side by side: after twenty of them have lived with both, the
/// two have no value in common, and neither can read a word.
/// </summary>
public sealed class JoinedDatabasesTests(Towns towns) : IClassFixture<Towns>
{
    private static string Document => File.ReadAllText(Path.Combine(Clone.Root, "docs", "threat-model.md"));

    [Theory, OnBothEngines]
    public async Task I04_I10_the_databases_of_a_Keystore_and_a_Vault_have_no_value_in_common(Engine engine)
    {
        var town = await towns.On(engine);
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
    [Theory, OnBothEngines]
    public async Task Any_value_that_is_in_both_is_found(Engine engine)
    {
        var town = await towns.On(engine);
        await using var here = await town.Keystore.Database.CopyAsync();
        await using var there = await town.Vault.Database.CopyAsync();
        const string moment = "1785000012345";
        await here.ExecuteAsync($"UPDATE audit_events SET hour = {moment} WHERE account_id || number = (SELECT min(account_id || number) FROM audit_events)");
        // All of one account, so that the head that is planted later holds the id that is planted first: both places are told.
        var account = await here.ScalarAsync<string>("SELECT min(account_id) FROM slots");
        var slot = await here.ScalarAsync<string>($"SELECT max(slot_id) FROM slots WHERE account_id = '{account}'");
        var login = await here.ScalarAsync<byte[]>($"SELECT login FROM slots WHERE account_id = '{account}'");
        var wrapped = await here.ScalarAsync<byte[]>($"SELECT wrapped FROM keys WHERE account_id = '{account}'");
        var one = $"object_id = '{await there.ScalarAsync<string>("SELECT min(object_id) FROM objects")}'";
        var @sealed = await there.ScalarAsync<byte[]>($"SELECT sealed FROM objects WHERE {one}");
        wrapped.AsSpan(90, 8).CopyTo(@sealed.AsSpan(77));
        var sequence = await here.ScalarAsync<long>("SELECT max(sequence) FROM witnesses");
        var head = await here.ScalarAsync<string>($"SELECT jws FROM heads WHERE account_id = '{account}'");
        (string Planted, string Found)[] plants =
        [
            ($"UPDATE tombstones SET object_id = '{account}' WHERE object_id = (SELECT min(object_id) FROM tombstones)", "tombstones.object_id"),
            ($"UPDATE objects SET dek = {Bytes(login)} WHERE {one}", "objects.dek"),
            ($"UPDATE objects SET sealed = {Bytes(@sealed)} WHERE {one}", "objects.sealed"),
            ($"UPDATE attachments SET expires = {moment} WHERE attachment_id = (SELECT min(attachment_id) FROM attachments)", "attachments.expires"),
            ($"UPDATE witnesses SET sequence = {sequence} WHERE account_id = (SELECT min(account_id) FROM witnesses)", "witnesses.sequence"),
            ($"UPDATE heads SET jws = '{head}' WHERE account_id || number = (SELECT min(account_id || number) FROM heads)", "heads.jws"),
            ($"UPDATE versions SET object_id = upper('{slot}') WHERE object_id = (SELECT min(object_id) FROM versions) AND revision = 1", "versions.object_id"),
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

        string Bytes(byte[] bytes) => engine == Engine.Sqlite ? $"X'{Convert.ToHexString(bytes)}'" : $"'\\x{Convert.ToHexString(bytes)}'::bytea";
    }

    [Theory, OnBothEngines]
    public async Task H01_I05_nothing_that_a_person_typed_or_attached_stands_at_either_service_and_no_size(Engine engine)
    {
        var town = await towns.On(engine);
        Assert.Empty(await town.Keystore.FindAsync(town.Typed));
        Assert.Empty(await town.Vault.FindAsync(town.Typed));
        Assert.Empty(await SizesAsync(town, town.Vault.Database));

        await using var copy = await town.Vault.Database.CopyAsync();
        await copy.ExecuteAsync($"UPDATE usage SET bytes = {town.Sizes[3]} WHERE account_id = (SELECT min(account_id) FROM usage)");
        Assert.NotEmpty(await SizesAsync(town, copy));
    }

    /// <returns>Numbers and lengths at a service that are the length of what somebody attached.</returns>
    private static async Task<IReadOnlyList<string>> SizesAsync(Town town, TestDatabase database) =>
    [
        .. from table in await database.TablesAsync()
           from row in table.Rows
           from value in row
           where long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && town.Sizes.Contains(number)
           select $"{table.Table}: {value}",
        .. from file in database.Folder.GetFiles("*", SearchOption.AllDirectories) where town.Sizes.Contains(file.Length) select file.Name,
    ];
}
