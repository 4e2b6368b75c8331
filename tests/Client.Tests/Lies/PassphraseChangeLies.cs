using System.Text;
using System.Text.Json.Nodes;
using Keyladder.Keys.Passphrases;
using Keyladder.Testing;
using static Keyladder.Client.Tests.Person;

namespace Keyladder.Client.Tests.Lies;

/// <summary>
/// A change of passphrase whose answer is false, late or not waited for. Whatever is said of it: afterwards the account opens with one of two
/// secrets, the client knows which, and goes on working; or it says that there is no telling.
/// </summary>
public sealed class PassphraseChangeLies(HostileKeystore hostile) : IClassFixture<HostileKeystore>
{
    [Theory]
    [InlineData(401, """{"type":"urn:keyladder:problem:sign-in-required","status":401}""")]
    [InlineData(422, """{"type":"urn:keyladder:problem:head-rejected","status":422}""")]
    [InlineData(409, """{"type":"urn:keyladder:problem:account-exists","status":409}""")]
    [InlineData(200, "<html>")]
    [InlineData(408, "<html>")]
    [InlineData(500, "")]
    public async Task A_change_that_landed_is_found_to_have_landed_whatever_the_answer_says(int status, string body)
    {
        await using var alice = new Person(hostile.Proxy.Address);
        var pins = new MemoryPinStore();
        var me = await alice.SignUpAsync(pins);
        using var next = NewDevice();
        hostile.Proxy.Lie = answer =>
        {
            if (answer.Path == "/v1/slots")
                (answer.Status, answer.Body) = (status, Encoding.UTF8.GetBytes(body));
        };
        await me.ChangePassphraseAsync(next, next, Cancellation);
        hostile.TellTheTruth();

        await me.Keys.GeneratePersonalAsync("afterwards", Cancellation);
        await OnlyOpensWithAsync(alice, pins, me, next);
    }

    [Fact]
    public async Task A_request_that_lands_after_the_client_has_given_up_on_it_has_landed()
    {
        await using var alice = new Person(hostile.Proxy.Address);
        var pins = new MemoryPinStore();
        await using var first = await alice.SignUpAsync(pins);
        using var client = new KeyladderClient(hostile.Proxy.Address, pins) { Timeout = TimeSpan.FromSeconds(2) };
        var me = await client.Account(first.Id).UnlockAsync(alice.Secret, Cancellation);
        using var next = NewDevice();
        using var landed = new ManualResetEventSlim();
        var sent = 0;
        hostile.Proxy.Block = call =>
        {
            if (call != "POST /v1/slots")
                return false;
            if (Interlocked.Increment(ref sent) == 1)
                Thread.Sleep(TimeSpan.FromSeconds(4));
            else
                landed.Wait(TimeSpan.FromSeconds(10), Cancellation);
            return false;
        };
        hostile.Proxy.Lie = answer =>
        {
            if (answer.Path == "/v1/slots")
                landed.Set();
        };
        await me.ChangePassphraseAsync(next, next, Cancellation);
        hostile.TellTheTruth();

        await me.Keys.GeneratePersonalAsync("afterwards", Cancellation);
        await OnlyOpensWithAsync(alice, pins, me, next);
    }

    [Fact]
    public async Task Who_stops_waiting_for_it_can_go_on_with_the_account()
    {
        await using var alice = new Person(hostile.Proxy.Address);
        var pins = new MemoryPinStore();
        var me = await alice.SignUpAsync(pins);
        using var next = NewDevice();
        using var patience = new CancellationTokenSource();
        hostile.Proxy.Lie = answer =>
        {
            if (answer.Path != "/v1/slots")
                return;
            patience.Cancel();
            Thread.Sleep(200);
        };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => me.ChangePassphraseAsync(next, next, patience.Token));
        hostile.TellTheTruth();

        await me.Keys.GeneratePersonalAsync("afterwards", Cancellation);
        await OnlyOpensWithAsync(alice, pins, me, next);
    }

    [Fact]
    public async Task A_secret_of_another_account_is_refused_and_the_account_goes_on_with_its_own()
    {
        await using var alice = new Person(hostile.Proxy.Address);
        await using var bob = new Person(hostile.Proxy.Address);
        var pins = new MemoryPinStore();
        var me = await alice.SignUpAsync(pins);
        await bob.SignUpAsync();

        await Expect.FailureAsync(FailureReason.AccountExists, () => me.ChangePassphraseAsync(bob.Secret, bob.Secret, Cancellation));

        await me.Keys.GeneratePersonalAsync("afterwards", Cancellation);
        Assert.Equal(me.Id, (await alice.Device(pins).Account().UnlockAsync(alice.Secret, Cancellation)).Id);
    }

    [Fact]
    public async Task D01_an_account_from_before_the_own_secret_was_added_is_a_rollback()
    {
        await using var alice = new Person(hostile.Proxy.Address);
        var pins = new MemoryPinStore();
        var me = await alice.SignUpAsync(pins);
        await me.UnlockMethods.ListAsync(Cancellation);
        var older = hostile.Proxy.Last("GET /v1/account")["head"]!.GetValue<string>();
        using var recovery = NewDevice();
        await me.UnlockMethods.AddAsync(recovery, recovery, Cancellation);
        await using var there = await alice.Device(pins).Account(me.Id).UnlockAsync(recovery, Cancellation);
        hostile.Proxy.Lie = answer =>
        {
            if (answer.Path is "/v1/account" or "/v1/changes" or "/v1/keys/fetch")
                answer.Edit(json => (json["head"], json["chain"]) = (older, new JsonArray()));
        };
        await Expect.AlarmAsync(Alarm.RolledBack, () => there.Keys.ListAsync(Cancellation));
        await Expect.AlarmAsync(Alarm.RolledBack, () => alice.Device(pins).Account(me.Id).UnlockAsync(recovery, Cancellation));
        Assert.Contains(await there.ExamineAsync(Cancellation), finding => finding.What == "the account's history" && !finding.IsGood);
        hostile.TellTheTruth();
    }

    [Fact]
    public async Task The_history_that_an_examination_is_shown_must_end_where_the_account_does()
    {
        await using var alice = new Person(hostile.Proxy.Address);
        var me = await alice.SignUpAsync(new MemoryPinStore());
        await me.UnlockMethods.ListAsync(Cancellation);
        var older = hostile.Proxy.Last("GET /v1/account").DeepClone().AsObject();
        await me.Keys.GeneratePersonalAsync("later", Cancellation);
        hostile.Proxy.Lie = answer =>
        {
            if (answer.Target == "/v1/account?since=0")
                answer.Json = older;
        };
        var history = (await me.ExamineAsync(Cancellation)).Single(finding => finding.What == "the account's history");
        hostile.TellTheTruth();
        Assert.Contains("as it was at change 1", history.Problem, StringComparison.Ordinal);
        Assert.All(await me.ExamineAsync(Cancellation), finding => Assert.True(finding.IsGood));
    }

    private static async Task OnlyOpensWithAsync(Person person, IPinStore pins, UnlockedAccount account, UnlockSecret secret)
    {
        await using var opened = await person.Device(pins).Account(account.Id).UnlockAsync(secret, Cancellation);
        Assert.Contains(await opened.Keys.ListAsync(Cancellation), key => key.Label == "afterwards");
        await Expect.FailureAsync(FailureReason.SignInFailed, () => person.Device(pins).Account(account.Id).UnlockAsync(person.Secret, Cancellation));
    }
}
