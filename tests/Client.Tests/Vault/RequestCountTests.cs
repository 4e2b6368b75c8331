using Keyladder.Keys.Vault;
using Keyladder.Testing;
using static Keyladder.Client.Tests.Person;
using static Keyladder.Client.Tests.Vaults.VaultTests;

namespace Keyladder.Client.Tests.Vaults;

/// <summary>One item or many: one call, with a copy on the device and without one. Witnesses are left beside them, once a minute.</summary>
public sealed class RequestCountTests(OfflineScene scene) : IClassFixture<OfflineScene>
{
    private const string Write = "POST /v1/changes";

    [Theory, InlineData(false), InlineData(true)]
    public async Task Everything_takes_one_call(bool keepsCopy)
    {
        await using var alice = await scene.StartAsync();
        await alice.Vault.PutManyAsync([.. Enumerable.Range(0, 20).Select(number => Login($"Item {number:00}", $"secret {number}"))], Cancellation);
        var vault = keepsCopy ? alice.Vault : await alice.OpenElsewhereAsync();
        IReadOnlyList<VaultItem> items = [];
        IReadOnlyList<OpenedItem> opened = [];
        // Where nothing is kept an item is fetched, and what is fetched says which state is the newest.
        var fetch = keepsCopy ? VaultScene.Changes : VaultScene.Fetch;

        await TakesAsync(VaultScene.Changes, async () => items = await vault.ListAsync(Cancellation));
        await TakesAsync(fetch, () => vault.GetAsync(items[0].Id, Cancellation));
        await TakesAsync(VaultScene.Changes, () => vault.GetAsync(items[0].Id, Cancellation));
        await TakesAsync(fetch, async () => opened = await vault.GetManyAsync([.. items.Select(item => item.Id)], Cancellation));
        Assert.Equal(21, opened.Count);
        await TakesAsync(Write, () => vault.PutAsync(Login("New", "new"), Cancellation));
        await TakesAsync(Write, () => vault.PutManyAsync([Login("One", "1"), Login("Two", "2"), Login("Three", "3")], Cancellation));
        await TakesAsync(Write, () => vault.PutAsync(opened[0].Edit().With(ItemAttribute.Text("password", "changed")), Cancellation));
        await TakesAsync(Write, () => vault.PutManyAsync([.. opened.Skip(1).Take(10).Select(item => item.Edit() with { Tags = ["changed"] })], Cancellation));
        await TakesAsync(VaultScene.Changes, async () => items = await vault.ListAsync(Cancellation));
        await TakesAsync(Write, () => vault.DeleteManyAsync([items[0]], Cancellation));
        await TakesAsync(Write, () => vault.DeleteManyAsync([.. items.Skip(1)], Cancellation));
        Assert.Empty(await vault.ListAsync(Cancellation));
    }

    /// <summary>What one call shows must not be older than what has been seen, nor hide what another device wrote.</summary>
    [Fact]
    public async Task An_item_that_another_device_has_changed_deleted_or_made_is_read_as_it_is_now()
    {
        await using var alice = await scene.StartAsync();
        var ids = (await alice.Vault.PutManyAsync([Login("Changed", "old"), Login("Deleted", "x"), Login("Other", "x")], Cancellation)).Select(written => written.Id).ToList();
        var vault = await alice.OpenElsewhereAsync();
        var changed = await alice.Vault.GetAsync(ids[0], Cancellation);
        await alice.Vault.PutAsync(changed.Edit().With(ItemAttribute.Text("password", "new")), Cancellation);

        var seen = await scene.Hostile.Proxy.RecordAsync(async () => Assert.Equal("new", (await vault.GetAsync(ids[0], Cancellation)).Find("password")!.GetText()));
        Assert.Equal([VaultScene.Fetch, VaultScene.Changes, VaultScene.Fetch], seen.Calls.Where(IsCounted));

        await alice.Vault.DeleteManyAsync([(await alice.Vault.GetAsync(ids[1], Cancellation)).Item], Cancellation);
        await Lies.Expect.FailureAsync(FailureReason.NotFound, () => vault.GetAsync(ids[1], Cancellation));
        var made = (await alice.Vault.PutAsync(Login("Made", "made"), Cancellation)).Id;
        Assert.Equal(["made", "x"], (await vault.GetManyAsync([made, ids[2]], Cancellation)).Select(item => item.Find("password")!.GetText()));
    }

    /// <summary>Two Vaults with the same pins: one has seen what the other holds nothing of.</summary>
    [Fact]
    public async Task D08_a_copy_that_is_older_than_the_pin_is_not_taken_for_the_newest_because_the_Vault_shows_it_too()
    {
        await using var alice = await scene.StartAsync();
        var pins = new MemoryPinStore();
        var account = await alice.Person.UnlockAsync(pins);
        await using var vault = await account.Vaults.OpenAsync(scene.Hostile.Proxy.Address, cancellationToken: Cancellation);
        var before = await scene.Hostile.KeepAsync();
        await alice.ChangeAsync("new");
        await using (await (await alice.Person.UnlockAsync(pins)).Vaults.OpenAsync(scene.Hostile.Proxy.Address, cancellationToken: Cancellation))
            scene.Hostile.Proxy.StandBefore(before);

        await Lies.Expect.AlarmAsync(Alarm.RolledBack, () => vault.GetAsync(alice.Item, Cancellation));
    }

    private async Task TakesAsync(string call, Func<Task> something)
    {
        Recording? atVault = null;
        var atKeystore = await scene.Keystore.Proxy.RecordAsync(async () => atVault = await scene.Hostile.Proxy.RecordAsync(something));
        Assert.Equal([call], atVault!.Calls.Where(IsCounted));
        Assert.DoesNotContain(atKeystore.Calls, IsCounted);
    }

    private static bool IsCounted(string call) => !call.EndsWith(" /v1/witness", StringComparison.Ordinal);
}
