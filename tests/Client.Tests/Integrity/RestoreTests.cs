using Keyladder.Cryptography.Heads;
using Keyladder.Cryptography.Signing;
using Keyladder.Keys.Envelopes;
using Keyladder.Client.Tests.Lies;
using Keyladder.Testing;
using static Keyladder.Client.Tests.Person;

namespace Keyladder.Client.Tests.Integrity;

/// <summary>Docs/spec/heads.md section 6, through real backups, restores and restarts.</summary>
public sealed class RestoreTests : IDisposable
{
    private readonly YesterdaysBackup _backup = new();

    public void Dispose() => _backup.Dispose();

    [Theory, OnBothEngines]
    public async Task Yesterdays_backup_under_three_devices_loses_nothing_that_one_holds_and_each_is_told(Engine engine)
    {
        await using var keystore = await KeystoreHost.StartAsync(engine, recorded: true);
        await using var alice = new Person(keystore.Origin);
        var (atPhone, atLaptop, atTablet) = (new MemoryPinStore(), new FilePinStore(_backup.Folder.FullName), new FilePinStore(Path.Combine(_backup.Folder.FullName, "tablet")));
        var phone = await alice.SignUpAsync(atPhone);
        using var photos = await phone.Keys.GeneratePersonalAsync("photos", Cancellation);
        using var old = await phone.Keys.GeneratePersonalAsync("old", Cancellation);
        await phone.Keys.ListAsync(Cancellation);
        await alice.UnlockAsync(atLaptop);
        await _backup.WriteAsync(keystore);

        using var letters = await phone.Keys.GeneratePersonalAsync("letters", Cancellation);
        await phone.Keys.SetStateAsync(photos.Id, KeyState.Compromised, Cancellation);
        await phone.Keys.DeleteAsync(old.Id, Cancellation);
        var before = Describe(await phone.Keys.ListAsync(Cancellation));
        await alice.UnlockAsync(atTablet);
        await _backup.RestoreAsync(keystore);

        // Who has seen more is told, as often as they ask, and nothing moves by itself.
        await Expect.AlarmAsync(Alarm.RolledBack, () => phone.Keys.ListAsync(Cancellation));
        var seen = await atTablet.GetAsync(phone.Id, Cancellation);
        await Assert.ThrowsAsync<RestoredException>(() => alice.UnlockAsync(atTablet));
        var told = await Assert.ThrowsAsync<RestoredException>(() => alice.UnlockAsync(atPhone));
        Assert.Equal((6, 3), (told.Seen, told.Shown));
        Assert.Equal(told.SeenDay, told.ShownDay);
        Assert.Contains(told.SeenDay!.Value.ToString("O", System.Globalization.CultureInfo.InvariantCulture), told.Message, StringComparison.Ordinal);
        Assert.Equal(seen!.Hash, (await atTablet.GetAsync(phone.Id, Cancellation))!.Hash);
        Assert.Equal(["Missing letters", "Older photos", "Returned old"], Name(told.Compare(phone)));

        // The laptop has seen no more than the backup holds. It is told so, and writes.
        var laptop = await alice.UnlockAsync(atLaptop);
        Assert.Equal((0, false), (laptop.Restoration.Notice!.Seen, laptop.Restoration.Notice.IsLossHere));
        Assert.Null((await alice.UnlockAsync(atLaptop)).Restoration.Notice);

        var again = alice.Keep(await alice.Device(atPhone).Account().UnlockRestoredAsync(alice.Secret, told, Cancellation));
        Assert.Null(again.Restoration.Notice);
        Assert.Equal(["old", "photos"], (await again.Keys.ListAsync(Cancellation)).Select(key => key.Label).Order());
        var back = await again.Restoration.PutBackAsync(phone, Cancellation);
        Assert.Equal(["Missing letters", "Older photos", "Returned old"], Name(back));
        Assert.All(back, difference => Assert.True(difference.IsPutBack));
        Assert.Equal(before, Describe(await again.Keys.ListAsync(Cancellation)));
        Assert.Empty(await again.Restoration.PutBackAsync(phone, Cancellation));

        // The tablet was locked: it follows by itself, since the account has answered for what it had seen, and tells. The laptop tells too.
        var tablet = await alice.UnlockAsync(atTablet);
        Assert.Equal((6, 3, true), (tablet.Restoration.Notice!.Seen, tablet.Restoration.Notice.Shown, tablet.Restoration.Notice.IsLossHere));
        Assert.Equal(before, Describe(await tablet.Keys.ListAsync(Cancellation)));
        Assert.Null((await alice.UnlockAsync(atTablet)).Restoration.Notice);
        laptop = await alice.UnlockAsync(atLaptop);
        Assert.Equal((6, 3, false), (laptop.Restoration.Notice!.Seen, laptop.Restoration.Notice.Shown, laptop.Restoration.Notice.IsLossHere));
        Assert.Equal(before, Describe(await laptop.Keys.ListAsync(Cancellation)));
        Assert.All(await again.ExamineAsync(Cancellation), finding => Assert.True(finding.IsGood));
        Assert.Contains(await again.ReadAuditAsync(Cancellation), known => known.Kind == "restore-accepted");
    }

    [Theory, OnBothEngines]
    public async Task What_another_device_wrote_since_the_restore_stays_whoever_chooses_later(Engine engine)
    {
        await using var keystore = await KeystoreHost.StartAsync(engine, recorded: true);
        await using var alice = new Person(keystore.Origin);
        var (atPhone, atLaptop, atTablet) = (new MemoryPinStore(), new MemoryPinStore(), new MemoryPinStore());
        var phone = await alice.SignUpAsync(atPhone);
        using var shared = await phone.Keys.GeneratePersonalAsync("shared", Cancellation);
        await alice.UnlockAsync(atLaptop);
        await _backup.WriteAsync(keystore);
        using var letters = await phone.Keys.GeneratePersonalAsync("letters", Cancellation);
        using var diary = await phone.Keys.GeneratePersonalAsync("diary", Cancellation);
        using var plans = await phone.Keys.GeneratePersonalAsync("plans", Cancellation);
        await phone.Keys.ListAsync(Cancellation);
        var tablet = await alice.UnlockAsync(atTablet);
        await tablet.Keys.ListAsync(Cancellation);
        await _backup.RestoreAsync(keystore);

        // The laptop lost nothing, and goes on. What the phone is shown then is no longer what was restored, though older than it has seen.
        var laptop = await alice.UnlockAsync(atLaptop);
        using var fresh = await laptop.Keys.GeneratePersonalAsync("new", Cancellation);
        await laptop.Keys.SetStateAsync(shared.Id, KeyState.Compromised, Cancellation);
        var told = await Assert.ThrowsAsync<RestoredException>(() => alice.UnlockAsync(atPhone));
        Assert.Equal((5, 4), (told.Seen, told.Shown));
        Assert.Equal(["Missing diary", "Missing letters", "Missing plans", "Unknown new"], Name(told.Compare(phone)));
        var again = alice.Keep(await alice.Device(atPhone).Account().UnlockRestoredAsync(alice.Secret, told, Cancellation));
        await again.Restoration.PutBackAsync(phone, Cancellation);
        Assert.Equal(
            ["diary Active", "letters Active", "new Active", "plans Active", "shared Compromised"],
            (await again.Keys.ListAsync(Cancellation)).Select(key => $"{key.Label} {key.State}").Order());

        // What was deleted since stays deleted, though the tablet, which follows, holds it still; and the rest of what it holds comes back.
        await again.Keys.DeleteManyAsync([diary.Id, letters.Id], Cancellation);
        var there = await alice.UnlockAsync(atTablet);
        Assert.True(there.Restoration.Notice!.IsLossHere);
        var back = await there.Restoration.PutBackAsync(tablet, Cancellation);
        Assert.All(back, difference => Assert.False(difference.IsPutBack));
        Assert.Equal(["new", "plans", "shared"], (await there.Keys.ListAsync(Cancellation)).Select(key => key.Label).Order());
    }

    [Theory, OnBothEngines]
    public async Task A_device_that_follows_puts_back_what_nobody_else_held(Engine engine)
    {
        await using var keystore = await KeystoreHost.StartAsync(engine, recorded: true);
        await using var alice = new Person(keystore.Origin);
        var (atPhone, atTablet) = (new MemoryPinStore(), new MemoryPinStore());
        var tablet = await alice.SignUpAsync(atTablet);
        await _backup.WriteAsync(keystore);
        using var letters = await tablet.Keys.GeneratePersonalAsync("letters", Cancellation);
        await tablet.Keys.ListAsync(Cancellation);
        await alice.UnlockAsync(atPhone);
        await _backup.RestoreAsync(keystore);

        // The phone was locked, and its person accepts the loss.
        var told = await Assert.ThrowsAsync<RestoredException>(() => alice.UnlockAsync(atPhone));
        var phone = alice.Keep(await alice.Device(atPhone).Account().UnlockRestoredAsync(alice.Secret, told, Cancellation));
        Assert.Empty(await phone.Keys.ListAsync(Cancellation));

        var again = await alice.UnlockAsync(atTablet);
        Assert.True(again.Restoration.Notice!.IsLossHere);
        Assert.Equal(["Missing letters"], Name(await again.Restoration.PutBackAsync(tablet, Cancellation)));
        Assert.Equal(["letters"], (await phone.Keys.ListAsync(Cancellation)).Select(key => key.Label));
    }

    [Theory, InlineData(Engine.Sqlite)] // the subject is the client, and each call of it costs a KDF
    public async Task D12_a_secret_that_was_replaced_stays_replaced_and_the_one_that_replaced_it_comes_back(Engine engine)
    {
        await using var keystore = await KeystoreHost.StartAsync(engine, recorded: true);
        await using var alice = new Person(keystore.Origin) { Secret = NewWords() };
        using var second = NewWords();
        using var lost = NewWords();
        var pins = new MemoryPinStore();
        var me = await alice.SignUpAsync(pins);
        await me.Keys.ListAsync(Cancellation);
        var known = await me.UnlockMethods.AddAsync(second, second, Cancellation);
        var stolen = await me.UnlockMethods.AddAsync(lost, lost, Cancellation);
        await _backup.WriteAsync(keystore);
        using var fresh = NewWords();
        await me.ChangePassphraseAsync(fresh, fresh, Cancellation);
        await me.UnlockMethods.RemoveAsync(stolen.Id, Cancellation);
        var methods = (await me.UnlockMethods.ListAsync(Cancellation)).Select(method => method.Id).ToList();
        await _backup.RestoreAsync(keystore);

        // The newest secret went with the rest: an older one opens, and what it opens knows from the open account what was changed.
        await Assert.ThrowsAsync<KeyladderException>(() => alice.Device(pins).Account().UnlockAsync(fresh, Cancellation));
        var told = await Assert.ThrowsAsync<RestoredException>(() => alice.Device(pins).Account().UnlockAsync(second, Cancellation));
        Assert.Equal(["Missing words", "Returned words", "Returned words"], Name(told.Compare(me)));
        var again = alice.Keep(await alice.Device(pins).Account().UnlockRestoredAsync(second, told, Cancellation));
        Assert.All(await again.Restoration.PutBackAsync(me, Cancellation), difference => Assert.True(difference.IsPutBack));
        Assert.Equal(methods.Select(id => id.ToString()).Order(), (await again.UnlockMethods.ListAsync(Cancellation)).Select(method => method.Id.ToString()).Order());
        alice.Keep(await alice.Device(pins).Account().UnlockAsync(fresh, Cancellation));
        foreach (var revoked in new[] { alice.Secret, lost })
        {
            var refused = await Assert.ThrowsAsync<KeyladderException>(() => alice.Device(pins).Account().UnlockAsync(revoked, Cancellation));
            Assert.Equal(FailureReason.SignInFailed, refused.Reason);
        }
    }

    /// <summary>An account that was locked and opened again since the backup holds the keys of one head; the pin tells what came before it.</summary>
    [Theory, InlineData(Engine.Sqlite)] // the subject is the client, and each call of it costs a KDF
    public async Task D12_an_account_that_was_opened_again_since_the_backup_still_knows_what_was_changed(Engine engine)
    {
        await using var keystore = await KeystoreHost.StartAsync(engine, recorded: true);
        await using var alice = new Person(keystore.Origin) { Secret = NewWords() };
        using var fresh = NewWords();
        var pins = new FilePinStore(Path.Combine(_backup.Folder.FullName, "pins"));
        var me = await alice.SignUpAsync(pins);
        using var old = await me.Keys.GeneratePersonalAsync("old", Cancellation);
        using var photos = await me.Keys.GeneratePersonalAsync("photos", Cancellation);
        await _backup.WriteAsync(keystore);
        await me.Keys.DeleteAsync(old.Id, Cancellation);
        for (var times = 0; times < 3; times++)
            await me.Keys.RenameAsync(photos.Id, $"photos {times}", Cancellation);
        await me.ChangePassphraseAsync(fresh, fresh, Cancellation);
        var before = alice.Keep(await alice.Device(pins).Account().UnlockAsync(fresh, Cancellation));
        await before.Keys.ListAsync(Cancellation);
        await _backup.RestoreAsync(keystore);

        var told = await Assert.ThrowsAsync<RestoredException>(() => alice.Device(pins).Account().UnlockAsync(alice.Secret, Cancellation));
        Assert.Equal((8, 3), (told.Seen, told.Shown));
        Assert.Equal(["Missing words", "Older photos 2", "Returned old", "Returned words"], Name(told.Compare(before)));
        var again = alice.Keep(await alice.Device(pins).Account().UnlockRestoredAsync(alice.Secret, told, Cancellation));
        var back = await again.Restoration.PutBackAsync(before, Cancellation);
        Assert.Equal(["Missing words", "Older photos 2", "Returned old"], Name(back.Where(difference => difference.IsPutBack))); // not the words that unlocked it
        alice.Keep(await alice.Device(pins).Account().UnlockAsync(fresh, Cancellation));
    }

    [Theory, OnBothEngines]
    public async Task D08_what_was_given_up_once_lets_no_rollback_past_the_choice(Engine engine)
    {
        await using var keystore = await KeystoreHost.StartAsync(engine, recorded: true);
        await using var alice = new Person(keystore.Origin);
        var pins = new MemoryPinStore();
        var me = await alice.SignUpAsync(pins);
        await _backup.WriteAsync(keystore);
        for (var times = 0; times < 3; times++)
            (await me.Keys.GeneratePersonalAsync(cancellationToken: Cancellation)).Dispose();
        await _backup.RestoreAsync(keystore);
        var told = await Assert.ThrowsAsync<RestoredException>(() => alice.UnlockAsync(pins));
        var again = alice.Keep(await alice.Device(pins).Account().UnlockRestoredAsync(alice.Secret, told, Cancellation));

        // From here on there are heads that give up head 4 of the other history. Shown again, they are what they are: older than what was seen.
        var (chosen, newest) = (Path.Combine(_backup.Folder.FullName, "chosen"), Path.Combine(_backup.Folder.FullName, "newest"));
        await _backup.WriteAsync(keystore, chosen);
        for (var times = 0; times < 4; times++)
        {
            (await again.Keys.GeneratePersonalAsync(cancellationToken: Cancellation)).Dispose();
            await _backup.WriteAsync(keystore, newest);
            var pin = await pins.GetAsync(me.Id, Cancellation);
            Assert.Equal(3 + times, pin!.Number);

            await _backup.RestoreAsync(keystore, chosen);
            await Assert.ThrowsAsync<RestoredException>(() => alice.UnlockAsync(pins));
            await keystore.Database.ExecuteAsync("DELETE FROM restores");
            await Expect.AlarmAsync(Alarm.RolledBack, () => alice.UnlockAsync(pins));
            Assert.Equal(pin.Hash, (await pins.GetAsync(me.Id, Cancellation))!.Hash);

            await _backup.RestoreAsync(keystore, newest);
            await alice.UnlockAsync(pins);
            File.Delete(newest);
        }
    }

    [Theory, OnBothEngines]
    public async Task D08_a_head_says_what_was_given_up_only_where_the_account_signed_it(Engine engine)
    {
        await using var keystore = await KeystoreHost.StartAsync(engine, recorded: true);
        await using var alice = new Person(keystore.Origin);
        var pins = new MemoryPinStore();
        var me = await alice.SignUpAsync(pins);
        await _backup.WriteAsync(keystore);
        (await me.Keys.GeneratePersonalAsync(cancellationToken: Cancellation)).Dispose();
        (await me.Keys.GeneratePersonalAsync(cancellationToken: Cancellation)).Dispose();
        var pin = (await pins.GetAsync(me.Id, Cancellation))!;
        await _backup.RestoreAsync(keystore);
        await keystore.Database.ExecuteAsync("DELETE FROM restores");
        await Expect.AlarmAsync(Alarm.RolledBack, () => alice.UnlockAsync(pins));

        // The service adds it to the head, with the old signature, and with one of its own.
        (await (await alice.UnlockAsync()).Keys.GeneratePersonalAsync(cancellationToken: Cancellation)).Dispose();
        var jws = await keystore.Database.ScalarAsync<string>("SELECT jws FROM heads WHERE number = 2");
        Assert.True(KeystoreHead.TryRead(jws, out var genuine));
        using var other = Ed25519PrivateKey.Generate();
        var forged = (genuine.Head with { Lost = [LostHead.Of(pin, 1)] }).Sign(other).Jws;
        foreach (var shown in new[] { forged, forged[..forged.LastIndexOf('.')] + jws[jws.LastIndexOf('.')..] })
        {
            await keystore.Database.ExecuteAsync($"UPDATE heads SET jws = '{shown}' WHERE number = 2");
            await Expect.AlarmAsync(Alarm.HeadInvalid, () => alice.UnlockAsync(pins));
        }

        Assert.Equal(pin.Hash, (await pins.GetAsync(me.Id, Cancellation))!.Hash);
    }

    [Theory, OnBothEngines]
    public async Task D08_without_a_raised_number_it_stays_a_rollback_and_a_number_alone_changes_nothing(Engine engine)
    {
        await using var keystore = await KeystoreHost.StartAsync(engine, recorded: true);
        await using var alice = new Person(keystore.Origin);
        var pins = new FilePinStore(_backup.Folder.FullName);
        var me = await alice.SignUpAsync(pins);
        using var photos = await me.Keys.GeneratePersonalAsync("photos", Cancellation);
        await _backup.WriteAsync(keystore);
        await me.Keys.RenameAsync(photos.Id, "pictures", Cancellation);

        // The service says that it was restored, and was not.
        var number = keystore.Time.GetUtcNow().ToUnixTimeSeconds() + 3600;
        await keystore.Database.ExecuteAsync($"INSERT INTO restores (number) VALUES ({number})");
        await alice.UnlockAsync(pins);
        Assert.Equal(number, (await pins.GetAsync(me.Id, Cancellation))!.Restored);

        // It goes back and says nothing new.
        await _backup.RestoreAsync(keystore);
        await keystore.Database.ExecuteAsync($"UPDATE restores SET number = {number}");
        await Expect.AlarmAsync(Alarm.RolledBack, () => alice.UnlockAsync(pins));
        await keystore.Database.ExecuteAsync("DELETE FROM restores");
        await Expect.AlarmAsync(Alarm.RolledBack, () => alice.UnlockAsync(pins));

        // It says so, the person chooses, and it shows something else than they chose.
        await keystore.Database.ExecuteAsync($"INSERT INTO restores (number) VALUES ({number + 1})");
        var shown = await Assert.ThrowsAsync<RestoredException>(() => alice.UnlockAsync(pins));
        using var more = await (await alice.UnlockAsync()).Keys.GeneratePersonalAsync("more", Cancellation);
        await Assert.ThrowsAsync<RestoredException>(() => alice.Device(pins).Account().UnlockRestoredAsync(alice.Secret, shown, Cancellation));
        Assert.Equal(3, (await pins.GetAsync(me.Id, Cancellation))!.Number);
    }

    /// <summary>What changed, by label or kind.</summary>
    private static IEnumerable<string> Name(IEnumerable<RestoreDifference> differences) =>
        differences.Select(each => $"{each.Change} {(each.Held ?? each.Shown)?.Label ?? each.Secret!.Kind}").Order(StringComparer.Ordinal);

    private static List<string> Describe(IEnumerable<AccountKey> keys) => [.. keys.Select(key => $"{key.Id} {key.Label} {key.State}").Order(StringComparer.Ordinal)];
}
