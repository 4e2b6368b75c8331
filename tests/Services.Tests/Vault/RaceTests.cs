using System.Net;
using Keyladder.Cryptography.Heads;
using Keyladder.Cryptography.Signing;
using Keyladder.Protocol;
using Keyladder.Protocol.Vault;
using Keyladder.Testing;
using Services.Tests.Client;

namespace Services.Tests.Vault;

/// <summary>Many devices of one person at once, at two instances of the service on one database.</summary>
public sealed class RaceTests
{
    private const int Devices = 8;

    [Theory, OnBothEngines]
    public async Task Of_many_heads_with_one_number_one_lands(Engine engine)
    {
        await using var service = await RunningService.StartVaultAsync(engine);
        using var otherInstance = await service.StartAnotherInstanceAsync();
        var alice = await VaultPerson.SignedUpAsync(service);
        var item = VaultPerson.NewItem();
        await alice.PutAsync(item);
        for (var round = 0; round < 3; round++)
        {
            var writes = Enumerable.Range(0, Devices).Select(_ => alice.Write([alice.NextRevision(item.Id), VaultPerson.NewAttribute()], [])).ToArray();
            var answers = await Task.WhenAll(writes.Select((write, index) =>
                alice.SendAsync(Request.Post(ServiceRoutes.Changes, write), index % 2 == 0 ? service.Http : otherInstance)));

            var winner = Assert.Single(Enumerable.Range(0, Devices), index => answers[index].Status == HttpStatusCode.OK);
            Assert.All(answers.Where((_, index) => index != winner), answer => Assert.Equal(writes[winner].Head, answer.IsProblem(ProblemTypes.HeadConflict).Head));
            alice.Accept(writes[winner]);
        }

        // What lost has left nothing: neither objects, nor versions, nor bytes.
        var all = await alice.ChangesAsync(0, attributes: true);
        Assert.Equal(alice.Pin.Root, VaultPerson.RootOf(all.Objects));
        var versions = (await alice.VersionsAsync(item.Id)).As<VersionsResponse>().Objects;
        Assert.Equal([3L, 2, 1], versions.Select(version => version.Revision));
        Assert.Equal(all.Objects.Concat(versions).Sum(one => (long)one.Sealed.Length), await service.Database.ScalarAsync<long>("SELECT bytes FROM usage"));
    }

    [Theory, OnBothEngines]
    public async Task Nothing_that_was_acknowledged_is_lost(Engine engine)
    {
        await using var service = await RunningService.StartVaultAsync(engine);
        using var otherInstance = await service.StartAnotherInstanceAsync();
        var alice = await VaultPerson.SignedUpAsync(service);
        var landed = await Task.WhenAll(Enumerable.Range(0, Devices).Select(async number =>
        {
            var device = await alice.AtAnotherDeviceAsync();
            var item = VaultPerson.NewItem();
            while (true)
            {
                await SyncAsync(device, number % 2 == 0 ? service.Http : otherInstance);
                var answer = await device.SendAsync(Request.Post(ServiceRoutes.Changes, device.Write([item], [])), number % 2 == 0 ? otherInstance : service.Http);
                if (answer.Status == HttpStatusCode.OK)
                    return item.Id;
                answer.IsProblem(ProblemTypes.HeadConflict);
            }
        }));
        await SyncAsync(alice, service.Http);
        Assert.Equal(1 + Devices, alice.Pin.Number);
        Assert.Equal(landed.Order(), alice.Objects.Keys.Order());
    }

    [Theory, OnBothEngines]
    public async Task The_same_sign_up_many_times_at_once_makes_one_account_and_another_with_its_id_or_key_none(Engine engine)
    {
        await using var service = await RunningService.StartVaultAsync(engine);
        var alice = new VaultPerson(service);
        using var clientKey = X25519PrivateKey.Generate();
        var request = await alice.SignUpRequestAsync(clientKey);
        var answers = await Task.WhenAll(Enumerable.Range(0, 6).Select(async _ =>
            await alice.SendUnsignedAsync(Request.Post(ServiceRoutes.Accounts, request with { Assertion = await alice.AssertionAsync(clientKey) }))));
        Assert.All(answers, answer => answer.Is(HttpStatusCode.Created));

        foreach (var other in new[] { new VaultPerson(service) { Account = alice.Account }, new VaultPerson(service) { SignInKey = alice.SignInKey } })
            (await alice.SendUnsignedAsync(Request.Post(ServiceRoutes.Accounts, await other.SignUpRequestAsync(clientKey)))).IsProblem(ProblemTypes.AccountExists);
    }

    // A delta is believed only if its proof gives the old and the new root: an answer put together from two moments does not.
    private static async Task SyncAsync(VaultPerson device, HttpClient http)
    {
        var root = device.Pin.Root;
        var delta = (await device.SendAsync(Request.Get($"{ServiceRoutes.Changes}?since={device.Pin.Number}"), http)).As<ObjectChangesResponse>();
        device.Accept(delta.Head, delta.Chain);
        var proof = TreeProof.Parse(delta.Proof);
        Assert.Equal(root, proof.ComputeRoot(delta.Changes.ToDictionary(change => VaultPerson.Path(new(change.Kind, change.Id)), change => Leaf(change.Old))));
        Assert.Equal(device.Pin.Root, proof.ComputeRoot(delta.Changes.ToDictionary(change => VaultPerson.Path(new(change.Kind, change.Id)), change => Leaf(change.New))));
        foreach (var one in delta.Objects)
            device.Objects[one.Id] = one;
        Assert.Equal(device.Pin.Count, device.Objects.Count);
    }

    private static Hash256? Leaf(byte[]? leaf) => leaf is null ? null : new Hash256(leaf);
}
