using System.Text.Json;
using Keyladder.Keys.Vault;
using Keyladder.Protocol;
using static Keyladder.Client.Tests.Person;
using static Keyladder.Client.Tests.Vaults.VaultTests;

namespace Keyladder.Client.Tests.Vaults;

/// <summary>What waits on a device until its Vault has it: sent once, refused, given up (docs/spec/local-store.md section 3).</summary>
public sealed class WaitingTests(OfflineScene scene) : IClassFixture<OfflineScene>
{
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

    // Others have changed it once and twice since: what the last of them follows shows that it has landed, or what they left as it was.
    // Nothing proves to this device that the item was there: what it holds of it is kept, as for any other that was deleted meanwhile.
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

    /// <param name="whether">Asked once for each write; null for all.</param>
    private void RefuseWrites(Func<bool>? whether = null)
    {
        var refusal = JsonSerializer.SerializeToUtf8Bytes(new { type = ProblemTypes.QuotaExceeded });
        scene.Hostile.Proxy.Invent = (call, _) => call == "POST /v1/changes" && whether?.Invoke() is not false ? refusal : null;
        scene.Hostile.Proxy.Lie = answer => answer.Status = ReferenceEquals(answer.Body, refusal) ? 403 : answer.Status;
    }
}
