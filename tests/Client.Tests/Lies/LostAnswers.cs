using Keyladder.Cryptography;
using Keyladder.Keys.Envelopes;
using Keyladder.Testing;
using static Keyladder.Client.Tests.Person;

namespace Keyladder.Client.Tests.Lies;

/// <summary>The network fails before, during and after calls, and other devices come first.</summary>
public sealed class LostAnswers(HostileKeystore hostile) : IClassFixture<HostileKeystore>
{
    [Fact]
    public async Task A_write_whose_answer_is_lost_has_landed_once()
    {
        await using var alice = new Person(hostile.Proxy.Address);
        var me = await alice.SignUpAsync();
        Lose("POST /v1/changes", times: 2);

        var photos = await me.Keys.GeneratePersonalAsync("photos", Cancellation);
        await me.Keys.SetStateAsync(photos.Id, KeyState.Deactivated, Cancellation);

        var key = Assert.Single(await (await alice.UnlockAsync()).Keys.ListAsync(Cancellation));
        Assert.Equal((photos.Id, KeyState.Deactivated), (key.Id, key.State));
    }

    [Fact]
    public async Task A_write_whose_every_answer_is_lost_is_reported_and_seen_by_the_next_look()
    {
        await using var alice = new Person(hostile.Proxy.Address);
        var me = await alice.SignUpAsync();
        Lose("POST /v1/changes", times: 3);

        await Expect.FailureAsync(FailureReason.Unreachable, () => me.Keys.GeneratePersonalAsync("photos", Cancellation));

        Assert.Equal("photos", Assert.Single(await me.Keys.ListAsync(Cancellation)).Label);
        await me.Keys.GeneratePersonalAsync("letters", Cancellation);
        Assert.Equal(2, (await me.Keys.ListAsync(Cancellation)).Count);
    }

    [Fact]
    public async Task Reads_are_asked_again_and_give_up_in_the_end()
    {
        await using var alice = new Person(hostile.Proxy.Address);
        var me = await alice.SignUpAsync();

        Lose("GET /v1/changes", times: 2);
        Assert.Empty(await me.Keys.ListAsync(Cancellation));
        Lose("GET /v1/changes", times: 3);
        await Expect.FailureAsync(FailureReason.Unreachable, () => me.Keys.ListAsync(Cancellation));
        Assert.Empty(await me.Keys.ListAsync(Cancellation));
    }

    [Fact]
    public async Task What_may_not_be_sent_twice_is_sent_once()
    {
        await using var alice = new Person(hostile.Proxy.Address);
        var me = await alice.SignUpAsync();
        var other = await alice.UnlockAsync();
        var session = (await other.Sessions.ListAsync(Cancellation)).Single(session => session.Current).Id;
        Lose($"DELETE /v1/sessions/{session}", times: 1);

        await Expect.FailureAsync(FailureReason.Unreachable, () => me.Sessions.RevokeAsync(session, Cancellation));

        Assert.Single(hostile.Proxy.Calls, call => call == $"DELETE /v1/sessions/{session}");
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task A_sign_up_that_is_cut_off_is_the_same_account_in_the_end(bool landed)
    {
        await using var alice = new Person(hostile.Proxy.Address);
        Fail("POST /v1/accounts", times: 2, landed);

        var me = await alice.SignUpAsync();
        await me.Keys.GeneratePersonalAsync("photos", Cancellation);

        var there = await alice.UnlockAsync();
        Assert.Equal(me.Id, there.Id);
        Assert.Single(await there.Keys.ListAsync(Cancellation));
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task A_change_of_passphrase_that_is_cut_off_is_made_in_the_end(bool landed)
    {
        await using var alice = new Person(hostile.Proxy.Address);
        var pins = new MemoryPinStore();
        var me = await alice.SignUpAsync(pins);
        var photos = await me.Keys.GeneratePersonalAsync("photos", Cancellation);
        using var next = NewDevice();
        Fail("POST /v1/slots", times: 1, landed);

        await me.ChangePassphraseAsync(next, next, Cancellation);

        Assert.Single(await me.Keys.ListAsync(Cancellation));
        await Expect.FailureAsync(FailureReason.SignInFailed, () => alice.UnlockAsync());
        await using var there = await alice.Device(pins).Account(me.Id).UnlockAsync(next, Cancellation);
        Assert.Equal(photos.Id, Assert.Single(await there.Keys.ListAsync(Cancellation)).Id);
        Assert.Single(await there.UnlockMethods.ListAsync(Cancellation));
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task Where_nobody_can_tell_whether_the_passphrase_was_changed_the_person_is_told_so(bool landed)
    {
        await using var alice = new Person(hostile.Proxy.Address);
        var pins = new MemoryPinStore();
        var me = await alice.SignUpAsync(pins);
        using var next = NewDevice();
        var before = await pins.GetAsync(me.Id, Cancellation);
        var cut = false;
        hostile.Proxy.Lie = answer => answer.Lost = cut |= landed && answer.Path == "/v1/slots";
        hostile.Proxy.Block = call => cut |= !landed && call == "POST /v1/slots";

        await Expect.FailureAsync(FailureReason.OutcomeUnknown, () => me.ChangePassphraseAsync(next, next, Cancellation));
        hostile.TellTheTruth();

        Assert.Equal(before, await pins.GetAsync(me.Id, Cancellation));
        await using var there = await alice.Device(pins).Account(me.Id).UnlockAsync(landed ? next : alice.Secret, Cancellation);
        Assert.Equal(me.Id, there.Id);
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task A_recovery_key_whose_answer_is_lost_is_added_once(bool landed)
    {
        await using var alice = new Person(hostile.Proxy.Address);
        var me = await alice.SignUpAsync();
        using var recovery = NewDevice();
        Fail("POST /v1/slots", times: 1, landed);

        var added = await me.UnlockMethods.AddAsync(recovery, recovery, Cancellation);

        Assert.Equal([added.Id], from method in await me.UnlockMethods.ListAsync(Cancellation) where !method.Current select method.Id);
        await using var there = await alice.Device().Account(me.Id).UnlockAsync(recovery, Cancellation);
        Assert.Equal(me.Id, there.Id);
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task A_deletion_that_is_cut_off_is_told_as_it_was(bool landed)
    {
        await using var alice = new Person(hostile.Proxy.Address);
        var pins = new MemoryPinStore();
        var me = await alice.SignUpAsync(pins);
        Fail("POST /v1/account/deletion", times: 1, landed);

        if (!landed)
        {
            await Expect.FailureAsync(FailureReason.Unreachable, () => me.DeleteAsync(Cancellation));
            Assert.Empty(await me.Keys.ListAsync(Cancellation));
            Assert.NotNull((await me.DeleteAsync(Cancellation)).Day);
        }
        else
        {
            var deleted = await me.DeleteAsync(Cancellation);
            Assert.Null(deleted.Day);
            Assert.Empty(deleted.Rows);
        }

        Assert.True((await pins.GetAsync(me.Id, Cancellation))!.IsDeleted);
        await Expect.FailureAsync(FailureReason.SignInFailed, () => alice.UnlockAsync());
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task Where_nobody_can_tell_whether_the_account_was_deleted_the_person_is_told_so(bool landed)
    {
        await using var alice = new Person(hostile.Proxy.Address);
        var me = await alice.SignUpAsync();
        var cut = false;
        hostile.Proxy.Lie = answer => answer.Lost = cut |= landed && answer.Path == "/v1/account/deletion";
        hostile.Proxy.Block = call => cut |= !landed && call == "POST /v1/account/deletion";

        await Expect.FailureAsync(FailureReason.OutcomeUnknown, () => me.DeleteAsync(Cancellation));
        hostile.TellTheTruth();

        if (landed)
            await Expect.FailureAsync(FailureReason.SignInFailed, () => alice.UnlockAsync());
        else
            await me.DeleteAsync(Cancellation);
    }

    [Fact]
    public async Task Who_loses_a_race_verifies_the_winner_and_comes_next()
    {
        await using var alice = new Person(hostile.Proxy.Address);
        var (me, there, photos) = await WithTwoDevicesAsync(alice);
        BetweenLookAndWrite(() => there.Keys.RenameAsync(photos, "pictures", Cancellation));

        await me.Keys.SetStateAsync(photos, KeyState.Deactivated, Cancellation);
        hostile.TellTheTruth();

        var key = await there.Keys.GetAsync(photos, Cancellation);
        Assert.Equal(("pictures", KeyState.Deactivated), (key.Label, key.State));
    }

    [Fact]
    public async Task Two_devices_that_delete_the_same_key_at_once_have_both_deleted_it()
    {
        await using var alice = new Person(hostile.Proxy.Address);
        var (me, there, photos) = await WithTwoDevicesAsync(alice);
        BetweenLookAndWrite(() => there.Keys.DeleteAsync(photos, Cancellation));

        // Both sign the very same head, so that the second finds its own.
        await me.Keys.DeleteAsync(photos, Cancellation);
        hostile.TellTheTruth();

        Assert.Empty(await me.Keys.ListAsync(Cancellation));
        Assert.Empty(await there.Keys.ListAsync(Cancellation));
        await Expect.FailureAsync(FailureReason.NotFound, () => me.Keys.DeleteAsync(photos, Cancellation));
    }

    [Fact]
    public async Task Who_finds_a_key_gone_that_it_was_about_to_change_says_so()
    {
        await using var alice = new Person(hostile.Proxy.Address);
        var (me, there, photos) = await WithTwoDevicesAsync(alice);
        BetweenLookAndWrite(() => there.Keys.DeleteAsync(photos, Cancellation));

        await Expect.FailureAsync(FailureReason.NotFound, () => me.Keys.RenameAsync(photos, "pictures", Cancellation));
        hostile.TellTheTruth();

        Assert.Empty(await me.Keys.ListAsync(Cancellation));
    }

    [Fact]
    public async Task A_cancelled_call_sends_nothing_more()
    {
        await using var alice = new Person(hostile.Proxy.Address);
        var me = await alice.SignUpAsync();
        using var cancel = new CancellationTokenSource();
        hostile.Proxy.Lie = answer =>
        {
            if (answer.Path == "/v1/keys/fetch")
                cancel.Cancel();
        };

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => me.Keys.GeneratePersonalAsync("photos", cancel.Token));
        hostile.TellTheTruth();

        Assert.Empty(await me.Keys.ListAsync(Cancellation));
    }

    private static async Task<(UnlockedAccount Me, UnlockedAccount There, KeyId Photos)> WithTwoDevicesAsync(Person alice)
    {
        var me = await alice.SignUpAsync();
        var photos = await me.Keys.GeneratePersonalAsync("photos", Cancellation);
        return (me, await alice.UnlockAsync(), photos.Id);
    }

    /// <summary>Once, after the service has answered this device's look, and before its write.</summary>
    private void BetweenLookAndWrite(Func<Task> another)
    {
        var raced = 0;
        hostile.Proxy.Lie = answer =>
        {
            if (answer.Path == "/v1/keys/fetch" && Interlocked.Exchange(ref raced, 1) == 0)
                Task.Run(another).GetAwaiter().GetResult();
        };
    }

    private void Lose(string call, int times) => Fail(call, times, landed: true);

    /// <summary>Cuts the connection after the service has done what it was asked, or before it hears of it.</summary>
    private void Fail(string call, int times, bool landed)
    {
        if (landed)
            hostile.Proxy.Lie = answer => answer.Lost = $"{answer.Method} {answer.Path}" == call && times-- > 0;
        else
            hostile.Proxy.Block = blocked => blocked == call && times-- > 0;
    }
}
