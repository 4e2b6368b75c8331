using System.Net;
using Keyladder.Protocol;
using Keyladder.Protocol.Keystore;
using Keyladder.Testing;
using Services.Tests.Client;

namespace Services.Tests.Keystore.Limits;

public sealed class QuotaTests
{
    [Theory, OnBothEngines]
    public async Task An_account_holds_as_many_keys_as_it_may_and_can_make_room(Engine engine)
    {
        await using var service = await RunningService.StartAsync(engine, options => options with { MaxKeys = 3 });
        var (alice, bob) = (await Person.SignedUpAsync(service), await Person.SignedUpAsync(service));
        var key = alice.NewKey();
        await alice.PutAsync(key, alice.NewKey());

        var before = await service.Database.DumpAsync();
        (await alice.SendWriteAsync(alice.Write([alice.NewKey()], []))).IsProblem(ProblemTypes.QuotaExceeded);
        Assert.Equal(before, await service.Database.DumpAsync());
        await bob.PutAsync(bob.NewKey());
        await alice.PutAsync(alice.NextRevision(key.Id));
        var exchange = alice.Write([alice.NewKey()], [key.Id]);
        (await alice.SendWriteAsync(exchange)).As<WriteResponse>();
        alice.Accept(exchange);
        (await alice.SendWriteAsync(alice.Write([alice.NewKey()], []))).IsProblem(ProblemTypes.QuotaExceeded);
    }

    [Theory, OnBothEngines]
    public async Task An_account_that_has_written_as_often_as_it_may_can_still_change_how_it_is_unlocked(Engine engine)
    {
        await using var service = await RunningService.StartAsync(engine, options => options with { MaxHeads = 2 });
        var alice = await Person.SignedUpAsync(service);
        await alice.PutAsync(alice.NewKey());

        (await alice.SendWriteAsync(alice.Write([alice.NewKey()], []))).IsProblem(ProblemTypes.QuotaExceeded);
        (await alice.SendAsync(Request.Post(KeystoreRoutes.Slots, await alice.SlotChangeAsync(Slot.Generate(), null)))).Is(HttpStatusCode.NoContent);
    }

    [Theory, OnBothEngines]
    public async Task Above_a_quota_that_was_lowered_an_account_can_delete_and_change(Engine engine)
    {
        var most = 5;
        await using var service = await RunningService.StartAsync(engine, options => options with { MaxKeys = most });
        var alice = await Person.SignedUpAsync(service);
        var key = alice.NewKey();
        await alice.PutAsync(key, alice.NewKey(), alice.NewKey());

        most = 2;
        using var lowered = await service.StartAnotherInstanceAsync();
        var write = alice.Write([alice.NextRevision(key.Id)], []);
        (await alice.SendAsync(Request.Post(ServiceRoutes.Changes, write), lowered)).As<WriteResponse>();
        alice.Accept(write);
        (await alice.SendAsync(Request.Post(ServiceRoutes.Changes, alice.Write([], [key.Id])), lowered)).As<WriteResponse>();
    }
}
