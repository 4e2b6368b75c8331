using Keyladder.Client.Tests.Lies;
using Keyladder.Cryptography.Heads;
using Keyladder.Cryptography.Signing;
using Keyladder.Protocol;
using Keyladder.Testing;
using static Keyladder.Client.Tests.Person;
using static Keyladder.Client.Tests.Vaults.RestoreScene;

namespace Keyladder.Client.Tests.Vaults;

/// <summary>Docs/spec/heads.md section 6 and docs/spec/vault.md section 7, where the Vault that was restored lies, or calls are cut off.</summary>
public sealed class VaultRestoreLies
{
    [Theory, OnBothEngines]
    public async Task D08_without_a_raised_number_it_stays_a_rollback_and_a_number_alone_changes_nothing(Engine engine)
    {
        await using var scene = await RestoreScene.StartAsync(engine);
        var phone = await scene.SignUpAsync(keepsCopy: true);
        await phone.PutAsync("Bank", "bank");
        await scene.BackUpAsync();
        await phone.PutAsync("Mail", "mail");

        // It says that it was restored, and was not: who is open hears of it at the next sign-in, and the number is spent.
        var number = scene.Vault.Time.GetUtcNow().ToUnixTimeSeconds() + 3600;
        await scene.Vault.Database.ExecuteAsync($"INSERT INTO restores (number) VALUES ({number})");
        await phone.OpenAsync();
        Assert.Equal((0, false), (phone.Vault.Restoration.Notice!.Seen, phone.Vault.Restoration.Notice.IsLossHere));
        Assert.Equal(number, (await phone.PinAsync())!.Restored);
        await phone.PutAsync("More", "more");
        Assert.Equal(number, (await phone.PinAsync())!.Restored);

        // It goes back and says nothing new.
        await scene.RestoreAsync();
        await scene.Vault.Database.ExecuteAsync($"UPDATE restores SET number = {number}");
        await Expect.AlarmAsync(Alarm.RolledBack, () => phone.Vault.ListAsync(Cancellation));
        await Expect.AlarmAsync(Alarm.RolledBack, () => phone.OpenAsync());
        await scene.RestoreAsync(saysSo: false);
        await Expect.AlarmAsync(Alarm.RolledBack, () => phone.OpenAsync());

        // It says so, the person chooses, and it shows another state than they were shown: that is another question.
        await scene.Vault.Database.ExecuteAsync($"INSERT INTO restores (number) VALUES ({number + 1})");
        var told = await Assert.ThrowsAsync<RestoredException>(() => phone.OpenAsync());
        var pin = await phone.PinAsync();
        var laptop = await scene.GoOnAsync();
        await laptop.PutAsync("Another", "another");
        var again = await Assert.ThrowsAsync<RestoredException>(() => phone.OpenAsync(told, putBack: true));
        Assert.NotEqual(told.Choice, again.Choice);
        Assert.Equal(pin!.Hash, (await phone.PinAsync())!.Hash);
        await phone.OpenAsync(again, putBack: true);
        Assert.Equal(["Another another", "Bank bank", "Mail mail", "More more"], await ReadAsync(phone.Vault));
    }

    [Theory, OnBothEngines]
    public async Task D08_a_choice_holds_for_no_other_head_of_the_same_number(Engine engine)
    {
        await using var scene = await RestoreScene.StartAsync(engine);
        var phone = await scene.SignUpAsync(keepsCopy: true);
        await scene.BackUpAsync();
        await phone.PutAsync("Bank", "bank");
        await phone.PutAsync("Mail", "mail");
        var laptop = await scene.UnlockAsync();
        await laptop.Vault.DisposeAsync();
        await scene.RestoreAsync();
        await (await scene.GoOnAsync()).PutAsync("One", "one");
        await scene.BackUpAsync("one");
        await scene.RestoreAsync();
        await (await scene.GoOnAsync()).PutAsync("Two", "two");
        await scene.BackUpAsync("two");
        await scene.RestoreAsync("one");
        var told = await Assert.ThrowsAsync<RestoredException>(() => phone.OpenAsync());
        await scene.RestoreAsync("two");
        var other = await Assert.ThrowsAsync<RestoredException>(() => phone.OpenAsync(told));
        Assert.Equal((told.Seen, told.Shown), (other.Seen, other.Shown));
        Assert.NotEqual(told.Choice, other.Choice);
    }

    /// <summary>The Vault shows the head that names what was seen, and less, or something else, than the account signed with it.</summary>
    [Theory, OnBothEngines]
    public async Task D08_a_head_that_gave_it_up_counts_with_all_that_it_signs_and_nothing_else(Engine engine)
    {
        await using var scene = await RestoreScene.StartAsync(engine);
        var phone = await scene.SignUpAsync(keepsCopy: true);
        var bank = await phone.PutAsync("Bank", "bank");
        await phone.PutAsync("Mail", "mail");
        await scene.BackUpAsync();
        await phone.PutAsync("Letters", "letters");
        var laptop = await scene.UnlockAsync(keepsCopy: true);
        await laptop.Vault.DisposeAsync();
        await scene.RestoreAsync();
        await phone.OpenAsync(await Assert.ThrowsAsync<RestoredException>(() => phone.OpenAsync()));

        foreach (var (list, what) in new[] { ("changes", "without an item"), ("objects", "without an item"), ("changes", "with another leaf") })
        {
            scene.Proxy.Lie = answer =>
            {
                if (!answer.Target.StartsWith(VaultScene.Changes[4..], StringComparison.Ordinal))
                    return;
                answer.Edit(json =>
                {
                    var item = json[list]!.AsArray().SingleOrDefault(one => one!["id"]!.GetValue<Guid>() == bank.Value);
                    if (item is null)
                        return;
                    if (what == "without an item")
                        json[list]!.AsArray().Remove(item);
                    else
                        item["new"] = new string('A', 43);
                });
            };
            var pin = await laptop.PinAsync();
            // What is only left out of an answer is fetched; what the list is silent about is an alarm.
            if (list == "objects")
                Assert.Equal(["Bank bank", "Mail mail"], await ReadAsync(await (await scene.UnlockAsync(keepsCopy: true)).OpenAsync()));
            else
                await Assert.ThrowsAsync<IntegrityException>(() => laptop.OpenAsync());
        }

        scene.Proxy.Lie = null;
        Assert.Equal(["Bank bank", "Mail mail"], await ReadAsync(await laptop.OpenAsync()));
        Assert.True(laptop.Vault.Restoration.Notice!.IsLossHere);
        Assert.Equal(["Missing Letters"], Name(await laptop.Vault.Restoration.CompareAsync(Cancellation)));
    }

    [Theory, OnBothEngines]
    public async Task D08_a_head_says_what_was_given_up_only_where_the_account_signed_it(Engine engine)
    {
        await using var scene = await RestoreScene.StartAsync(engine);
        var phone = await scene.SignUpAsync(keepsCopy: true);
        await phone.PutAsync("Bank", "bank");
        await scene.BackUpAsync();
        await phone.PutAsync("Mail", "mail");
        await phone.PutAsync("More", "more");
        var pin = (await phone.PinAsync())!;
        await scene.RestoreAsync(saysSo: false);
        await Expect.AlarmAsync(Alarm.RolledBack, () => phone.OpenAsync());

        var jws = await scene.Vault.Database.ScalarAsync<string>("SELECT jws FROM heads WHERE number = 2");
        Assert.True(VaultHead.TryRead(jws, out var genuine));
        using var other = Ed25519PrivateKey.Generate();
        var named = genuine.Head with { Lost = [LostHead.Of(pin, 1)] };
        var forged = (named with { Key = other.PublicKey }).Sign(other).Jws;
        foreach (var shown in new[] { forged, forged[..forged.LastIndexOf('.')] + jws[jws.LastIndexOf('.')..] })
        {
            await scene.Vault.Database.ExecuteAsync($"UPDATE heads SET jws = '{shown}' WHERE number = 2");
            await Expect.AlarmAsync(Alarm.HeadInvalid, () => phone.OpenAsync());
        }

        Assert.Equal(pin.Hash, (await phone.PinAsync())!.Hash);
    }

    /// <summary>The history that was given up has a higher number, and was signed by the account, too.</summary>
    [Theory, OnBothEngines]
    public async Task D08_what_was_given_up_once_lets_no_rollback_past_the_choice(Engine engine)
    {
        await using var scene = await RestoreScene.StartAsync(engine);
        var phone = await scene.SignUpAsync(keepsCopy: true);
        await scene.BackUpAsync();
        foreach (var name in new[] { "One", "Two", "Three" })
            await phone.PutAsync(name, "before");
        await scene.BackUpAsync("given");
        await scene.RestoreAsync();
        await phone.OpenAsync(await Assert.ThrowsAsync<RestoredException>(() => phone.OpenAsync()));
        await scene.BackUpAsync("chosen");
        for (var times = 0; times < 3; times++)
        {
            await phone.PutAsync($"New {times}", "after");
            await scene.BackUpAsync($"newest {times}");
            var pin = (await phone.PinAsync())!;
            foreach (var past in new[] { "chosen", "given" })
            {
                await scene.RestoreAsync(past);
                await Assert.ThrowsAsync<RestoredException>(() => phone.OpenAsync());
                await scene.RestoreAsync(past, saysSo: false);
                await Assert.ThrowsAsync<IntegrityException>(() => phone.OpenAsync());
                Assert.Equal(pin.Hash, (await phone.PinAsync())!.Hash);
            }

            await scene.RestoreAsync($"newest {times}");
            Assert.Equal(times + 1, (await (await phone.OpenAsync()).ListAsync(Cancellation)).Count);
        }
    }

    /// <summary>The copy on the disk is as it was before the choice; the pin is further. A Vault shows the moment of the choice, which gave up what the copy stands at.</summary>
    [Theory, OnBothEngines]
    public async Task D08_a_copy_from_before_the_choice_takes_the_pin_nowhere_back(Engine engine)
    {
        await using var scene = await RestoreScene.StartAsync(engine);
        var phone = await scene.SignUpAsync(keepsCopy: true);
        await scene.BackUpAsync();
        await phone.PutAsync("Given", "given");
        await phone.Vault.DisposeAsync();
        var old = phone.Copy();
        await scene.RestoreAsync();
        await phone.OpenAsync(await Assert.ThrowsAsync<RestoredException>(() => phone.OpenAsync()));
        await scene.BackUpAsync("chosen");
        await phone.PutAsync("New", "new");
        await scene.BackUpAsync("newest");
        var pin = (await phone.PinAsync())!;
        await phone.Vault.DisposeAsync();

        await scene.RestoreAsync("chosen", saysSo: false);
        phone.PutCopy(old);
        await Assert.ThrowsAsync<IntegrityException>(() => phone.OpenAsync());
        Assert.Equal(pin.Hash, (await phone.PinAsync())!.Hash);

        // The newest is believed, and what the copy alone holds is there to be put back.
        await scene.RestoreAsync("newest", saysSo: false);
        phone.PutCopy(old);
        Assert.Equal(["New new"], await ReadAsync(await phone.OpenAsync()));
        Assert.True(phone.Vault.Restoration.Notice!.IsLossHere);
        Assert.Equal(["Missing Given", "Unknown New"], Name(await phone.Vault.Restoration.PutBackAsync(Cancellation)));
        Assert.Equal(["Given given", "New new"], await ReadAsync(phone.Vault));

        // A device that has lost its pins, and not its copy, has seen what that stands at.
        await phone.Vault.DisposeAsync();
        phone.ForgetPins();
        await scene.RestoreAsync("newest", saysSo: false);
        await Expect.AlarmAsync(Alarm.RolledBack, () => phone.OpenAsync());
        await scene.RestoreAsync("newest");
        var told = await Assert.ThrowsAsync<RestoredException>(() => phone.OpenAsync());
        Assert.Equal((4, 3), (told.Seen, told.Shown));
        Assert.Equal(["Missing Given"], Name(told.Items!));
        Assert.Null(await phone.PinAsync());
        await phone.OpenAsync(told, putBack: true);
        Assert.Equal(["Given given", "New new"], await ReadAsync(phone.Vault));
    }

    [Theory, OnBothEngines]
    public async Task A_choice_whose_answer_was_lost_is_made_once(Engine engine)
    {
        await using var scene = await RestoreScene.StartAsync(engine);
        var phone = await scene.SignUpAsync(keepsCopy: true);
        await scene.BackUpAsync();
        await phone.PutAsync("Bank", "bank");
        await scene.RestoreAsync();
        var told = await Assert.ThrowsAsync<RestoredException>(() => phone.OpenAsync());
        var isLost = false;
        scene.Proxy.Lie = answer =>
        {
            if (!isLost && answer.Method == "POST" && answer.Target == ServiceRoutes.Changes)
                (isLost, answer.Lost) = (true, true);
        };
        await phone.OpenAsync(told, putBack: true);
        scene.Proxy.Lie = null;
        Assert.Equal(["Bank bank"], await ReadAsync(phone.Vault));
        Assert.Equal(3, phone.Vault.Change);

        Assert.Single(await phone.Vault.ReadAuditAsync(Cancellation), known => known.Kind == "restore-accepted");
    }
}
