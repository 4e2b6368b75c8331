using Keyladder.Client.Tests.Lies;
using Keyladder.Cryptography;
using Keyladder.Cryptography.Heads;
using Keyladder.Keystore;
using Keyladder.Testing;
using static Keyladder.Client.Tests.Person;

namespace Keyladder.Client.Tests.Accounts;

/// <summary>Docs/spec/heads.md section 7.</summary>
public sealed class DeletionTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("keyladder-test-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory, OnBothEngines]
    public async Task A_deleted_account_opens_nowhere_its_keys_are_gone_here_and_the_person_keeps_what_it_signed(Engine engine)
    {
        await using var keystore = await KeystoreHost.StartAsync(engine, recorded: true);
        await using var alice = new Person(keystore.Origin);
        await using var bob = new Person(keystore.Origin);
        var pins = new FilePinStore(_folder.FullName);
        var me = await alice.SignUpAsync(pins);
        var there = await alice.UnlockAsync();
        var his = await bob.SignUpAsync();
        var photos = await me.Keys.GeneratePersonalAsync("photos", Cancellation);
        var before = await pins.GetAsync(me.Id, Cancellation);

        var deleted = await me.DeleteAsync(Cancellation);

        Assert.True(AccountDeletion.TryVerify<KeystoreHead>(deleted.Statement, out var statement));
        Assert.Equal((me.Id, before!.Number + 1, before.Hash), (statement.Account, statement.Number, statement.Head));
        Assert.Equal((me.Id, statement.Day), (deleted.Id, deleted.Day));
        Assert.Equal(2, deleted.Rows["heads"]);
        Assert.True((await pins.GetAsync(me.Id, Cancellation))!.IsDeleted);
        Assert.Throws<ObjectDisposedException>(() => photos.Seal(DataId.Generate(), "x"u8));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => me.Keys.ListAsync(Cancellation));
        await Expect.FailureAsync(FailureReason.SignInFailed, () => alice.UnlockAsync());
        await Expect.FailureAsync(FailureReason.SessionEnded, () => there.Keys.ListAsync(Cancellation));
        Assert.DoesNotContain(me.Id.ToString(), await keystore.Database.DumpAsync(), StringComparison.Ordinal);
        Assert.Empty(await his.Keys.ListAsync(Cancellation));
    }

    [Theory, OnBothEngines]
    public async Task A_service_that_shows_a_deleted_account_again_is_noticed_even_at_its_last_change(Engine engine)
    {
        await using var keystore = await KeystoreHost.StartAsync(engine, recorded: true);
        await using var alice = new Person(keystore.Origin);
        var pins = new FilePinStore(_folder.FullName);
        var me = await alice.SignUpAsync(pins);
        var options = new KeystoreOptions { Data = keystore.Database.Folder.FullName, Database = keystore.Database.Postgres };
        var backup = Path.Combine(_folder.FullName, "backup");
        await KeystoreService.Backups.WriteAsync(options, backup, keystore.Time, Cancellation);
        await me.DeleteAsync(Cancellation);

        await KeystoreService.Backups.RestoreAsync(options, backup, replace: true, keystore.Time, Cancellation);
        await keystore.RestartAsync();
        var returned = await Assert.ThrowsAsync<RestoredException>(() => alice.UnlockAsync(pins));
        Assert.Contains("has deleted the account", returned.Message, StringComparison.Ordinal);
        await keystore.Database.ExecuteAsync("DELETE FROM restores");
        var alarm = await Assert.ThrowsAsync<IntegrityException>(() => alice.UnlockAsync(pins));
        Assert.Equal(Alarm.RolledBack, alarm.Alarm);
        Assert.Contains("has deleted the account", alarm.Message, StringComparison.Ordinal);

        // Another device writes on as if nothing had been: that is no history of the deleted account either.
        var there = await alice.UnlockAsync();
        using var more = await there.Keys.GeneratePersonalAsync("more", Cancellation);
        using var evenMore = await there.Keys.GeneratePersonalAsync("even more", Cancellation);
        await Expect.AlarmAsync(Alarm.RolledBack, () => alice.UnlockAsync(pins));
        await there.DeleteAsync(Cancellation);
        await Expect.FailureAsync(FailureReason.SignInFailed, () => alice.UnlockAsync(pins));
    }

    [Theory, OnBothEngines]
    public async Task What_the_service_keeps_of_a_person_names_no_other_and_nothing_that_can_be_read(Engine engine)
    {
        await using var keystore = await KeystoreHost.StartAsync(engine, recorded: true);
        await using var alice = new Person(keystore.Origin);
        await using var bob = new Person(keystore.Origin);
        var me = await alice.SignUpAsync();
        var his = await bob.SignUpAsync();
        using var photos = await me.Keys.GeneratePersonalAsync("photos", Cancellation);

        var stored = new List<StoredRows>();
        await foreach (var rows in me.ReadDataAsync(Cancellation))
            stored.Add(rows);

        Assert.Equal(2, stored.Where(rows => rows.Table == "keys").Sum(rows => rows.Rows.Count));
        Assert.All(stored.SelectMany(rows => rows.Rows), row => Assert.Equal(me.Id.ToString(), row["account_id"]));
        Assert.DoesNotContain(stored.SelectMany(rows => rows.Rows).SelectMany(row => row.Values), value => value == his.Id.ToString() || value == "photos");
    }
}
