using System.Collections.Concurrent;
using System.Net;
using Keyladder.Cryptography.Heads;
using Keyladder.Cryptography.Signing;
using Keyladder.Protocol;
using Keyladder.Protocol.Keystore;
using Keyladder.Testing;
using Services.Tests.Client;

namespace Services.Tests.Keystore;

/// <summary>Many devices of one person at once, at two instances of the service on one database.</summary>
public sealed class RaceTests
{
    private const int Devices = 16;

    [Theory, OnBothEngines]
    public async Task Of_sixteen_heads_with_one_number_one_lands(Engine engine)
    {
        await using var service = await RunningService.StartAsync(engine);
        using var otherInstance = await service.StartAnotherInstanceAsync();
        var alice = await Person.SignedUpAsync(service);
        for (var round = 0; round < 3; round++)
        {
            var writes = Enumerable.Range(0, Devices).Select(_ => alice.Write([alice.NewKey()], [])).ToArray();
            var answers = await Task.WhenAll(writes.Select((write, index) =>
                alice.SendAsync(Request.Post(ServiceRoutes.Changes, write), index % 2 == 0 ? service.Http : otherInstance)));

            var winner = Assert.Single(Enumerable.Range(0, Devices), index => answers[index].Status == HttpStatusCode.OK);
            Assert.All(answers.Where((_, index) => index != winner), answer => Assert.Equal(writes[winner].Head, answer.IsProblem(ProblemTypes.HeadConflict).Head));
            alice.Accept(writes[winner]);
        }
    }

    [Theory, OnBothEngines]
    public async Task Nothing_that_was_acknowledged_is_lost_and_every_answer_is_of_one_moment(Engine engine)
    {
        await using var service = await RunningService.StartAsync(engine);
        using var otherInstance = await service.StartAnotherInstanceAsync();
        var alice = await Person.SignedUpAsync(service);
        var landed = new ConcurrentDictionary<long, Guid>();
        await Task.WhenAll(Enumerable.Range(0, Devices).Select(async number =>
        {
            var device = await alice.AtAnotherDeviceAsync();
            for (var written = 0; written < 3;)
            {
                await SyncAsync(device, number % 2 == 0 ? service.Http : otherInstance);
                var write = device.Write([device.NewKey()], []);
                var answer = await device.SendAsync(Request.Post(ServiceRoutes.Changes, write), number % 2 == 0 ? otherInstance : service.Http);
                if (answer.Status == HttpStatusCode.OK)
                {
                    Assert.True(landed.TryAdd(answer.As<WriteResponse>().Number, write.Put[0].Key.Id));
                    written++;
                }
                else
                {
                    answer.IsProblem(ProblemTypes.HeadConflict);
                }
            }
        }));

        await SyncAsync(alice, service.Http);
        Assert.Equal(1 + (Devices * 3), alice.Pin.Number);
        Assert.Equal(landed.Values.Append(alice.IdentityId.Value).Order(), alice.Keys.Keys.Order());
    }

    [Theory, OnBothEngines]
    public async Task The_same_sign_up_many_times_at_once_makes_one_account(Engine engine)
    {
        await using var service = await RunningService.StartAsync(engine);
        var alice = new Person(service);
        using var clientKey = X25519PrivateKey.Generate();
        var request = await alice.SignUpRequestAsync(clientKey);
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(async _ =>
            await alice.SendUnsignedAsync(Request.Post(ServiceRoutes.Accounts, request with { Assertion = await alice.AssertionAsync(clientKey) }))));
        Assert.All(answers, answer => answer.Is(HttpStatusCode.Created));
    }

    [Theory, OnBothEngines]
    public async Task Of_many_sign_ups_with_one_account_id_one_succeeds(Engine engine)
    {
        await using var service = await RunningService.StartAsync(engine);
        var first = new Person(service);
        using var clientKey = X25519PrivateKey.Generate();
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(async _ =>
            await first.SendUnsignedAsync(Request.Post(ServiceRoutes.Accounts, await new Person(service) { Account = first.Account }.SignUpRequestAsync(clientKey)))));
        Assert.Single(answers, answer => answer.Status == HttpStatusCode.Created);
        Assert.All(answers.Where(answer => answer.Status != HttpStatusCode.Created), answer => answer.IsProblem(ProblemTypes.AccountExists));
    }

    [Theory, OnBothEngines]
    public async Task No_session_of_a_slot_outlives_it_however_close_the_sign_in_was(Engine engine)
    {
        await using var service = await RunningService.StartAsync(engine);
        var alice = await Person.SignedUpAsync(service);
        for (var round = 0; round < 5; round++)
        {
            var (old, next) = (alice.Slot, Slot.Generate());
            var change = await alice.SlotChangeAsync(next, old.Id);
            var changing = alice.SendAsync(Request.Post(KeystoreRoutes.Slots, change));
            var sessions = await Task.WhenAll(Enumerable.Range(0, 6).Select(async _ =>
            {
                using var clientKey = X25519PrivateKey.Generate();
                var answer = await alice.SendUnsignedAsync(Request.Post(ServiceRoutes.Sessions, new SignInRequest(await alice.AssertionAsync(clientKey))));
                if (answer.Status == HttpStatusCode.Created)
                    return Session.From(answer.As<SignInResponse>(), clientKey, service.Origin);
                answer.IsProblem(ProblemTypes.SignInFailed);
                return null;
            }));
            (await changing).Is(HttpStatusCode.NoContent);

            foreach (var session in sessions.OfType<Session>())
                (await Request.Get(KeystoreRoutes.Account).SignedBy(session, alice.Now).SendAsync(service.Http)).IsProblem(ProblemTypes.SignInRequired);
            alice.Slot = next;
            alice.Accept(change.Head);
            await alice.SignInAsync();
        }
    }

    // A delta is believed only if its proof gives the old and the new root: an answer put together from two moments does not.
    private static async Task SyncAsync(Person device, HttpClient http)
    {
        var (root, count) = (device.Pin.Root, device.Pin.Count);
        var delta = (await device.SendAsync(Request.Get($"{ServiceRoutes.Changes}?since={device.Pin.Number}"), http)).As<ChangesResponse>();
        device.Accept(delta.Head, delta.Chain);
        var proof = TreeProof.Parse(delta.Proof);
        Assert.Equal(root, proof.ComputeRoot(delta.Changes.ToDictionary(change => Person.Path(change.Id), change => Leaf(change.Old))));
        Assert.Equal(device.Pin.Root, proof.ComputeRoot(delta.Changes.ToDictionary(change => Person.Path(change.Id), change => Leaf(change.New))));
        foreach (var key in delta.Keys)
            device.Keys[key.Id] = key;
        Assert.Equal(device.Pin.Count, device.Keys.Count);
    }

    private static Hash256? Leaf(byte[]? leaf) => leaf is null ? null : new Hash256(leaf);
}
