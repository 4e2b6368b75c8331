using System.Text.Json;
using Keyladder.Keys.Vault;
using Keyladder.Protocol;
using static Keyladder.Client.Tests.Person;
using static Keyladder.Client.Tests.Vaults.VaultTests;

namespace Keyladder.Client.Tests.Vaults;

/// <summary>What was sent while its answer was lost: it may be at the Vault, and what comes on top of it follows it (docs/spec/local-store.md section 3).</summary>
public sealed class UnheardAnswerTests(OfflineScene scene) : IClassFixture<OfflineScene>
{
    [Fact]
    public async Task A_write_whose_acknowledgement_was_lost_is_one_write()
    {
        await using var alice = await scene.StartAsync();
        scene.LoseAnswers();
        Assert.True((await alice.Vault.PutAsync(Login("New", "new"), Cancellation)).IsQueued);
        scene.Mend();

        await alice.Vault.SyncAsync(Cancellation);

        Assert.Equal(["Bank", "New"], (await (await alice.OpenElsewhereAsync()).ListAsync(Cancellation)).Select(item => item.Name));
    }

    [Fact]
    public async Task What_is_deleted_before_its_acknowledgement_was_heard_is_deleted_where_it_has_arrived()
    {
        await using var alice = await scene.StartAsync();
        scene.LoseAnswers();
        var made = await alice.Vault.PutAsync(Login("New", "new"), Cancellation);
        Assert.True(made.IsQueued);
        await alice.Vault.DeleteManyAsync([.. (await alice.Vault.ListAsync(Cancellation)).Where(item => item.Id == made.Id)], Cancellation);
        scene.Mend();

        await alice.Vault.SyncAsync(Cancellation);

        Assert.Equal("Bank", Assert.Single(await (await alice.OpenElsewhereAsync()).ListAsync(Cancellation)).Name);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_change_of_what_has_landed_without_an_answer_follows_it(bool restarted)
    {
        await using var alice = await scene.StartAsync();
        scene.LoseAnswers();
        await alice.ChangeAsync("landed");
        scene.Cut();
        if (restarted)
            await alice.RestartAsync();
        await alice.ChangeAsync("second");
        await alice.ChangeAsync("third");
        scene.Mend();

        await alice.Vault.SyncAsync(Cancellation);

        var there = await alice.OpenElsewhereAsync();
        var item = Assert.Single(await there.ListAsync(Cancellation));
        Assert.Equal("third", await alice.PasswordAsync(there));
        Assert.Equal((3, null), (item.Revision, item.ConflictOf));
        Assert.Empty(alice.Vault.Queued);
    }

    [Fact]
    public async Task What_another_device_made_of_what_has_landed_without_an_answer_replaces_it()
    {
        await using var alice = await scene.StartAsync();
        scene.LoseAnswers();
        await alice.ChangeAsync("landed");
        scene.Mend();
        var there = await alice.OpenElsewhereAsync();
        Assert.Equal("landed", await alice.PasswordAsync(there));
        await alice.ChangeAsync("elsewhere", there);

        await alice.Vault.SyncAsync(Cancellation);

        Assert.Equal("elsewhere", await alice.PasswordAsync());
        Assert.Single(await alice.Vault.ListAsync(Cancellation));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task What_two_devices_made_of_what_has_landed_without_an_answer_is_merged(int changes)
    {
        await using var alice = await scene.StartAsync();
        scene.LoseAnswers();
        if (changes == 1)
            await EditAsync(alice.Vault, item => item with { Name = "Landed" });
        else
            await alice.ChangeAsync("landed");
        scene.Cut();
        await EditAsync(alice.Vault, item => (item with { Name = changes == 1 ? "Second" : item.Name }).With(ItemAttribute.Text("password", "second")));
        scene.Mend();
        var there = await alice.OpenElsewhereAsync();
        for (var change = 0; change < changes; change++)
            await EditAsync(there, item => item with { Tags = [.. item.Tags, $"tag {item.Tags.Count}"] });

        await alice.Vault.SyncAsync(Cancellation);

        var item = Assert.Single(await there.ListAsync(Cancellation));
        Assert.Equal((changes == 1 ? "Second" : "Bank", changes), (item.Name, item.Tags.Count(tag => tag.StartsWith("tag", StringComparison.Ordinal))));
        Assert.Equal("second", await alice.PasswordAsync(there));

        async Task EditAsync(Client.Vault where, Func<ItemDraft, ItemDraft> edit) =>
            await where.PutAsync(edit((await where.GetAsync(alice.Item, Cancellation)).Edit()), Cancellation);
    }

    [Fact]
    public async Task What_was_merged_and_has_landed_without_an_answer_is_known_too()
    {
        await using var alice = await scene.StartAsync();
        var there = await alice.OpenElsewhereAsync();
        scene.Cut();
        await alice.RestartAsync();
        await alice.ChangeAsync("landed");
        scene.Mend();
        await there.PutAsync((await there.GetAsync(alice.Item, Cancellation)).Edit() with { Name = "Renamed" }, Cancellation);
        scene.LoseAnswers();
        await alice.Vault.SyncAsync(Cancellation);
        Assert.Equal("landed", await alice.PasswordAsync(there));
        scene.Cut();
        await alice.ChangeAsync("second");
        scene.Mend();

        await alice.Vault.SyncAsync(Cancellation);

        Assert.Equal("Renamed", Assert.Single(await there.ListAsync(Cancellation)).Name);
        Assert.Equal("second", await alice.PasswordAsync(there));
    }

    [Fact]
    public async Task What_has_landed_without_an_answer_and_was_deleted_elsewhere_becomes_an_item_of_its_own()
    {
        await using var alice = await scene.StartAsync();
        scene.LoseAnswers();
        var made = await alice.Vault.PutAsync(Login("New", "new"), Cancellation);
        scene.Mend();
        var there = await alice.OpenElsewhereAsync();
        await there.DeleteManyAsync([.. (await there.ListAsync(Cancellation)).Where(item => item.Id == made.Id)], Cancellation);

        await alice.Vault.SyncAsync(Cancellation);

        Assert.Null(alice.Vault.Refusal);
        Assert.Empty(alice.Vault.Queued);
        var kept = (await there.ListAsync(Cancellation)).Single(item => item.Name == "New");
        Assert.Equal((made.Id, 2), (kept.ConflictOf!.Value, (await alice.Vault.ListAsync(Cancellation)).Count));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_deletion_of_what_has_landed_without_an_answer_takes_place(bool restarted)
    {
        await using var alice = await scene.StartAsync();
        scene.LoseAnswers();
        await alice.ChangeAsync("landed");
        scene.Cut();
        if (restarted)
            await alice.RestartAsync();
        await alice.Vault.DeleteManyAsync(await alice.Vault.ListAsync(Cancellation), Cancellation);
        scene.Mend();

        await alice.Vault.SyncAsync(Cancellation);

        Assert.Empty(await (await alice.OpenElsewhereAsync()).ListAsync(Cancellation));
        Assert.Empty(await alice.Vault.ListAsync(Cancellation));
    }
}
