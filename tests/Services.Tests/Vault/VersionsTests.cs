using Keyladder.Protocol;
using Keyladder.Protocol.Vault;
using Keyladder.Testing;
using Services.Tests.Client;

namespace Services.Tests.Vault;

public sealed class VersionsTests
{
    [Theory, OnBothEngines]
    public async Task The_last_versions_of_an_object_are_kept_and_listed_from_the_newest(Engine engine)
    {
        await using var service = await RunningService.StartVaultAsync(engine, options => options with { MaxVersions = 3 });
        var alice = await VaultPerson.SignedUpAsync(service);
        var (item, other) = (VaultPerson.NewItem(), VaultPerson.NewAttribute(attachment: await alice.UploadAsync(new byte[10])));
        var before = new List<ObjectMessage>();
        await alice.PutAsync(item, other);
        for (var revision = 1; revision <= 6; revision++)
        {
            Assert.Equal(before.TakeLast(3).Reverse().Select(VaultPerson.Leaf), await LeavesAsync(item.Id));
            before.Add(alice.Objects[item.Id]);
            await alice.PutAsync(alice.NextRevision(item.Id));
        }

        // Each has its own; one that was never changed has none.
        Assert.Empty(await LeavesAsync(other.Id));
        await alice.PutAsync(alice.NextRevision(other.Id));
        Assert.Equal([VaultPerson.Leaf(other)], await LeavesAsync(other.Id));
        Assert.Equal(before.TakeLast(3).Reverse().Select(VaultPerson.Leaf), await LeavesAsync(item.Id));

        async Task<IEnumerable<Keyladder.Cryptography.Heads.Hash256>> LeavesAsync(Guid id) => (await alice.VersionsAsync(id)).As<VersionsResponse>().Objects.Select(VaultPerson.Leaf);
    }

    [Theory, OnBothEngines]
    public async Task A_deleted_object_takes_its_versions_along(Engine engine)
    {
        await using var service = await RunningService.StartVaultAsync(engine);
        var alice = await VaultPerson.SignedUpAsync(service);
        var (item, kept) = (VaultPerson.NewItem(), VaultPerson.NewItem());
        await alice.PutAsync(item, kept);
        await alice.PutAsync(alice.NextRevision(item.Id), alice.NextRevision(kept.Id));
        await alice.DeleteAsync(item.Id);

        (await alice.VersionsAsync(item.Id)).IsProblem(ProblemTypes.NotFound);
        Assert.Single((await alice.VersionsAsync(kept.Id)).As<VersionsResponse>().Objects);
        Assert.Equal(1L, Convert.ToInt64(await service.Database.ScalarAsync<object>("SELECT count(*) FROM versions"), System.Globalization.CultureInfo.InvariantCulture));
        Assert.Equal(2 * 457L, await service.Database.ScalarAsync<long>("SELECT bytes FROM usage"));
    }

    [Theory, OnBothEngines]
    public async Task A_service_that_keeps_none_lists_none(Engine engine)
    {
        await using var service = await RunningService.StartVaultAsync(engine, options => options with { MaxVersions = 0 });
        var alice = await VaultPerson.SignedUpAsync(service);
        var item = VaultPerson.NewItem();
        await alice.PutAsync(item);
        await alice.PutAsync(alice.NextRevision(item.Id));
        Assert.Empty((await alice.VersionsAsync(item.Id)).As<VersionsResponse>().Objects);
    }
}
