using Keyladder.Cryptography;
using Keyladder.Cryptography.Heads;
using Keyladder.Protocol;
using Keyladder.Protocol.Keystore;
using Keyladder.Testing;
using Services.Tests.Client;

namespace Services.Tests.Keystore;

public sealed class KeysTests(Keystores keystores) : IClassFixture<Keystores>
{
    [Theory, OnBothEngines]
    public async Task A_key_comes_back_as_it_was_put_with_its_proof(Engine engine)
    {
        await using var service = await RunningService.BeforeAsync(keystores, engine);
        var alice = await Person.SignedUpAsync(service);
        var (key, other) = (alice.NewKey(), alice.NewKey());
        await alice.PutAsync(key, other);

        var found = (await alice.SendAsync(Request.Get($"/v1/keys/{key.Id}?since=1"))).As<KeysResponse>();
        Assert.Equivalent(key, Assert.Single(found.Keys), strict: true);
        Assert.Equal(alice.Head.Jws, found.Head);
        Assert.Empty(found.Chain);
        Assert.Equal(alice.Pin.Root, TreeProof.Parse(found.Proof).ComputeRoot(new Dictionary<Hash256, Hash256?> { [Person.Path(key.Id)] = Person.Leaf(key) }));
    }

    [Theory, OnBothEngines]
    public async Task Many_keys_come_in_one_answer_with_one_proof_for_those_that_are_there_and_those_that_are_not(Engine engine)
    {
        await using var service = await RunningService.BeforeAsync(keystores, engine);
        var alice = await Person.SignedUpAsync(service);
        var keys = Enumerable.Range(0, 40).Select(_ => alice.NewKey()).ToArray();
        await alice.PutAsync(keys);
        await alice.DeleteAsync(keys[0].Id);
        Guid[] missing = [keys[0].Id, KeyId.Generate().Value];

        var ids = keys[1..21].Select(key => key.Id).Concat(missing).ToArray();
        var found = (await alice.SendAsync(Request.Post(KeystoreRoutes.KeysFetch, new FetchKeysRequest(ids, alice.Pin.Number)))).As<KeysResponse>();
        Assert.Equal(keys[1..21].Select(key => key.Id).Order(), found.Keys.Select(key => key.Id).Order());
        var set = found.Keys.ToDictionary(key => Person.Path(key.Id), key => (Hash256?)Person.Leaf(key));
        foreach (var id in missing)
            set.Add(Person.Path(id), null);
        Assert.Equal(alice.Pin.Root, TreeProof.Parse(found.Proof).ComputeRoot(set));
    }

    [Theory, OnBothEngines]
    public async Task G17_a_foreign_key_and_one_that_is_not_there_look_the_same(Engine engine)
    {
        await using var service = await RunningService.BeforeAsync(keystores, engine);
        var (alice, bob) = (await Person.SignedUpAsync(service), await Person.SignedUpAsync(service));
        var key = alice.NewKey();
        await alice.PutAsync(key);
        var gone = bob.NewKey();
        await bob.PutAsync(gone);
        await bob.DeleteAsync(gone.Id);

        var foreign = await bob.SendAsync(Request.Get($"/v1/keys/{key.Id}"));
        var missing = await bob.SendAsync(Request.Get($"/v1/keys/{KeyId.Generate()}"));
        foreign.IsProblem(ProblemTypes.NotFound);
        Assert.Equal(missing.Body, foreign.Body);
        Assert.Equal(missing.Body, (await bob.SendAsync(Request.Get($"/v1/keys/{gone.Id}"))).Body);

        var fetched = (await bob.SendAsync(Request.Post(KeystoreRoutes.KeysFetch, new FetchKeysRequest([key.Id], 0)))).As<KeysResponse>();
        Assert.Empty(fetched.Keys);
        Assert.Equal(bob.Pin.Root, TreeProof.Parse(fetched.Proof).ComputeRoot(new Dictionary<Hash256, Hash256?> { [Person.Path(key.Id)] = null }));
    }

    [Theory, OnBothEngines]
    public async Task G17_two_people_may_use_one_id_and_never_meet(Engine engine)
    {
        await using var service = await RunningService.BeforeAsync(keystores, engine);
        var (alice, bob) = (await Person.SignedUpAsync(service), await Person.SignedUpAsync(service));
        var hers = alice.NewKey();
        var his = bob.NewKey(new KeyId(hers.Id));
        await alice.PutAsync(hers);
        await bob.PutAsync(his);
        await bob.DeleteAsync(his.Id);
        Assert.Equivalent(hers, Assert.Single((await alice.SendAsync(Request.Get($"/v1/keys/{hers.Id}"))).As<KeysResponse>().Keys), strict: true);
    }

    [Theory, OnBothEngines]
    public async Task Ids_whose_paths_share_more_digits_than_is_usual_are_found_proved_and_changed(Engine engine)
    {
        await using var service = await RunningService.BeforeAsync(keystores, engine);
        var alice = await Person.SignedUpAsync(service);
        var twins = TwinIds().Select(id => alice.NewKey(id)).ToArray();
        await alice.PutAsync(twins[0], alice.NewKey());
        await alice.PutAsync(twins[1]);
        await alice.PutAsync(alice.NextRevision(twins[0].Id));

        foreach (var twin in twins)
        {
            var found = (await alice.SendAsync(Request.Get($"/v1/keys/{twin.Id}"))).As<KeysResponse>();
            Assert.Equal(alice.Pin.Root, TreeProof.Parse(found.Proof).ComputeRoot(
                new Dictionary<Hash256, Hash256?> { [Person.Path(twin.Id)] = Person.Leaf(Assert.Single(found.Keys)) }));
        }

        (await alice.SendAsync(Request.Get($"{ServiceRoutes.Changes}?since=2"))).As<ChangesResponse>();
        await alice.DeleteAsync(twins[0].Id);
        await alice.DeleteAsync(twins[1].Id);
    }

    // Of 2^17 ids two share 32 bits of their paths with near certainty.
    private static KeyId[] TwinIds()
    {
        var seen = new Dictionary<string, KeyId>();
        while (true)
        {
            var id = KeyId.Generate();
            if (!seen.TryAdd(KeyLeaf.Path(id).ToString()[..9], id))
                return [seen[KeyLeaf.Path(id).ToString()[..9]], id];
        }
    }
}
