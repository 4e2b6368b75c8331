using Keyladder.Keys.Envelopes;
using Keyladder.Testing;
using static Keyladder.Client.Tests.Person;

namespace Keyladder.Client.Tests.Keys;

/// <summary>What things cost in calls to the service, whatever the account holds.</summary>
public sealed class CallCountTests(HostileKeystore keystore) : IClassFixture<HostileKeystore>
{
    [Fact]
    public async Task Each_task_takes_the_calls_it_needs_and_no_more()
    {
        await using var alice = new Person(keystore.Proxy.Address);
        UnlockedAccount me = null!;
        await AssertCallsAsync(["POST /v1/nonces", "POST /v1/accounts"], async () => me = await alice.SignUpAsync());

        await AssertCallsAsync(["POST /v1/keys/fetch", "POST /v1/changes"], () => me.Keys.GenerateManyAsync(
            [.. Enumerable.Repeat(new NewKey(KeyPurpose.PersonalDek), 1_000)], Cancellation));
        await AssertCallsAsync(["POST /v1/keys/fetch", "POST /v1/changes"], () => me.Keys.GeneratePersonalAsync("photos", Cancellation));
        await AssertCallsAsync(["GET /v1/changes"], () => me.Keys.ListAsync(Cancellation));
        await AssertCallsAsync(["GET /v1/changes"], () => me.Keys.ListAsync(Cancellation));
        await AssertCallsAsync(["POST /v1/keys/fetch", "POST /v1/changes"], () => me.Keys.GeneratePersonalAsync("letters", Cancellation));
        Assert.Empty(await ListedChangesAsync(me));

        var there = await alice.UnlockAsync();
        await AssertCallsAsync(["POST /v1/keys/fetch", "POST /v1/changes"], () => there.Keys.GeneratePersonalAsync("more", Cancellation));
        Assert.Single(await ListedChangesAsync(me));
        await AssertCallsAsync(["POST /v1/nonces", "POST /v1/sessions", "GET /v1/account"], () => alice.UnlockAsync());

        // 5,004 objects are more than a delta carries; and this device has seen an older head, from which no chain leads to this one without a look.
        await me.Keys.GenerateManyAsync([.. Enumerable.Repeat(new NewKey(KeyPurpose.PersonalDek), 4_000)], Cancellation);
        await AssertCallsAsync(["GET /v1/changes", "GET /v1/account", .. Enumerable.Repeat("POST /v1/keys/fetch", 6)], () => there.Keys.ListAsync(Cancellation));
    }

    [Fact]
    public async Task A_list_behind_the_pin_is_brought_up_and_verified()
    {
        await using var alice = new Person(keystore.Proxy.Address);
        var me = await alice.SignUpAsync();
        var there = await alice.UnlockAsync();
        var photos = (await me.Keys.GeneratePersonalAsync("photos", Cancellation)).Id;
        Assert.Single(await there.Keys.ListAsync(Cancellation));
        await me.Keys.RenameAsync(photos, "pictures", Cancellation);
        await me.Keys.GeneratePersonalAsync("letters", Cancellation);

        // The fetch moves the pin, the list stands where it was.
        Assert.Equal("pictures", (await there.Keys.GetAsync(photos, Cancellation)).Label);
        await me.Keys.DeleteAsync(photos, Cancellation);

        Assert.Equal("letters", Assert.Single(await there.Keys.ListAsync(Cancellation)).Label);
    }

    private async Task<System.Text.Json.Nodes.JsonArray> ListedChangesAsync(UnlockedAccount account)
    {
        await account.Keys.ListAsync(Cancellation);
        return keystore.Proxy.Last("GET /v1/changes")["changes"]!.AsArray();
    }

    private async Task AssertCallsAsync(string[] expected, Func<Task> task)
    {
        var before = keystore.Proxy.Calls.Count;
        await task();
        Assert.Equal(expected, keystore.Proxy.Calls.Skip(before));
    }
}
