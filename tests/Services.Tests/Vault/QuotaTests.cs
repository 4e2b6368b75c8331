using Keyladder.Protocol;
using Keyladder.Testing;
using Services.Tests.Client;

namespace Services.Tests.Vault;

public sealed class QuotaTests
{
    [Theory, OnBothEngines]
    public async Task An_account_holds_as_many_objects_as_it_may_and_can_always_become_smaller(Engine engine)
    {
        await using var service = await RunningService.StartVaultAsync(engine, options => options with { MaxObjects = 2 });
        var alice = await VaultPerson.SignedUpAsync(service);
        var items = new[] { VaultPerson.NewItem(), VaultPerson.NewAttribute() };
        await alice.PutAsync(items);
        await RefusedAsync(service, alice, [VaultPerson.NewItem()]);
        await alice.PutAsync(alice.NextRevision(items[0].Id));
        await alice.LandAsync(alice.Write([VaultPerson.NewItem()], [items[1].Id]));
        await RefusedAsync(service, await VaultPerson.SignedUpAsync(service), [.. Enumerable.Range(0, 3).Select(_ => VaultPerson.NewItem())]);
    }

    [Theory, OnBothEngines]
    public async Task Versions_count_as_bytes_and_what_takes_less_than_before_is_never_refused(Engine engine)
    {
        await using var service = await RunningService.StartVaultAsync(engine, options => options with { MaxBytes = 1_000, MaxVersions = 1 });
        var alice = await VaultPerson.SignedUpAsync(service);
        var item = VaultPerson.NewItem(400);
        await alice.PutAsync(item);
        await alice.PutAsync(alice.NextRevision(item.Id, 600)); // 400 as a version and 600: all of it
        await RefusedAsync(service, alice, [VaultPerson.NewItem(1)]);
        await RefusedAsync(service, alice, [alice.NextRevision(item.Id, 401)]); // 600 and 401

        // The version of 400 goes for one of 600: as much as there is room for.
        await alice.PutAsync(alice.NextRevision(item.Id, 400));
        await alice.PutAsync(alice.NextRevision(item.Id, 10));
        Assert.Equal(410L, await service.Database.ScalarAsync<long>("SELECT bytes FROM usage"));
        await alice.PutAsync(VaultPerson.NewItem(590));
        await RefusedAsync(service, alice, [VaultPerson.NewItem(1)]);
        await alice.DeleteAsync(item.Id);
        await alice.PutAsync(VaultPerson.NewItem(410));
    }

    [Theory, OnBothEngines]
    public async Task Who_holds_more_than_the_operator_now_allows_can_become_smaller_and_not_larger(Engine engine)
    {
        await using var service = await RunningService.StartVaultAsync(engine, options => options with { MaxBytes = 1_000, MaxVersions = 0 });
        var alice = await VaultPerson.SignedUpAsync(service);
        var items = new[] { VaultPerson.NewItem(400), VaultPerson.NewItem(400) };
        await alice.PutAsync(items);
        await service.Database.ExecuteAsync("UPDATE usage SET bytes = bytes + 4000"); // as if it had been made under another rule
        await alice.PutAsync(alice.NextRevision(items[0].Id, 300));
        await RefusedAsync(service, alice, [alice.NextRevision(items[0].Id, 301)]);
        await alice.PutAsync(alice.NextRevision(items[0].Id, 300));
    }

    [Theory, OnBothEngines]
    public async Task An_account_makes_as_many_heads_as_it_may(Engine engine)
    {
        await using var service = await RunningService.StartVaultAsync(engine, options => options with { MaxHeads = 2 });
        var alice = await VaultPerson.SignedUpAsync(service);
        await alice.PutAsync(VaultPerson.NewItem());
        await RefusedAsync(service, alice, []);
    }

    private static async Task RefusedAsync(RunningService service, VaultPerson person, Keyladder.Protocol.Vault.ObjectMessage[] put)
    {
        var before = await service.Database.DumpAsync("limits");
        (await person.SendWriteAsync(person.Write(put, []))).IsProblem(ProblemTypes.QuotaExceeded);
        Assert.Equal(before, await service.Database.DumpAsync("limits"));
    }
}
