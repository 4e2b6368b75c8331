using System.Text.Json.Nodes;
using Keyladder.Keys.Envelopes;
using Keyladder.Testing;
using static Keyladder.Client.Tests.Person;

namespace Keyladder.Client.Tests.Lies;

/// <summary>
/// A service that goes back to a copy of itself from the past, whole and consistent, and one that leads two devices into two histories.
/// </summary>
public sealed class HistoryLies(HostileKeystore hostile) : IClassFixture<HostileKeystore>
{
    [Fact]
    public async Task D08_a_device_that_has_seen_more_refuses_the_past_whatever_it_does()
    {
        await using var alice = new Person(hostile.Proxy.Address);
        var pins = new MemoryPinStore();
        var me = await alice.SignUpAsync(pins);
        var photos = await me.Keys.GeneratePersonalAsync("photos", Cancellation);
        var past = await hostile.KeepAsync();
        await me.Keys.SetStateAsync(photos.Id, KeyState.Compromised, Cancellation);
        var seen = await pins.GetAsync(me.Id, Cancellation);

        hostile.Proxy.StandBefore(past);
        await Expect.AlarmAsync(Alarm.RolledBack, () => me.Keys.ListAsync(Cancellation));
        await Expect.AlarmAsync(Alarm.RolledBack, () => me.Keys.GetAsync(photos.Id, Cancellation));
        await Expect.AlarmAsync(Alarm.RolledBack, () => me.Keys.GeneratePersonalAsync("more", Cancellation));
        await Expect.AlarmAsync(Alarm.RolledBack, () => me.UnlockMethods.ListAsync(Cancellation));
        await Expect.AlarmAsync(Alarm.RolledBack, () => alice.UnlockAsync(pins));
        using var next = NewDevice();
        await Expect.AlarmAsync(Alarm.RolledBack, () => me.ChangePassphraseAsync(next, next, Cancellation));
        Assert.Equal(seen, await pins.GetAsync(me.Id, Cancellation));
        Assert.Contains(await me.ExamineAsync(Cancellation), finding => !finding.IsGood);

        // A device that remembers nothing sees an account that it signed itself once: the stated limit.
        Assert.Equal(KeyState.Active, Assert.Single(await (await alice.UnlockAsync()).Keys.ListAsync(Cancellation)).State);

        hostile.TellTheTruth();
        Assert.Equal(KeyState.Compromised, Assert.Single(await me.Keys.ListAsync(Cancellation)).State);
    }

    [Fact]
    public async Task D01_D02_the_old_words_unlock_nothing_after_a_change_even_where_the_past_is_shown()
    {
        await using var alice = new Person(hostile.Proxy.Address) { Secret = NewWords() };
        var pins = new MemoryPinStore();
        var me = await alice.SignUpAsync(pins);
        var past = await hostile.KeepAsync();
        using var next = NewWords();
        await me.ChangePassphraseAsync(next, next, Cancellation);

        await Expect.FailureAsync(FailureReason.SignInFailed, () => alice.UnlockAsync(pins));
        hostile.Proxy.StandBefore(past);
        await Expect.AlarmAsync(Alarm.RolledBack, () => alice.UnlockAsync(pins));
        hostile.TellTheTruth();
    }

    [Theory, InlineData(1), InlineData(2), InlineData(5)]
    public async Task D09_two_histories_are_noticed_by_whoever_has_seen_the_other(int changes)
    {
        await using var alice = new Person(hostile.Proxy.Address);
        var pins = new MemoryPinStore();
        var me = await alice.SignUpAsync(pins);
        var other = await hostile.KeepAsync();
        await me.Keys.GeneratePersonalAsync("here", Cancellation);
        var seen = await pins.GetAsync(me.Id, Cancellation);

        hostile.Proxy.StandBefore(other);
        var there = await alice.UnlockAsync();
        for (var change = 0; change < changes; change++)
            await there.Keys.GeneratePersonalAsync("there", Cancellation);

        await Expect.AlarmAsync(Alarm.Forked, () => me.Keys.ListAsync(Cancellation));
        await Expect.AlarmAsync(Alarm.Forked, () => me.Keys.GeneratePersonalAsync("more", Cancellation));
        await Expect.AlarmAsync(Alarm.Forked, () => me.UnlockMethods.ListAsync(Cancellation));
        await Expect.AlarmAsync(Alarm.Forked, () => alice.UnlockAsync(pins));
        Assert.Equal(seen, await pins.GetAsync(me.Id, Cancellation));
        hostile.TellTheTruth();
        await Expect.AlarmAsync(changes == 1 ? Alarm.Forked : Alarm.RolledBack, () => there.Keys.ListAsync(Cancellation));
        Assert.Single(await me.Keys.ListAsync(Cancellation));
    }

    [Fact]
    public async Task Accounts_that_share_their_pins_are_not_led_apart()
    {
        await using var alice = new Person(hostile.Proxy.Address);
        var pins = new MemoryPinStore();
        var one = await alice.SignUpAsync(pins);
        var two = await alice.UnlockAsync(pins);
        var past = await hostile.KeepAsync();
        await one.Keys.GeneratePersonalAsync("photos", Cancellation);

        // The second has not asked since, and knows all the same.
        hostile.Proxy.StandBefore(past);
        await Expect.AlarmAsync(Alarm.RolledBack, () => two.Keys.ListAsync(Cancellation));
        hostile.TellTheTruth();
    }

    [Fact]
    public async Task D08_a_write_that_was_acknowledged_and_dropped_is_noticed_at_the_next_call()
    {
        await using var alice = new Person(hostile.Proxy.Address);
        var me = await alice.SignUpAsync();
        var past = await hostile.KeepAsync();
        var photos = await me.Keys.GeneratePersonalAsync("photos", Cancellation);

        hostile.Proxy.StandBefore(past);
        await Expect.AlarmAsync(Alarm.RolledBack, () => me.Keys.GetAsync(photos.Id, Cancellation));
        hostile.TellTheTruth();
    }

    [Theory, InlineData("GET /v1/changes"), InlineData("POST /v1/keys/fetch"), InlineData("GET /v1/account")]
    public async Task A_newer_head_is_not_remembered_where_what_comes_with_it_is_false(string call)
    {
        await using var alice = new Person(hostile.Proxy.Address);
        var pins = new MemoryPinStore();
        var me = await alice.SignUpAsync(pins);
        // Listed once, so that the next list is a change from there on: what is asked for from nothing is held against the account first.
        await me.Keys.ListAsync(Cancellation);
        var there = await alice.UnlockAsync();
        var photos = (await there.Keys.GeneratePersonalAsync("photos", Cancellation)).Id;
        var seen = await pins.GetAsync(me.Id, Cancellation);
        Func<Task> look = call switch
        {
            "GET /v1/changes" => () => me.Keys.ListAsync(Cancellation),
            "POST /v1/keys/fetch" => () => me.Keys.GetAsync(photos, Cancellation),
            _ => () => me.UnlockMethods.ListAsync(Cancellation),
        };

        hostile.Proxy.Lie = answer =>
        {
            if ($"{answer.Method} {answer.Path}" == call)
                answer.Edit(json => json["proof"] = "AQAA");
        };
        await Expect.AlarmAsync(Alarm.ProofInvalid, look);
        Assert.Equal(seen, await pins.GetAsync(me.Id, Cancellation));

        hostile.TellTheTruth();
        await look();
        Assert.NotEqual(seen, await pins.GetAsync(me.Id, Cancellation));
    }

    [Fact]
    public async Task Changes_that_another_device_made_cannot_be_hidden_behind_their_head()
    {
        await using var alice = new Person(hostile.Proxy.Address);
        var me = await alice.SignUpAsync();
        var there = await alice.UnlockAsync();
        var photos = (await me.Keys.GeneratePersonalAsync("photos", Cancellation)).Id;
        Assert.Single(await me.Keys.ListAsync(Cancellation));
        await there.Keys.SetStateAsync(photos, KeyState.Compromised, Cancellation);

        hostile.Proxy.Lie = answer =>
        {
            if (answer.Path == "/v1/changes")
                answer.Edit(json => (json["changes"], json["keys"]) = (new JsonArray(), new JsonArray()));
        };
        await Expect.AlarmAsync(Alarm.ProofInvalid, () => me.Keys.ListAsync(Cancellation));

        hostile.TellTheTruth();
        Assert.Equal(KeyState.Compromised, Assert.Single(await me.Keys.ListAsync(Cancellation)).State);
    }
}
