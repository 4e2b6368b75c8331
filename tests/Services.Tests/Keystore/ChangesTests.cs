using Keyladder.Cryptography.Heads;
using Keyladder.Protocol.Keystore;
using Keyladder.Protocol;
using Keyladder.Testing;
using Services.Tests.Client;

namespace Services.Tests.Keystore;

/// <summary>docs/spec/heads.md section 5, "A delta", checked as a client checks it.</summary>
public sealed class ChangesTests(Keystores keystores) : IClassFixture<Keystores>
{
    [Theory, OnBothEngines]
    public async Task A_delta_leads_from_any_head_to_the_newest(Engine engine)
    {
        await using var service = await RunningService.BeforeAsync(keystores, engine);
        var alice = await Person.SignedUpAsync(service);
        var roots = new List<(Hash256 Root, long Count)> { (Hash256.Zero, 0), (alice.Pin.Root, 1) };
        var pins = new List<HeadPin> { HeadPin.None, alice.Pin };
        var keys = Enumerable.Range(0, 8).Select(_ => alice.NewKey()).ToArray();
        await Step(() => alice.PutAsync(keys[0], keys[1]));
        await Step(() => alice.PutAsync(keys[2]));
        await Step(() => alice.PutAsync(alice.NextRevision(keys[0].Id), keys[3]));
        await Step(() => alice.DeleteAsync(keys[1].Id));
        await Step(() => alice.DeleteAsync(keys[2].Id));
        await Step(() => alice.PutAsync(alice.NextRevision(keys[0].Id)));
        await Step(() => alice.PutAsync(keys[4..8]));

        foreach (var since in Enumerable.Range(0, pins.Count))
        {
            var delta = (await alice.SendAsync(Request.Get($"{ServiceRoutes.Changes}?since={since}"))).As<ChangesResponse>();
            Assert.Equal(alice.Head.Jws, delta.Head);
            Assert.Equal(alice.Pin, HeadChain.Verify(pins[since], Person.Read(delta.Head), [.. delta.Chain.Select(Person.Read)], alice.Account, alice.Identity.PublicKey), PinsAreSame);

            var proof = TreeProof.Parse(delta.Proof);
            Assert.Equal(roots[since].Root, proof.ComputeRoot(delta.Changes.ToDictionary(change => Person.Path(change.Id), change => Leaf(change.Old))));
            Assert.Equal(roots[^1].Root, proof.ComputeRoot(delta.Changes.ToDictionary(change => Person.Path(change.Id), change => Leaf(change.New))));
            Assert.Equal(
                roots[^1].Count - roots[since].Count,
                delta.Changes.Sum(change => (change.New is null ? 0 : 1) - (change.Old is null ? 0 : 1)));
            Assert.Equal(
                delta.Changes.Where(change => change.New is not null).Select(change => (change.Id, Leaf(change.New))).Order(),
                delta.Keys.Select(key => (key.Id, (Hash256?)Person.Leaf(key))).Order());
        }

        async Task Step(Func<Task> write)
        {
            await write();
            roots.Add((alice.Pin.Root, alice.Pin.Count));
            pins.Add(alice.Pin);
        }
    }

    [Theory, OnBothEngines]
    public async Task What_came_and_went_between_is_no_difference(Engine engine)
    {
        await using var service = await RunningService.BeforeAsync(keystores, engine);
        var alice = await Person.SignedUpAsync(service);
        var passing = alice.NewKey();
        await alice.PutAsync(passing);
        await alice.DeleteAsync(passing.Id);
        Assert.Empty((await alice.SendAsync(Request.Get($"{ServiceRoutes.Changes}?since=1"))).As<ChangesResponse>().Changes);
    }

    [Theory, OnBothEngines]
    public async Task A_number_above_the_newest_head_answers_with_that_head_and_nothing_else(Engine engine)
    {
        await using var service = await RunningService.BeforeAsync(keystores, engine);
        var alice = await Person.SignedUpAsync(service);
        await alice.PutAsync(alice.NewKey());
        foreach (var since in new[] { 2L, 3, (1L << 53) - 1 })
        {
            var delta = (await alice.SendAsync(Request.Get($"{ServiceRoutes.Changes}?since={since}"))).As<ChangesResponse>();
            Assert.Equal(alice.Head.Jws, delta.Head);
            Assert.Empty(delta.Chain);
            Assert.Empty(delta.Changes);
            Assert.Empty(delta.Keys);
            Assert.Equal(alice.Pin.Root, TreeProof.Parse(delta.Proof).ComputeRoot(new Dictionary<Hash256, Hash256?>()));
        }
    }

    [Theory, OnBothEngines]
    public async Task Keys_travel_with_a_delta_up_to_four_thousand_changes(Engine engine)
    {
        await using var service = await RunningService.BeforeAsync(keystores, engine);
        var alice = await Person.SignedUpAsync(service);
        for (var thousand = 0; thousand < 4; thousand++)
            await alice.PutAsync([.. Enumerable.Range(0, 1_000).Select(_ => alice.NewKey())]);

        var all = (await alice.SendAsync(Request.Get(ServiceRoutes.Changes))).As<ChangesResponse>();
        Assert.Equal(4_001, all.Changes.Length);
        Assert.Empty(all.Keys);
        Assert.Equal(alice.Pin.Root, TreeProof.Parse(all.Proof).ComputeRoot(all.Changes.ToDictionary(change => Person.Path(change.Id), change => Leaf(change.New))));
        var recent = (await alice.SendAsync(Request.Get($"{ServiceRoutes.Changes}?since=1"))).As<ChangesResponse>();
        Assert.Equal(4_000, recent.Changes.Length);
        Assert.Equal(4_000, recent.Keys.Length);

        var ids = all.Changes[..1_000].Select(change => change.Id).ToArray();
        var fetched = (await alice.SendAsync(Request.Post(KeystoreRoutes.KeysFetch, new FetchKeysRequest(ids, 2)))).As<KeysResponse>();
        Assert.Equal(1_000, fetched.Keys.Length);
    }

    [Theory, OnBothEngines]
    public async Task The_chain_reaches_every_earlier_head_in_a_few_steps(Engine engine)
    {
        await using var service = await RunningService.BeforeAsync(keystores, engine);
        var alice = await Person.SignedUpAsync(service);
        var pins = new List<HeadPin> { HeadPin.None, alice.Pin };
        for (var number = 2; number <= 45; number++)
        {
            await alice.PutAsync(number == 2 ? alice.NewKey() : alice.NextRevision(alice.Keys.Keys.First(id => id != alice.IdentityId.Value)));
            pins.Add(alice.Pin);
        }

        foreach (var pin in pins)
        {
            var account = (await alice.SendAsync(Request.Get($"{KeystoreRoutes.Account}?since={pin.Number}"))).As<AccountResponse>();
            Assert.InRange(account.Chain.Length, 0, 11);
            Assert.Equal(alice.Pin, HeadChain.Verify(pin, Person.Read(account.Head), [.. account.Chain.Select(Person.Read)], alice.Account, alice.Identity.PublicKey), PinsAreSame);
        }
    }

    private static bool PinsAreSame(HeadPin left, HeadPin right) => left.Number == right.Number && left.Hash == right.Hash && left.Ancestors.SequenceEqual(right.Ancestors);

    private static Hash256? Leaf(byte[]? leaf) => leaf is null ? null : new Hash256(leaf);
}
