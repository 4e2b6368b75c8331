using System.Text.Json.Nodes;
using Keyladder.Protocol.Keystore;
using Keyladder.Client.Tests.Integrity;
using Keyladder.Testing;
using static Keyladder.Client.Tests.Person;

namespace Keyladder.Client.Tests.Lies;

/// <summary>Docs/spec/heads.md section 6, where the service that was restored lies, or calls are cut off.</summary>
public sealed class RestoreLies : IDisposable
{
    private readonly YesterdaysBackup _backup = new();

    public void Dispose() => _backup.Dispose();

    [Theory, OnBothEngines]
    public async Task D08_who_shows_the_head_that_was_given_up_hides_no_loss_from_the_one_who_puts_back(Engine engine)
    {
        await using var proxy = await LyingProxy.StartAsync();
        await using var keystore = await KeystoreHost.StartAsync(engine, origin: proxy.Address);
        proxy.StandBefore(keystore.Address);
        await using var alice = new Person(proxy.Address);
        var pins = new MemoryPinStore();
        var before = await alice.SignUpAsync(pins);
        await _backup.WriteAsync(keystore);
        using var letters = await before.Keys.GeneratePersonalAsync("letters", Cancellation);
        await before.Keys.ListAsync(Cancellation);
        await before.UnlockMethods.ListAsync(Cancellation);
        var given = proxy.Last($"GET {KeystoreRoutes.Account}");
        await _backup.RestoreAsync(keystore);
        proxy.StandBefore(keystore.Address);
        var told = await Assert.ThrowsAsync<RestoredException>(() => alice.UnlockAsync(pins));
        var again = alice.Keep(await alice.Device(pins).Account().UnlockRestoredAsync(alice.Secret, told, Cancellation));

        proxy.Lie = answer =>
        {
            if (answer.Target == $"{KeystoreRoutes.Account}?since={told.Seen}")
                answer.Edit(json => (json["head"], json["chain"]) = (given["head"]!.DeepClone(), new JsonArray()));
        };
        await Expect.AlarmAsync(Alarm.Forked, () => again.Restoration.PutBackAsync(before, Cancellation));
        proxy.Lie = null;
        Assert.True(Assert.Single(await again.Restoration.PutBackAsync(before, Cancellation)).IsPutBack);
    }

    [Theory, OnBothEngines]
    public async Task A_number_that_no_restore_can_have_keeps_no_later_one_from_being_chosen(Engine engine)
    {
        await using var keystore = await KeystoreHost.StartAsync(engine, recorded: true);
        await using var alice = new Person(keystore.Origin);
        var pins = new MemoryPinStore();
        var me = await alice.SignUpAsync(pins);
        await _backup.WriteAsync(keystore);
        (await me.Keys.GeneratePersonalAsync(cancellationToken: Cancellation)).Dispose();
        await keystore.Database.ExecuteAsync($"INSERT INTO restores (number) VALUES ({(1L << 53) - 1})");
        await alice.UnlockAsync(pins);

        // Another operator, another day: a true restore.
        var later = new MovableTime();
        later.Move(TimeSpan.FromDays(3));
        keystore.Time.Move(TimeSpan.FromDays(3));
        await keystore.Database.ExecuteAsync("DELETE FROM restores");
        await _backup.RestoreAsync(keystore);
        await Assert.ThrowsAsync<RestoredException>(() => alice.UnlockAsync(alice.Device(pins, time: later)));
    }

    [Theory, OnBothEngines]
    public async Task A_number_that_was_shown_once_stays_shown_for_an_account_that_was_open_before(Engine engine)
    {
        await using var keystore = await KeystoreHost.StartAsync(engine, recorded: true);
        await using var alice = new Person(keystore.Origin);
        var pins = new MemoryPinStore();
        var open = await alice.SignUpAsync(pins);
        await open.Keys.ListAsync(Cancellation);
        await keystore.Database.ExecuteAsync("INSERT INTO restores (number) VALUES (1000)");
        await alice.UnlockAsync(pins);
        Assert.Equal(1000, (await pins.GetAsync(open.Id, Cancellation))!.Restored);
        (await (await alice.UnlockAsync()).Keys.GeneratePersonalAsync(cancellationToken: Cancellation)).Dispose();
        await open.Keys.ListAsync(Cancellation);
        Assert.Equal(1000, (await pins.GetAsync(open.Id, Cancellation))!.Restored);
    }

    [Theory, OnBothEngines]
    public async Task What_was_deleted_and_is_back_is_named_though_the_choice_was_cut_off(Engine engine)
    {
        await using var keystore = await KeystoreHost.StartAsync(engine, recorded: true);
        await using var alice = new Person(keystore.Origin);
        var pins = new MemoryPinStore();
        var first = await alice.SignUpAsync(pins);
        using var old = await first.Keys.GeneratePersonalAsync("old", Cancellation);
        await _backup.WriteAsync(keystore);
        await first.Keys.DeleteAsync(old.Id, Cancellation);
        var before = await alice.UnlockAsync(pins);
        await before.Keys.ListAsync(Cancellation);
        await _backup.RestoreAsync(keystore);
        var told = await Assert.ThrowsAsync<RestoredException>(() => alice.UnlockAsync(pins));
        Assert.Equal(RestoreChange.Returned, Assert.Single(told.Compare(before)).Change);

        // The choice is in the account, and the process ends before it has put anything back.
        await (await alice.Device(pins).Account().UnlockRestoredAsync(alice.Secret, told, Cancellation)).DisposeAsync();
        var again = await alice.UnlockAsync(pins);
        var back = Assert.Single(await again.Restoration.PutBackAsync(before, Cancellation));
        Assert.Equal((RestoreChange.Unknown, "old", false), (back.Change, back.Shown!.Label, back.IsPutBack));
    }
}
