using System.Text.Json.Nodes;
using Keyladder.Client.Tests.Vaults;
using Keyladder.Keys.Vault;
using Keyladder.Testing;
using static Keyladder.Client.Tests.Person;
using static Keyladder.Client.Tests.Relationships.RelationshipScene;

namespace Keyladder.Client.Tests.Relationships;

/// <summary>A Vault that was restored has channels and letters of before: for a guest, what was taken back is there again until the person's program comes.</summary>
public sealed class RelationshipRestoreTests(Keystores keystores, Testing.Vaults vaults) : IClassFixture<Keystores>, IClassFixture<Testing.Vaults>
{
    private const string Data = "GET /v1/account/data";

    [Theory, OnBothEngines]
    public async Task D12_what_was_taken_back_blocked_or_ended_is_so_again_after_a_restore(Engine engine)
    {
        await using var scene = await RestoreScene.StartAsync(engine);
        var phone = await scene.SignUpAsync(keepsCopy: true);
        await using var bob = await OwnerAsync(engine);
        await using var carol = await OwnerAsync(engine);
        await using var dave = await OwnerAsync(engine);
        var others = new[] { (Name: "Bob", Vault: await bob.CreateAsync()), (Name: "Carol", Vault: await carol.CreateAsync()), (Name: "Dave", Vault: await dave.CreateAsync()) };
        foreach (var (name, vault) in others)
            await ConnectAsync(phone.Vault, "Alice", vault, name);
        var bank = await phone.PutAsync("Bank", "old");
        var ids = (await phone.Vault.Relationships.ListAsync(Cancellation)).ToDictionary(each => each.Name, each => each.Id);
        var given = (await phone.Vault.Relationships.ShareAsync([.. ids.Values], bank, cancellationToken: Cancellation)).ToDictionary(share => share.Relationship);
        foreach (var (_, vault) in others)
            await vault.Relationships.SyncAsync(cancellationToken: Cancellation);
        await scene.BackUpAsync();
        await phone.Vault.Relationships.RevokeAsync(given[ids["Bob"]], Cancellation);
        await phone.Vault.Relationships.BlockAsync(ids["Carol"], Cancellation);
        await phone.Vault.Relationships.EndAsync(ids["Dave"], Cancellation);
        await scene.RestoreAsync();
        Assert.Equal(3, await LettersAsync(scene, given.Values));

        var told = await Assert.ThrowsAsync<RestoredException>(() => phone.OpenAsync());
        var restored = await phone.OpenAsync(told, putBack: true);
        Assert.Equal(["Bob", "Carol"], (await restored.Relationships.ListAsync(Cancellation)).Select(each => each.Name));
        Assert.Equal(1, await LettersAsync(scene, given.Values)); // Carol's, whose channel is shut
        foreach (var (name, vault) in others[1..])
            Assert.True((await vault.Relationships.SyncAsync(cancellationToken: Cancellation)).Shut.Count == 1, name);

        // Once, and nothing that is good is lost by it.
        var passed = await scene.Proxy.RecordAsync(() => restored.Relationships.ListAsync(Cancellation));
        Assert.DoesNotContain("POST /v1/changes", passed.Calls);
        var again = Assert.Single(await restored.Relationships.ShareAsync([ids["Bob"]], bank, cancellationToken: Cancellation));
        Assert.Contains(again.Id, (await others[0].Vault.Relationships.SyncAsync(cancellationToken: Cancellation)).Shares);
        var held = (await others[0].Vault.Relationships.ListHeldAsync(Cancellation)).Single(share => share.Id == again.Id);
        Assert.Equal("old", (await others[0].Vault.Relationships.OpenAsync(held, Cancellation)).Attributes.Single(each => each.Content.Name == "password").Content.GetText());
    }

    /// <summary>The one has read its book, and asks which channels there are, when the other one begins a relationship.</summary>
    [Theory, OnBothEngines]
    public async Task D12_a_channel_that_another_device_begins_meanwhile_is_not_taken_for_one_that_has_ended(Engine engine)
    {
        await using var scene = await RestoreScene.StartAsync(engine);
        var phone = await scene.SignUpAsync(keepsCopy: true);
        await using var bob = await OwnerAsync(engine);
        await phone.Vault.Relationships.InviteAsync("nobody", cancellationToken: Cancellation);
        await scene.BackUpAsync();
        await phone.Vault.Relationships.EndAsync((await WithAsync(phone.Vault, "nobody")).Id, Cancellation);
        await scene.RestoreAsync();
        var told = await Assert.ThrowsAsync<RestoredException>(() => phone.OpenAsync());
        var restored = await phone.OpenAsync(told, putBack: true);
        var other = (await scene.GoOnAsync()).Vault;
        MadeInvitation? made = null;
        scene.Proxy.Block = call =>
        {
            if (call == Data && made is null)
            {
                scene.Proxy.Block = null;
                made = Task.Run(() => other.Relationships.InviteAsync("Bob", cancellationToken: Cancellation)).GetAwaiter().GetResult();
            }

            return false;
        };

        await restored.Relationships.ListAsync(Cancellation);
        Assert.Equal(["Bob"], (await restored.Relationships.ListAsync(Cancellation)).Select(each => each.Name));
        Assert.NotNull(made);
        await (await bob.CreateAsync()).Relationships.AcceptAsync(made.DangerousLink.ToString().AsMemory(), "Alice", Cancellation);
        Assert.Equal([made.Relationship.Id], (await restored.Relationships.SyncAsync(cancellationToken: Cancellation)).Established);
    }

    [Fact]
    public async Task A_Vault_whose_list_of_channels_never_ends_is_asked_no_further()
    {
        await using var scene = await RestoreScene.StartAsync(Engine.Sqlite);
        var phone = await scene.SignUpAsync(keepsCopy: true);
        await scene.BackUpAsync();
        await phone.PutAsync("Bank", "new");
        await scene.RestoreAsync();
        var told = await Assert.ThrowsAsync<RestoredException>(() => phone.OpenAsync());
        var restored = await phone.OpenAsync(told, putBack: true);
        var skip = 0;
        scene.Proxy.Remembers = false;
        scene.Proxy.Lie = answer =>
        {
            if ($"{answer.Method} {answer.Path}" == Data && answer.Status == 200)
                answer.Edit(json => json["next"] = new JsonObject { ["table"] = "channels", ["skip"] = ++skip });
        };

        await Lies.Expect.FailureAsync(FailureReason.InvalidAnswer, () => restored.Relationships.ListAsync(Cancellation).WaitAsync(TimeSpan.FromMinutes(1), Cancellation));
        Assert.Equal(1_000, skip);
        scene.Proxy.Lie = null;
        Assert.Empty(await restored.Relationships.ListAsync(Cancellation));
    }

    private static async Task<long> LettersAsync(RestoreScene scene, IEnumerable<GivenShare> shares) => Convert.ToInt64(
        await scene.Vault.Database.ScalarAsync<object>($"SELECT count(*) FROM given_letters WHERE letter_id IN ({string.Join(", ", shares.Select(share => $"'{share.Id}'"))})"),
        System.Globalization.CultureInfo.InvariantCulture);

    private async Task<VaultOwner> OwnerAsync(Engine engine) => new((await keystores.On(engine)).Origin, (await vaults.On(engine)).Origin);
}
