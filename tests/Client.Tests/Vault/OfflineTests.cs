using System.Text.Json;
using Keyladder.Keys.Vault;
using Keyladder.Protocol;
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
    public async Task A_write_whose_acknowledgement_was_lost_is_one_write()
    {
        await using var alice = await scene.StartAsync();
        scene.Hostile.Proxy.Lie = answer => answer.Lost = answer is { Method: "POST", Path: "/v1/changes" };
        Assert.True((await alice.Vault.PutAsync(Login("New", "new"), Cancellation)).IsQueued);
        scene.Mend();

        await alice.Vault.SyncAsync(Cancellation);

        Assert.Equal(["Bank", "New"], (await (await alice.OpenElsewhereAsync()).ListAsync(Cancellation)).Select(item => item.Name));
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
    public async Task What_contradicts_itself_on_one_device_is_kept_twice_and_says_so_everywhere()
    {
        await using var alice = await scene.StartAsync();
        scene.Cut();
        await alice.RestartAsync();
        var before = await alice.Vault.GetAsync(alice.Item, Cancellation);
        await alice.Vault.PutAsync(before.Edit().With(ItemAttribute.Text("password", "one")), Cancellation);
        var written = await alice.Vault.PutAsync(before.Edit().With(ItemAttribute.Text("password", "other")), Cancellation);
        Assert.Equal(2, (await alice.Vault.ListAsync(Cancellation)).Count);
        scene.Mend();

        await alice.Vault.SyncAsync(Cancellation);

        var there = await alice.OpenElsewhereAsync();
        Assert.Equal("one", await alice.PasswordAsync(there));
        var other = await there.GetAsync(written.Conflict!.Value, Cancellation);
        Assert.Equal((alice.Item, "other"), (other.Item.ConflictOf!.Value, other.Find("password")!.GetText()));
        Assert.Equal(2, (await there.ListAsync(Cancellation)).Count);
    }

    [Fact]
    public async Task What_the_Vault_refuses_waits_is_told_and_can_be_given_up()
    {
        await using var alice = await scene.StartAsync();
        scene.Cut();
        await alice.RestartAsync();
        var made = await alice.Vault.PutAsync(Login("New", "new"), Cancellation);
        scene.Mend();
        RefuseWrites();

        await alice.Vault.SyncAsync(Cancellation);
        Assert.Equal(FailureReason.QuotaExceeded, alice.Vault.Refusal!.Reason);
        Assert.Equal([made.Id], alice.Vault.Queued);
        Assert.Equal(2, (await alice.Vault.ListAsync(Cancellation)).Count);

        // What is asked for now is refused now, and does not wait.
        await Lies.Expect.FailureAsync(FailureReason.QuotaExceeded, () => alice.ChangeAsync("refused"));
        Assert.Equal([made.Id], alice.Vault.Queued);
        Assert.Equal("first", await alice.PasswordAsync());

        Assert.True(await alice.Vault.DiscardAsync(made.Id, Cancellation));
        scene.Mend();
        await alice.RestartAsync();
        Assert.Single(await alice.Vault.ListAsync(Cancellation));
        Assert.Null(alice.Vault.Refusal);
    }

    [Fact]
    public async Task A_refused_change_of_what_waits_leaves_that_waiting()
    {
        await using var alice = await scene.StartAsync();
        scene.Cut();
        await alice.RestartAsync();
        await alice.ChangeAsync("waits");
        scene.Mend();
        RefuseWrites();

        await Lies.Expect.FailureAsync(FailureReason.QuotaExceeded, async () =>
        {
            await alice.Vault.SyncAsync(Cancellation);
            await alice.ChangeAsync("refused");
        });

        Assert.Equal("waits", await alice.PasswordAsync());
        scene.Mend();
        await alice.RestartAsync();
        Assert.Equal("waits", await alice.PasswordAsync(await alice.OpenElsewhereAsync()));
    }

    [Fact]
    public async Task What_was_sent_does_not_wait_again_because_what_came_after_it_was_refused()
    {
        await using var alice = await scene.StartAsync();
        scene.Cut();
        await alice.RestartAsync();
        await alice.Vault.PutAsync(Login("New", "new"), Cancellation);
        scene.Mend();
        RefuseWrites();
        await alice.Vault.SyncAsync(Cancellation);
        var writes = 0;
        RefuseWrites(() => ++writes == 2);

        await Lies.Expect.FailureAsync(FailureReason.QuotaExceeded, () => alice.ChangeAsync("refused"));

        Assert.Equal(2, writes);
        Assert.Empty(alice.Vault.Queued);
        Assert.Equal("first", await alice.PasswordAsync());
        scene.Mend();
        await alice.RestartAsync();
        Assert.Empty(alice.Vault.Queued);
        Assert.Equal(2, (await (await alice.OpenElsewhereAsync()).ListAsync(Cancellation)).Count);
    }

    [Fact]
    public async Task Of_several_deletions_only_that_of_what_was_changed_elsewhere_is_dropped()
    {
        await using var alice = await scene.StartAsync();
        await alice.Vault.PutAsync(Login("Gone", "x"), Cancellation);
        var there = await alice.OpenElsewhereAsync();
        scene.Cut();
        await alice.RestartAsync();
        await alice.Vault.DeleteManyAsync(await alice.Vault.ListAsync(Cancellation), Cancellation);
        scene.Mend();
        await alice.ChangeAsync("elsewhere", there);

        await alice.Vault.SyncAsync(Cancellation);

        Assert.Equal("Bank", Assert.Single(await there.ListAsync(Cancellation)).Name);
        Assert.Equal("elsewhere", await alice.PasswordAsync());
    }

    [Fact]
    public async Task What_is_deleted_before_its_acknowledgement_was_heard_is_deleted_where_it_has_arrived()
    {
        await using var alice = await scene.StartAsync();
        scene.Hostile.Proxy.Lie = answer => answer.Lost = answer is { Method: "POST", Path: "/v1/changes" };
        var made = await alice.Vault.PutAsync(Login("New", "new"), Cancellation);
        Assert.True(made.IsQueued);
        await alice.Vault.DeleteManyAsync([.. (await alice.Vault.ListAsync(Cancellation)).Where(item => item.Id == made.Id)], Cancellation);
        scene.Mend();

        await alice.Vault.SyncAsync(Cancellation);

        Assert.Equal("Bank", Assert.Single(await (await alice.OpenElsewhereAsync()).ListAsync(Cancellation)).Name);
    }

    [Fact]
    public async Task A_write_of_several_items_waits_and_lands_as_one()
    {
        await using var alice = await scene.StartAsync();
        scene.Cut();
        await alice.RestartAsync();
        var change = alice.Vault.Change;
        var written = await alice.Vault.PutManyAsync([.. Enumerable.Range(0, 5).Select(number => Login($"Item {number}", "x"))], Cancellation);
        Assert.All(written, each => Assert.True(each.IsQueued));
        scene.Mend();

        await alice.Vault.SyncAsync(Cancellation);

        Assert.Equal(change + 1, alice.Vault.Change);
        Assert.Equal(6, (await (await alice.OpenElsewhereAsync()).ListAsync(Cancellation)).Count);
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
        await elsewhere.Vaults.ReplaceKeyAsync(scene.Hostile.Proxy.Address, Cancellation);

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

    /// <param name="whether">Asked once for each write; null for all.</param>
    private void RefuseWrites(Func<bool>? whether = null)
    {
        var refusal = JsonSerializer.SerializeToUtf8Bytes(new { type = ProblemTypes.QuotaExceeded });
        scene.Hostile.Proxy.Invent = (call, _) => call == "POST /v1/changes" && whether?.Invoke() is not false ? refusal : null;
        scene.Hostile.Proxy.Lie = answer => answer.Status = ReferenceEquals(answer.Body, refusal) ? 403 : answer.Status;
    }
}
