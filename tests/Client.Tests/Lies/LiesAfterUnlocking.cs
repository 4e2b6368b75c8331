using System.Buffers.Text;
using System.Text.Json.Nodes;
using Keyladder.Cryptography;
using Keyladder.Keys.Envelopes;
using Keyladder.Testing;
using static Keyladder.Client.Tests.Person;

namespace Keyladder.Client.Tests.Lies;

/// <summary>What a hostile service can show beside a genuine head and a genuine proof, once an account is unlocked.</summary>
public sealed class LiesAfterUnlocking(HostileKeystore hostile) : IClassFixture<HostileKeystore>, IDisposable
{
    // A test that fails leaves no lie behind for the next.
    public void Dispose() => hostile.TellTheTruth();

    [Theory, InlineData("wrapped", true), InlineData("wrapped", false), InlineData("id", true), InlineData("id", false)]
    public async Task The_slot_is_the_one_that_was_unlocked_and_its_wrapped_KEK_the_one_that_opened(string member, bool signedUp)
    {
        await using var alice = new Person(hostile.Proxy.Address);
        var pins = new MemoryPinStore();
        var me = await alice.SignUpAsync(pins);
        if (!signedUp)
            me = await alice.UnlockAsync(pins);
        var before = await pins.GetAsync(me.Id, Cancellation);
        using var recovery = NewDevice();
        var told = 0;

        hostile.Proxy.Lie = answer =>
        {
            if (answer.Path != "/v1/account")
                return;
            answer.Edit(json => Change(json["slot"]!, member));
            told++;
        };
        await Expect.AlarmAsync(Alarm.DoesNotOpen, () => me.UnlockMethods.ListAsync(Cancellation));
        await Expect.AlarmAsync(Alarm.DoesNotOpen, () => me.UnlockMethods.AddAsync(recovery, recovery, Cancellation));
        Assert.Contains(await me.ExamineAsync(Cancellation), finding => !finding.IsGood);
        hostile.TellTheTruth();

        Assert.NotEqual(0, told);
        Assert.Equal(before, await pins.GetAsync(me.Id, Cancellation));
        Assert.Single(await me.UnlockMethods.ListAsync(Cancellation));
    }

    [Theory, InlineData("POST /v1/keys/fetch"), InlineData("GET /v1/changes")]
    public async Task A_key_that_is_shown_as_it_was_and_as_it_is_counts_in_neither_form(string call)
    {
        await using var alice = new Person(hostile.Proxy.Address);
        var me = await alice.SignUpAsync();
        var photos = (await me.Keys.GeneratePersonalAsync("photos", Cancellation)).Id;
        await me.Keys.GetAsync(photos, Cancellation);
        var old = hostile.Proxy.Last("POST /v1/keys/fetch")["keys"]![0]!.AsObject();
        await me.Keys.SetStateAsync(photos, KeyState.Compromised, Cancellation);

        // The last one fits the proof; the first one is what a reader would take that looks for the id.
        hostile.Proxy.Lie = answer =>
        {
            if ($"{answer.Method} {answer.Path}" == call)
                answer.Edit(json => json["keys"]!.AsArray().Insert(0, old.DeepClone()));
        };
        await Expect.AlarmAsync(Alarm.ObjectInvalid, () => call.StartsWith("GET", StringComparison.Ordinal) ? me.Keys.ListAsync(Cancellation) : me.Keys.GetAsync(photos, Cancellation));
        hostile.TellTheTruth();

        Assert.Equal(KeyState.Compromised, (await me.Keys.GetAsync(photos, Cancellation)).State);
    }

    [Theory, InlineData("POST /v1/keys/fetch", Alarm.ProofInvalid), InlineData("GET /v1/changes", Alarm.ObjectInvalid)]
    public async Task A08_a_key_that_was_just_made_is_not_another_one_the_next_time(string call, Alarm alarm)
    {
        await using var alice = new Person(hostile.Proxy.Address);
        var pins = new MemoryPinStore();
        var me = await alice.SignUpAsync(pins);
        var (made, known) = ((await me.Keys.GenerateSharingAsync("made", Cancellation)).Id, (await me.Keys.GenerateSharingAsync("known", Cancellation)).Id);
        await me.Keys.GetAsync(known, Cancellation);
        var other = hostile.Proxy.Last("POST /v1/keys/fetch")["keys"]![0]!.AsObject();
        var before = await pins.GetAsync(me.Id, Cancellation);

        // Under the id of the new one, a key that the service has seen more of.
        var there = await alice.UnlockAsync(pins);
        hostile.Proxy.Lie = answer =>
        {
            if ($"{answer.Method} {answer.Path}" != call)
                return;
            answer.Edit(json =>
            {
                foreach (var key in json["keys"]!.AsArray().Where(key => key!["id"]!.GetValue<string>() == made.ToString()))
                    (key!["wrapped"], key["overview"]) = (other["wrapped"]!.DeepClone(), other["overview"]!.DeepClone());
            });
        };
        await Expect.AlarmAsync(alarm, () => call.StartsWith("GET", StringComparison.Ordinal) ? there.Keys.ListAsync(Cancellation) : there.Keys.GetSharingAsync(made, Cancellation));
        hostile.TellTheTruth();

        Assert.Equal(before, await pins.GetAsync(me.Id, Cancellation));
        Assert.Equal(made, (await there.Keys.GetSharingAsync(made, Cancellation)).Id);
    }

    // An id of the right form, and an envelope of the right length: the form is not what is tried here.
    private static void Change(JsonNode slot, string member)
    {
        if (member == "id")
        {
            slot["id"] = SlotId.Generate().ToString();
            return;
        }

        var wrapped = Base64Url.DecodeFromChars(slot[member]!.GetValue<string>());
        wrapped[^1] ^= 1;
        slot[member] = Base64Url.EncodeToString(wrapped);
    }
}
