using Keyladder.Keys.Vault;
using static Keyladder.Client.Tests.Person;
using static Keyladder.Client.Tests.Vaults.VaultTests;

namespace Keyladder.Client.Tests.Vaults;

/// <summary>A device that keeps a copy of its Vault, while the Vault cannot be reached and afterwards (docs/spec/local-store.md).</summary>
public sealed class OfflineTests(OfflineScene scene) : IClassFixture<OfflineScene>
{
    [Fact]
    public async Task Everything_is_read_without_the_Vault()
    {
        await using var alice = await scene.StartAsync();
        await alice.Vault.PutManyAsync([.. Enumerable.Range(0, 30).Select(number => Login($"Item {number:00}", $"secret {number}"))], Cancellation);

        scene.Cut();
        var vault = await alice.RestartAsync();

        Assert.True(vault.IsOffline);
        Assert.Equal(31, (await vault.ListAsync(Cancellation)).Count);
        Assert.Equal("first", await alice.PasswordAsync());
        Assert.Equal("Item 17", Assert.Single(await vault.SearchAsync("secret 17", inValues: true, Cancellation)).Name);
        Assert.Equal(31, await vault.ReadAllAsync(Cancellation).CountAsync(Cancellation));
        await Lies.Expect.FailureAsync(FailureReason.Unreachable, () => vault.SyncAsync(Cancellation));
    }

    [Fact]
    public async Task What_is_written_without_the_Vault_is_there_at_once_after_a_restart_and_on_every_device_later()
    {
        await using var alice = await scene.StartAsync();
        await alice.Vault.PutManyAsync([Login("Trash", "x"), Login("Gone", "x")], Cancellation);

        scene.Cut();
        await alice.RestartAsync();
        Assert.True((await alice.ChangeAsync("second")).IsQueued);
        Assert.True((await alice.ChangeAsync("third")).IsQueued);
        var made = await alice.Vault.PutAsync(Login("New", "new"), Cancellation);
        var items = (await alice.Vault.ListAsync(Cancellation)).ToDictionary(item => item.Name);
        await alice.Vault.PutAsync((await alice.Vault.GetAsync(items["Trash"].Id, Cancellation)).Edit() with { IsRemoved = true }, Cancellation);
        await alice.Vault.DeleteManyAsync([items["Gone"]], Cancellation);
        await CheckAsync(alice.Vault);
        await CheckAsync(await alice.RestartAsync());
        Assert.Equal(4, alice.Vault.Queued.Count);

        scene.Mend();
        await alice.Vault.SyncAsync(Cancellation);
        await CheckAsync(alice.Vault);
        await CheckAsync(await alice.OpenElsewhereAsync());
        Assert.Empty(alice.Vault.Queued);
        Assert.False(alice.Vault.IsOffline);
        Assert.Equal(2, (await alice.Vault.GetAsync(alice.Item, Cancellation)).Item.Revision);

        async Task CheckAsync(Client.Vault vault)
        {
            Assert.Equal("third", await alice.PasswordAsync(vault));
            Assert.Equal("new", (await vault.GetAsync(made.Id, Cancellation)).Find("password")!.GetText());
            var listed = (await vault.ListAsync(Cancellation)).ToDictionary(item => item.Name);
            Assert.Equal(["Bank", "New", "Trash"], listed.Keys.Order());
            Assert.NotNull(listed["Trash"].Removed);
        }
    }

    [Fact]
    public async Task What_two_devices_changed_apart_goes_together()
    {
        await using var alice = await scene.StartAsync();
        var there = await alice.OpenElsewhereAsync();
        scene.Cut();
        await alice.RestartAsync();
        await alice.Vault.PutAsync((await alice.Vault.GetAsync(alice.Item, Cancellation)).Edit() with { Name = "My bank" }, Cancellation);
        scene.Mend();
        await alice.ChangeAsync("elsewhere", there);

        await alice.Vault.SyncAsync(Cancellation);

        var both = Assert.Single(await there.ListAsync(Cancellation));
        Assert.Equal(("My bank", "elsewhere"), (both.Name, await alice.PasswordAsync(there)));
    }

    [Fact]
    public async Task What_two_devices_changed_otherwise_is_kept_twice_and_once_only_though_the_acknowledgement_was_lost()
    {
        await using var alice = await scene.StartAsync();
        var there = await alice.OpenElsewhereAsync();
        scene.Cut();
        await alice.RestartAsync();
        await alice.ChangeAsync("offline");
        scene.Mend();
        await alice.ChangeAsync("elsewhere", there);

        // Stored at the Vault, and the device never hears of it.
        scene.Hostile.Proxy.Lie = answer => answer.Lost = answer is { Method: "POST", Path: "/v1/changes" };
        await alice.RestartAsync();
        Assert.Single(alice.Vault.Queued);
        scene.Mend();
        await alice.RestartAsync();
        await alice.Vault.SyncAsync(Cancellation);

        Assert.Empty(alice.Vault.Queued);
        Assert.Equal("elsewhere", await alice.PasswordAsync(there));
        var items = await there.ListAsync(Cancellation);
        var other = Assert.Single(items, item => item.ConflictOf == alice.Item);
        Assert.Equal(2, items.Count);
        Assert.Equal("offline", (await there.GetAsync(other.Id, Cancellation)).Find("password")!.GetText());
    }

    [Fact]
    public async Task What_another_device_changed_is_not_deleted_by_one_that_did_not_know()
    {
        await using var alice = await scene.StartAsync();
        var there = await alice.OpenElsewhereAsync();
        scene.Cut();
        await alice.RestartAsync();
        await alice.Vault.DeleteManyAsync(await alice.Vault.ListAsync(Cancellation), Cancellation);
        Assert.Empty(await alice.Vault.ListAsync(Cancellation));
        scene.Mend();
        await alice.ChangeAsync("elsewhere", there);

        await alice.Vault.SyncAsync(Cancellation);

        Assert.Empty(alice.Vault.Queued);
        Assert.Equal("elsewhere", await alice.PasswordAsync());
    }

    [Fact]
    public async Task What_is_deleted_elsewhere_and_was_changed_here_is_kept()
    {
        await using var alice = await scene.StartAsync();
        var there = await alice.OpenElsewhereAsync();
        scene.Cut();
        await alice.RestartAsync();
        await alice.ChangeAsync("kept");
        scene.Mend();
        await there.DeleteManyAsync(await there.ListAsync(Cancellation), Cancellation);

        await alice.Vault.SyncAsync(Cancellation);

        var kept = Assert.Single(await there.ListAsync(Cancellation));
        Assert.Equal("kept", (await there.GetAsync(kept.Id, Cancellation)).Find("password")!.GetText());
    }

    [Fact]
    public async Task Only_what_changed_is_fetched_after_a_restart()
    {
        await using var alice = await scene.StartAsync();
        await alice.Vault.PutManyAsync([.. Enumerable.Range(0, 30).Select(number => Login($"Item {number:00}", $"secret {number}"))], Cancellation);
        var there = await alice.OpenElsewhereAsync();
        await alice.ChangeAsync("changed", there);

        var seen = await scene.Hostile.Proxy.RecordAsync(async () => await (await alice.RestartAsync()).ReadAllAsync(Cancellation).CountAsync(Cancellation));

        Assert.Equal(2, seen.Answers(VaultScene.Changes).First()["changes"]!.AsArray().Count);
        Assert.All(seen.Answers(VaultScene.Fetch), answer => Assert.Empty(answer["objects"]!.AsArray()));
        Assert.Equal("changed", await alice.PasswordAsync());
    }

    [Fact]
    public async Task J07_what_a_stale_device_wrote_is_sealed_by_the_key_that_was_made_meanwhile_and_nothing_is_lost()
    {
        await using var alice = await scene.StartAsync();
        var old = (await alice.Vault.GetAsync(alice.Item, Cancellation)).Item.Stored.Dek;
        scene.Cut();
        await alice.RestartAsync();
        await alice.ChangeAsync("offline");
        scene.Mend();
        var elsewhere = await alice.Person.UnlockAsync();
        await elsewhere.Vaults.ReplaceKeyAsync(scene.Hostile.Proxy.Address, cancellationToken: Cancellation);

        await alice.Vault.SyncAsync(Cancellation);

        Assert.Empty(alice.Vault.Queued);
        await using var there = await elsewhere.Vaults.OpenAsync(scene.Hostile.Proxy.Address, cancellationToken: Cancellation);
        var other = (await there.PutAsync(Login("Other", "elsewhere"), Cancellation)).Id;
        var sent = (await there.GetAsync(alice.Item, Cancellation)).Item.Stored.Dek;
        Assert.NotEqual(old, sent);
        Assert.Equal((await there.GetAsync(other, Cancellation)).Item.Stored.Dek, sent);
        Assert.Equal("offline", await alice.PasswordAsync(there));
        Assert.Equal("elsewhere", (await alice.Vault.GetAsync(other, Cancellation)).Find("password")!.GetText());
        scene.Cut();
        await alice.RestartAsync();
        Assert.Equal("offline", await alice.PasswordAsync());
    }

    [Fact]
    public async Task Without_a_copy_nothing_is_promised_offline()
    {
        await using var alice = await scene.StartAsync();
        var there = await alice.OpenElsewhereAsync();
        scene.Cut();

        await Lies.Expect.FailureAsync(FailureReason.Unreachable, () => there.PutAsync(Login("New", "new"), Cancellation));
        await Lies.Expect.FailureAsync(FailureReason.Unreachable, () => there.ListAsync(Cancellation));
        Assert.Empty(there.Queued);
    }
}
