using Keyladder.Testing;
using Keyladder.Vectors;
using static Keyladder.Client.Tests.Person;

namespace Keyladder.Client.Tests.Recovery;

/// <summary>
/// What the operators of a Keystore (a Guardian too), of a Vault and of a Passphrase Store hold of the same people, laid side by side: no two of them have a value in common. The
/// Store's handles are sealed; what is written at a moment is rounded.
/// </summary>
public sealed class ThreeDatabasesTests(RecoveredTowns towns) : IClassFixture<RecoveredTowns>
{
    private static string Document => File.ReadAllText(Path.Combine(Clone.Root, "docs", "threat-model.md"));

    [Theory, OnBothEngines]
    public async Task F12_the_databases_of_Keystore_Vault_and_Passphrase_Store_have_no_value_in_common(Engine engine)
    {
        var town = await towns.On(engine);
        TestDatabase[] databases = [town.Keystore.Database, town.Vault.Database, town.Store.Database];
        var held = new List<IReadOnlyDictionary<SharedValues.Trace, string[]>>();
        foreach (var database in databases)
        {
            Assert.Empty(await StoredPersonalData.UnlistedAsync(database, Document, isVault: database.Service == "vault"));
            held.Add(await SharedValues.ReadAsync(database, Document));
        }

        // What they were compared by is there: of those who have not withdrawn a record at both, with a device; and guesses that stand.
        const int enrolled = RecoveredTown.People - 1;
        Assert.Equal(enrolled, await databases[0].ScalarAsync<long>("SELECT count(*) FROM guardian_records"));
        Assert.Equal(enrolled, await databases[0].ScalarAsync<long>("SELECT count(*) FROM guardian_devices"));
        Assert.Equal(enrolled, await databases[2].ScalarAsync<long>("SELECT count(*) FROM records"));
        Assert.Equal(enrolled, await databases[2].ScalarAsync<long>("SELECT count(*) FROM devices"));
        Assert.Equal(RecoveredTown.People * 6, await databases[1].ScalarAsync<long>("SELECT count(*) FROM objects WHERE kind = 'item'"));
        Assert.True(await databases[0].ScalarAsync<long>("SELECT count(*) FROM guesses WHERE used > 0") >= enrolled);
        Assert.True(await databases[2].ScalarAsync<long>("SELECT count(*) FROM guesses WHERE used > 0") >= enrolled);
        Assert.All(held, values => Assert.True(values.Count > 10_000, $"{values.Count}"));

        Assert.Empty(SharedValues.Find(held[0], held[1]));
        Assert.Empty(SharedValues.Find(held[0], held[2]));
        Assert.Empty(SharedValues.Find(held[1], held[2]));
    }

    /// <summary>The control: one value of another's in the Passphrase Store, in whatever column and form, is found; and one of its own at each of the others.</summary>
    [Theory, OnBothEngines]
    public async Task F12_any_value_that_is_in_two_of_the_three_is_found(Engine engine)
    {
        var town = await towns.On(engine);
        await using var keystore = await town.Keystore.Database.CopyAsync();
        await using var vault = await town.Vault.Database.CopyAsync();
        await using var store = await town.Store.Database.CopyAsync();
        const string moment = "1785000012345";
        await keystore.ExecuteAsync($"UPDATE audit_events SET hour = {moment} WHERE account_id || number = (SELECT min(account_id || number) FROM audit_events)");
        var ofKeystore = await SharedValues.ReadAsync(keystore, Document);
        var ofVault = await SharedValues.ReadAsync(vault, Document);
        var handle = await keystore.ScalarAsync<string>("SELECT min(handle) FROM guardian_records");
        var account = await keystore.ScalarAsync<string>("SELECT min(account_id) FROM slots");
        var vaultAccount = await vault.ScalarAsync<string>("SELECT min(account_id) FROM slots");
        var guardianKey = await keystore.ScalarAsync<byte[]>($"SELECT public_key FROM guardian_records WHERE handle = '{handle}'");
        var share = await keystore.ScalarAsync<byte[]>($"SELECT share FROM guardian_records WHERE handle = '{handle}'");
        var wrapped = await vault.ScalarAsync<byte[]>("SELECT sealed FROM objects WHERE object_id = (SELECT min(object_id) FROM objects)");
        const string one = "record_id = (SELECT min(record_id) FROM records)";
        var kit = await store.ScalarAsync<byte[]>($"SELECT kit FROM records WHERE {one}");
        wrapped.AsSpan(90, 8).CopyTo(kit.AsSpan(77));
        (string Planted, string Found, bool OfKeystore)[] plants =
        [
            ($"UPDATE devices SET device_id = '{handle}' WHERE device_id = (SELECT min(device_id) FROM devices)", "devices.device_id", true),
            ($"UPDATE guesses SET subject = 'record/{account}' WHERE subject = (SELECT min(subject) FROM guesses)", "guesses.subject", true),
            ($"UPDATE guesses SET until = {moment} WHERE subject = (SELECT max(subject) FROM guesses)", "guesses.until", true),
            ($"UPDATE records SET public_key = {Bytes(guardianKey)} WHERE {one}", "records.public_key", true),
            ($"UPDATE records SET share = {Bytes(share)} WHERE {one}", "records.share", true),
            ($"UPDATE records SET kit = {Bytes(kit)} WHERE {one}", "records.kit", false),
            ($"UPDATE records SET guardian = '{vaultAccount}' WHERE {one}", "records.guardian", false),
        ];
        foreach (var (planted, _, _) in plants)
            await store.ExecuteAsync(planted);
        var now = await SharedValues.ReadAsync(store, Document);
        Assert.Equal(plants.Where(plant => plant.OfKeystore).Select(plant => plant.Found).Order(), Places(SharedValues.Find(ofKeystore, now)));
        Assert.Equal(plants.Where(plant => !plant.OfKeystore).Select(plant => plant.Found).Order(), Places(SharedValues.Find(ofVault, now)));

        var ofStore = await SharedValues.ReadAsync(town.Store.Database, Document);
        var record = await store.ScalarAsync<string>("SELECT max(record_id) FROM records");
        var username = await store.ScalarAsync<byte[]>($"SELECT username_index FROM records WHERE record_id = '{record}'");
        await keystore.ExecuteAsync($"UPDATE guesses SET subject = 'device/{record}' WHERE subject = (SELECT min(subject) FROM guesses)");
        Assert.Equal(["guesses.subject"], Places(SharedValues.Find(ofStore, await SharedValues.ReadAsync(keystore, Document))));
        await vault.ExecuteAsync($"UPDATE objects SET dek = {Bytes(username)} WHERE object_id = (SELECT min(object_id) FROM objects)");
        Assert.Equal(["objects.dek"], Places(SharedValues.Find(ofStore, await SharedValues.ReadAsync(vault, Document))));

        var mail = store.Folder.GetFiles("*.eml", SearchOption.AllDirectories).First();
        await File.AppendAllBytesAsync(mail.FullName, guardianKey.AsMemory(12, 8), Cancellation);
        Assert.Contains(Places(SharedValues.Find(ofKeystore, await SharedValues.ReadAsync(store, Document))), place => place.StartsWith("mails/", StringComparison.Ordinal));

        string Bytes(byte[] bytes) => engine == Engine.Sqlite ? $"X'{Convert.ToHexString(bytes)}'" : $"'\\x{Convert.ToHexString(bytes)}'::bytea";
    }

    private static IEnumerable<string> Places(IEnumerable<string> lines) => lines.Select(line => line.Split(" and ")[1].Split(':')[0]).Distinct().Order();
}
