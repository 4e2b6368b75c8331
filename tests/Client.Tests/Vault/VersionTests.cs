using Keyladder.Cryptography;
using Keyladder.Keys.Vault;
using Keyladder.Testing;
using static Keyladder.Client.Tests.Person;
using static Keyladder.Client.Tests.Vaults.VaultTests;

namespace Keyladder.Client.Tests.Vaults;

/// <summary>What an item was, and going back to it (docs/spec/vault.md section 4).</summary>
public sealed class VersionTests(Keystores keystores, Testing.Vaults vaults) : IClassFixture<Keystores>, IClassFixture<Testing.Vaults>
{
    [Theory, OnBothEngines]
    public async Task Every_version_is_listed_from_the_newest_and_opens_as_it_was(Engine engine)
    {
        await using var alice = await OwnerAsync(engine);
        var (_, id) = await ThreeVersionsAsync(alice);

        var there = await alice.OpenAsync();
        var versions = await there.GetVersionsAsync(id, Cancellation);

        Assert.Equal([(3, "My bank", 2), (2, "My bank", 3), (1, "Bank", 2)], versions.Select(version => (version.Revision, version.Name, version.AttributeCount)));
        Assert.Equal([["money"], ["money"], []], versions.Select(version => version.Tags));
        Assert.Equal(["password=third pin=1", "user=alice password=second pin=1", "user=alice password=first"], await Task.WhenAll(versions.Select(version => SaysAsync(there, version))));
        Assert.Equal("password=third pin=1", Says(await there.GetAsync(id, Cancellation)));
    }

    [Theory, OnBothEngines]
    public async Task Going_back_is_a_change_on_top_of_the_others_under_the_same_ids(Engine engine)
    {
        await using var alice = await OwnerAsync(engine);
        var (here, id) = await ThreeVersionsAsync(alice);
        var versions = await here.GetVersionsAsync(id, Cancellation);
        var (third, first) = (await here.OpenVersionAsync(versions[0], Cancellation), await here.OpenVersionAsync(versions[2], Cancellation));

        Assert.Null((await here.PutAsync((await here.GetAsync(id, Cancellation)).GoBackTo(first), Cancellation)).Conflict);

        var there = await alice.OpenAsync();
        var back = await there.GetAsync(id, Cancellation);
        Assert.Equal(("Bank", 4L, "user=alice password=first"), (back.Name, back.Item.Revision, Says(back)));
        Assert.Empty(back.Item.Tags);
        Assert.Equal(first.Attributes.Select(attribute => attribute.Id), back.Attributes.Select(attribute => attribute.Id));

        // And forward again: nothing of what came between is lost.
        await there.PutAsync(back.GoBackTo(third), Cancellation);
        var again = await here.GetAsync(id, Cancellation);
        Assert.Equal(("My bank", 5L, "password=third pin=1"), (again.Name, again.Item.Revision, Says(again)));
        Assert.Equal(third.Attributes.Select(attribute => attribute.Id), again.Attributes.Select(attribute => attribute.Id));
        Assert.Equal([5L, 4, 3, 2, 1], (await here.GetVersionsAsync(id, Cancellation)).Select(version => version.Revision));
    }

    [Theory, OnBothEngines]
    public async Task Going_back_to_how_it_is_writes_nothing_and_takes_out_of_the_trash(Engine engine)
    {
        await using var alice = await OwnerAsync(engine);
        var (here, id) = await ThreeVersionsAsync(alice);
        var third = await here.OpenVersionAsync((await here.GetVersionsAsync(id, Cancellation))[0], Cancellation);
        var change = here.Change;
        await here.PutAsync((await here.GetAsync(id, Cancellation)).GoBackTo(third), Cancellation);
        Assert.Equal(change, here.Change);

        await here.PutAsync((await here.GetAsync(id, Cancellation)).Edit() with { IsRemoved = true }, Cancellation);
        await here.PutAsync((await here.GetAsync(id, Cancellation)).GoBackTo(third), Cancellation);

        var back = await here.GetAsync(id, Cancellation);
        Assert.Null(back.Item.Removed);
        Assert.Equal("password=third pin=1", Says(back));
    }

    [Theory, OnBothEngines]
    public async Task The_list_ends_where_the_service_keeps_no_more(Engine engine)
    {
        await using var alice = await OwnerAsync(engine);
        var here = await alice.CreateAsync();
        var id = (await here.PutAsync(Login("Bank", "1"), Cancellation)).Id;
        for (var revision = 2; revision <= 13; revision++)
            await here.PutAsync((await here.GetAsync(id, Cancellation)).Edit().With(ItemAttribute.Number("password", revision)), Cancellation);

        var versions = await here.GetVersionsAsync(id, Cancellation);

        Assert.Equal(Enumerable.Range(3, 11).Reverse().Select(revision => (long)revision), versions.Select(version => version.Revision));
        Assert.Equal("user=alice password=3", await SaysAsync(here, versions[^1]));
    }

    [Theory, OnBothEngines]
    public async Task What_another_device_changed_meanwhile_is_merged_or_kept_beside(Engine engine)
    {
        await using var alice = await OwnerAsync(engine);
        var (here, id) = await ThreeVersionsAsync(alice);
        var there = await alice.OpenAsync();
        var versions = await here.GetVersionsAsync(id, Cancellation);
        var (second, first) = (await here.OpenVersionAsync(versions[1], Cancellation), await here.OpenVersionAsync(versions[2], Cancellation));
        var (merged, contradicting) = (await here.GetAsync(id, Cancellation), await here.GetAsync(id, Cancellation));

        await there.PutAsync((await there.GetAsync(id, Cancellation)).Edit().With(ItemAttribute.Text("note", "from there")), Cancellation);
        Assert.Null((await here.PutAsync(merged.GoBackTo(first), Cancellation)).Conflict);
        Assert.Equal("user=alice password=first note=from there", Says(await here.GetAsync(id, Cancellation)));

        await there.PutAsync((await there.GetAsync(id, Cancellation)).Edit().With(ItemAttribute.Text("password", "from there")), Cancellation);
        var written = await here.PutAsync(contradicting.GoBackTo(second), Cancellation);
        Assert.Equal("user=alice password=from there note=from there", Says(await here.GetAsync(id, Cancellation)));
        Assert.Equal("user=alice password=second pin=1", Says(await here.GetAsync(written.Conflict!.Value, Cancellation)));
    }

    [Theory, OnBothEngines]
    public async Task D07_a_deleted_item_has_no_versions(Engine engine)
    {
        await using var alice = await OwnerAsync(engine);
        var (here, id) = await ThreeVersionsAsync(alice);
        var there = await alice.OpenAsync();
        var versions = await there.GetVersionsAsync(id, Cancellation);

        await here.DeleteManyAsync([versions[0]], Cancellation);

        foreach (var device in new[] { here, there })
        {
            await Lies.Expect.FailureAsync(FailureReason.NotFound, () => device.GetVersionsAsync(id, Cancellation));
            await Lies.Expect.FailureAsync(FailureReason.NotFound, () => device.OpenVersionAsync(versions[^1], Cancellation));
        }
    }

    [Theory, OnBothEngines]
    public async Task Nobody_goes_back_to_a_version_of_another_item_or_sees_those_of_another_person(Engine engine)
    {
        await using var alice = await OwnerAsync(engine);
        await using var bob = await OwnerAsync(engine);
        var (here, id) = await ThreeVersionsAsync(alice);
        var his = await bob.CreateAsync();
        var other = await here.GetAsync((await here.PutAsync(Login("Mail", "x"), Cancellation)).Id, Cancellation);
        var first = await here.OpenVersionAsync((await here.GetVersionsAsync(id, Cancellation))[^1], Cancellation);

        Assert.Throws<ArgumentException>(() => other.GoBackTo(first));
        await Lies.Expect.FailureAsync(FailureReason.NotFound, () => his.GetVersionsAsync(id, Cancellation));
        await Lies.Expect.FailureAsync(FailureReason.NotFound, () => his.OpenVersionAsync(first.Item, Cancellation));
    }

    internal static string Says(OpenedItem item) => string.Join(' ', item.Attributes.Select(attribute => $"{attribute.Content.Name}={attribute.Content.GetText()}"));

    private static async Task<string> SaysAsync(Client.Vault vault, VaultItem version)
    {
        var opened = await vault.OpenVersionAsync(version, Cancellation);
        Assert.Empty(opened.Missing);
        return Says(opened);
    }

    /// <summary>A name, a tag, an attribute and a value change; then an attribute goes.</summary>
    private static async Task<(Client.Vault Here, ItemId Id)> ThreeVersionsAsync(VaultOwner owner)
    {
        var here = await owner.CreateAsync();
        var id = (await here.PutAsync(Login("Bank", "first"), Cancellation)).Id;
        var second = (await here.GetAsync(id, Cancellation)).Edit().With(ItemAttribute.Text("password", "second")).With(ItemAttribute.Number("pin", 1));
        await here.PutAsync(second with { Name = "My bank", Tags = ["money"] }, Cancellation);
        await here.PutAsync((await here.GetAsync(id, Cancellation)).Edit().With(ItemAttribute.Text("password", "third")).Without("user"), Cancellation);
        return (here, id);
    }

    private async Task<VaultOwner> OwnerAsync(Engine engine) => new((await keystores.On(engine)).Origin, (await vaults.On(engine)).Origin);
}
