using Keyladder.Cryptography;
using Keyladder.Keys.Vault;
using Keyladder.Testing;
using static Keyladder.Client.Tests.Person;
using static Keyladder.Client.Tests.Vaults.VaultTests;

namespace Keyladder.Client.Tests.Vaults;

/// <summary>Two devices change one item at once (docs/spec/vault.md section 5).</summary>
public sealed class ConflictTests(Keystores keystores, Testing.Vaults vaults) : IClassFixture<Keystores>, IClassFixture<Testing.Vaults>
{
    [Theory, OnBothEngines]
    public async Task What_each_changed_alone_is_in_the_result(Engine engine)
    {
        await using var scene = await SceneAsync(engine);
        var (his, hers) = (await scene.HereAsync(), await scene.ThereAsync());

        await scene.Here.PutAsync(his.Edit().With(ItemAttribute.Text("user", "bob")) with { Tags = ["money"] }, Cancellation);
        var written = await scene.There.PutAsync(hers.Edit().With(ItemAttribute.Text("password", "new")).With(ItemAttribute.Number("pin", 1)) with { Name = "My bank" }, Cancellation);

        Assert.Null(written.Conflict);
        var merged = await scene.HereAsync();
        Assert.Equal(("My bank", "bob", "new", "1"), (merged.Name, merged.Find("user")!.GetText(), merged.Find("password")!.GetText(), merged.Find("pin")!.GetText()));
        Assert.Equal(["money"], merged.Item.Tags);
        Assert.Single(await scene.There.ListAsync(Cancellation));
    }

    [Theory, OnBothEngines]
    public async Task Both_versions_stay_where_the_two_contradict_each_other(Engine engine)
    {
        await using var scene = await SceneAsync(engine);
        var (his, hers) = (await scene.HereAsync(), await scene.ThereAsync());

        await scene.Here.PutAsync(his.Edit().With(ItemAttribute.Text("password", "his")), Cancellation);
        var written = await scene.There.PutAsync(hers.Edit().With(ItemAttribute.Text("password", "hers")).With(ItemAttribute.Text("user", "carol")), Cancellation);

        var items = await scene.Here.ListAsync(Cancellation);
        var other = Assert.Single(items, item => item.ConflictOf is not null);
        Assert.Equal(((ItemId?)other.Id, other.ConflictOf), (written.Conflict, scene.Item));
        Assert.Equal("his", (await scene.HereAsync()).Find("password")!.GetText());
        var opened = await scene.Here.GetAsync(other.Id, Cancellation);
        Assert.Equal(("hers", "carol"), (opened.Find("password")!.GetText(), opened.Find("user")!.GetText()));
        Assert.Empty(opened.Attributes.Select(attribute => attribute.Id).Intersect(his.Attributes.Select(attribute => attribute.Id)));
    }

    [Theory, OnBothEngines]
    public async Task The_same_change_twice_is_one(Engine engine)
    {
        await using var scene = await SceneAsync(engine);
        var (his, hers) = (await scene.HereAsync(), await scene.ThereAsync());

        await scene.Here.PutAsync(his.Edit().With(ItemAttribute.Text("password", "same")), Cancellation);
        var written = await scene.There.PutAsync(hers.Edit().With(ItemAttribute.Text("password", "same")), Cancellation);

        Assert.Null(written.Conflict);
        Assert.Equal(2, Assert.Single(await scene.There.ListAsync(Cancellation)).Revision);
    }

    [Theory, OnBothEngines]
    public async Task A_change_of_what_was_deleted_meanwhile_is_kept(Engine engine)
    {
        await using var scene = await SceneAsync(engine);
        var (his, hers) = (await scene.HereAsync(), await scene.ThereAsync());

        await scene.Here.DeleteManyAsync([his.Item], Cancellation);
        var written = await scene.There.PutAsync(hers.Edit().With(ItemAttribute.Text("password", "kept")), Cancellation);

        var kept = Assert.Single(await scene.Here.ListAsync(Cancellation));
        Assert.Equal(((ItemId?)kept.Id, kept.ConflictOf), (written.Conflict, scene.Item));
        Assert.Equal("kept", (await scene.Here.GetAsync(kept.Id, Cancellation)).Find("password")!.GetText());
    }

    [Theory, OnBothEngines]
    public async Task What_was_changed_meanwhile_is_not_deleted(Engine engine)
    {
        await using var scene = await SceneAsync(engine);
        var (his, hers) = (await scene.HereAsync(), await scene.ThereAsync());
        await scene.Here.PutAsync(his.Edit().With(ItemAttribute.Text("password", "new")), Cancellation);

        await Lies.Expect.FailureAsync(FailureReason.Conflict, () => scene.There.DeleteManyAsync([hers.Item], Cancellation));

        Assert.Equal("new", (await scene.ThereAsync()).Find("password")!.GetText());
    }

    [Theory, OnBothEngines]
    public async Task The_trash_and_a_change_go_together(Engine engine)
    {
        await using var scene = await SceneAsync(engine);
        var (his, hers) = (await scene.HereAsync(), await scene.ThereAsync());

        await scene.Here.PutAsync(his.Edit() with { IsRemoved = true }, Cancellation);
        await scene.There.PutAsync(hers.Edit().With(ItemAttribute.Text("password", "new")), Cancellation);

        var both = await scene.HereAsync();
        Assert.NotNull(both.Item.Removed);
        Assert.Equal("new", both.Find("password")!.GetText());
    }

    [Theory, OnBothEngines]
    public async Task An_attribute_that_one_removed_and_the_other_changed_makes_two_versions(Engine engine)
    {
        await using var scene = await SceneAsync(engine);
        var (his, hers) = (await scene.HereAsync(), await scene.ThereAsync());

        await scene.Here.PutAsync(his.Edit().Without("password"), Cancellation);
        var written = await scene.There.PutAsync(hers.Edit().With(ItemAttribute.Text("password", "new")), Cancellation);

        Assert.Null((await scene.HereAsync()).Find("password"));
        Assert.Equal("new", (await scene.Here.GetAsync(written.Conflict!.Value, Cancellation)).Find("password")!.GetText());
    }

    [Theory, OnBothEngines]
    public async Task Many_writers_at_once_lose_nothing(Engine engine)
    {
        await using var scene = await SceneAsync(engine);
        Client.Vault[] devices = [scene.Here, scene.There, await scene.Owner.OpenAsync()];

        await Task.WhenAll(devices.Select((device, number) => Task.Run(
            async () =>
            {
                for (var turn = 0; turn < 5; turn++)
                    await device.PutAsync(Login($"{number}/{turn}", "x"), Cancellation);
            },
            Cancellation)));

        foreach (var device in devices)
            Assert.Equal(16, (await device.ListAsync(Cancellation)).Count);
    }

    private async Task<Scene> SceneAsync(Engine engine)
    {
        var owner = new VaultOwner((await keystores.On(engine)).Origin, (await vaults.On(engine)).Origin);
        var here = await owner.CreateAsync();
        var item = (await here.PutAsync(Login("Bank", "old"), Cancellation)).Id;
        return new Scene(owner, here, await owner.OpenAsync(), item);
    }

    private sealed record Scene(VaultOwner Owner, Client.Vault Here, Client.Vault There, ItemId Item) : IAsyncDisposable
    {
        public Task<OpenedItem> HereAsync() => Here.GetAsync(Item, Cancellation);

        public Task<OpenedItem> ThereAsync() => There.GetAsync(Item, Cancellation);

        public ValueTask DisposeAsync() => Owner.DisposeAsync();
    }
}
