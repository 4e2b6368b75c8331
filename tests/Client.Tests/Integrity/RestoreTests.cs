using Keyladder.Keys.Envelopes;
using Keyladder.Keystore;
using Keyladder.Keystore.Backups;
using Keyladder.Client.Tests.Lies;
using Keyladder.Testing;
using static Keyladder.Client.Tests.Person;

namespace Keyladder.Client.Tests.Integrity;

/// <summary>Docs/spec/heads.md section 6, through real backups, restores and restarts.</summary>
public sealed class RestoreTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("keyladder-test-");

    private string Yesterday => Path.Combine(_folder.FullName, "yesterday");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory, OnBothEngines]
    public async Task Yesterdays_backup_under_three_devices_loses_nothing_that_one_holds_and_each_is_told(Engine engine)
    {
        await using var keystore = await KeystoreHost.StartAsync(engine, recorded: true);
        await using var alice = new Person(keystore.Origin);
        var (atPhone, atLaptop, atTablet) = (new MemoryPinStore(), new FilePinStore(_folder.FullName), new FilePinStore(Path.Combine(_folder.FullName, "tablet")));
        var phone = await alice.SignUpAsync(atPhone);
        using var photos = await phone.Keys.GeneratePersonalAsync("photos", Cancellation);
        using var old = await phone.Keys.GeneratePersonalAsync("old", Cancellation);
        await alice.UnlockAsync(atLaptop);
        await KeystoreBackup.WriteAsync(Options(keystore), Yesterday, keystore.Time, Cancellation);

        using var letters = await phone.Keys.GeneratePersonalAsync("letters", Cancellation);
        await phone.Keys.SetStateAsync(photos.Id, KeyState.Compromised, Cancellation);
        await phone.Keys.DeleteAsync(old.Id, Cancellation);
        var before = Describe(await phone.Keys.ListAsync(Cancellation));
        await alice.UnlockAsync(atTablet);
        await RestoreAsync(keystore);

        // The laptop has seen no more than the backup holds; who has seen more is told, as often as they ask, and nothing moves by itself.
        await alice.UnlockAsync(atLaptop);
        await Expect.AlarmAsync(Alarm.RolledBack, () => phone.Keys.ListAsync(Cancellation));
        var seen = await atTablet.GetAsync(phone.Id, Cancellation);
        var atThePhone = await Assert.ThrowsAsync<RestoredException>(() => alice.UnlockAsync(atPhone));
        await Assert.ThrowsAsync<RestoredException>(() => alice.UnlockAsync(atTablet));
        Assert.Equal((6, 3), (atThePhone.Seen, atThePhone.Shown));
        Assert.Equal(seen!.Hash, (await atTablet.GetAsync(phone.Id, Cancellation))!.Hash);

        var again = alice.Keep(await alice.Device(atPhone).Account().UnlockRestoredAsync(alice.Secret, atThePhone, Cancellation));
        Assert.Equal(["old", "photos"], (await again.Keys.ListAsync(Cancellation)).Select(key => key.Label).Order());
        Assert.Equal(
            new[] { photos.Id, letters.Id, old.Id }.Select(id => id.ToString()).Order(),
            (await again.Keys.PutBackAsync(phone, atThePhone, Cancellation)).Select(id => id.ToString()).Order());
        Assert.Equal(before, Describe(await again.Keys.ListAsync(Cancellation)));
        Assert.Empty(await again.Keys.PutBackAsync(phone, atThePhone, Cancellation));

        // The others: the laptop follows, the tablet is told of the other history and chooses for itself.
        Assert.Equal(before, Describe(await (await alice.UnlockAsync(atLaptop)).Keys.ListAsync(Cancellation)));
        var atTheTablet = await Assert.ThrowsAsync<RestoredException>(() => alice.UnlockAsync(atTablet));
        var there = alice.Keep(await alice.Device(atTablet).Account().UnlockRestoredAsync(alice.Secret, atTheTablet, Cancellation));
        Assert.Equal(before, Describe(await there.Keys.ListAsync(Cancellation)));
        Assert.All(await again.ExamineAsync(Cancellation), finding => Assert.True(finding.IsGood));
    }

    [Theory, OnBothEngines]
    public async Task D08_without_a_raised_number_it_stays_a_rollback_and_a_number_alone_changes_nothing(Engine engine)
    {
        await using var keystore = await KeystoreHost.StartAsync(engine, recorded: true);
        await using var alice = new Person(keystore.Origin);
        var pins = new FilePinStore(_folder.FullName);
        var me = await alice.SignUpAsync(pins);
        using var photos = await me.Keys.GeneratePersonalAsync("photos", Cancellation);
        await KeystoreBackup.WriteAsync(Options(keystore), Yesterday, keystore.Time, Cancellation);
        await me.Keys.RenameAsync(photos.Id, "pictures", Cancellation);

        // The service says that it was restored, and was not.
        await ExecuteAsync(keystore, "INSERT INTO restores (number) VALUES (9000000000)");
        await alice.UnlockAsync(pins);
        Assert.Equal(9_000_000_000, (await pins.GetAsync(me.Id, Cancellation))!.Restored);

        // It goes back and says nothing new.
        await RestoreAsync(keystore);
        await ExecuteAsync(keystore, "UPDATE restores SET number = 9000000000");
        await Expect.AlarmAsync(Alarm.RolledBack, () => alice.UnlockAsync(pins));
        await ExecuteAsync(keystore, "DELETE FROM restores");
        await Expect.AlarmAsync(Alarm.RolledBack, () => alice.UnlockAsync(pins));

        // It says so, the person chooses, and it shows something else than they chose.
        await ExecuteAsync(keystore, "INSERT INTO restores (number) VALUES (9000000001)");
        var shown = await Assert.ThrowsAsync<RestoredException>(() => alice.UnlockAsync(pins));
        using var more = await (await alice.UnlockAsync()).Keys.GeneratePersonalAsync("more", Cancellation);
        await Assert.ThrowsAsync<RestoredException>(() => alice.Device(pins).Account().UnlockRestoredAsync(alice.Secret, shown, Cancellation));
        Assert.Equal(3, (await pins.GetAsync(me.Id, Cancellation))!.Number);
    }

    private static List<string> Describe(IEnumerable<AccountKey> keys) => [.. keys.Select(key => $"{key.Id} {key.Label} {key.State}").Order(StringComparer.Ordinal)];

    private static KeystoreOptions Options(KeystoreHost keystore) => new() { Data = keystore.Database.Folder.FullName, Database = keystore.Database.Postgres };

    private async Task RestoreAsync(KeystoreHost keystore)
    {
        await KeystoreBackup.RestoreAsync(Options(keystore), Yesterday, replace: true, keystore.Time, Cancellation);
        await keystore.RestartAsync();
    }

    private static async Task ExecuteAsync(KeystoreHost keystore, string sql)
    {
        await using var connection = await keystore.Database.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync(Cancellation);
    }
}
