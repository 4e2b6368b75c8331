using Keyladder.Cryptography.Heads;
using Keyladder.Protocol.Vault;
using Keyladder.Testing;
using Services.Tests.Client;

namespace Services.Tests.Vault;

/// <summary>docs/spec/heads.md section 5, "A delta", checked as a client checks it.</summary>
public sealed class ChangesTests(Vaults vaults) : IClassFixture<Vaults>
{
    [Theory, OnBothEngines]
    public async Task A_delta_leads_from_any_head_to_the_newest_with_the_items_and_if_asked_the_attributes(Engine engine)
    {
        await using var service = await RunningService.BeforeAsync(vaults, engine);
        var alice = await VaultPerson.SignedUpAsync(service);
        var pins = new List<HeadPin> { HeadPin.None, alice.Pin };
        var items = Enumerable.Range(0, 4).Select(_ => VaultPerson.NewItem()).ToArray();
        var attributes = Enumerable.Range(0, 4).Select(_ => VaultPerson.NewAttribute()).ToArray();
        await Step(() => alice.PutAsync(items[0], attributes[0]));
        await Step(() => alice.PutAsync(items[1], attributes[1], attributes[2]));
        await Step(() => alice.PutAsync(alice.NextRevision(items[0].Id), alice.NextRevision(attributes[1].Id)));
        await Step(() => alice.DeleteAsync(items[1].Id, attributes[2].Id));
        await Step(() => alice.PutAsync([.. items[2..], attributes[3]]));

        foreach (var since in Enumerable.Range(0, pins.Count))
        {
            var delta = await alice.ChangesAsync(since);
            Assert.Equal(alice.Head.Jws, delta.Head);
            Assert.Equal(alice.Pin.Hash, HeadChain.Verify(pins[since], VaultPerson.Read(delta.Head), [.. delta.Chain.Select(VaultPerson.Read)], alice.Account, alice.HeadKey.PublicKey).Hash);

            var proof = TreeProof.Parse(delta.Proof);
            Assert.Equal(pins[since].Root, proof.ComputeRoot(Leaves(delta, change => change.Old)));
            Assert.Equal(alice.Pin.Root, proof.ComputeRoot(Leaves(delta, change => change.New)));
            Assert.Equal(alice.Pin.Count - pins[since].Count, delta.Changes.Sum(change => (change.New is null ? 0 : 1) - (change.Old is null ? 0 : 1)));
            AssertHolds(delta, change => change.Kind == ObjectKind.Item);
            AssertHolds(await alice.ChangesAsync(since, attributes: true), _ => true);
            Assert.NotEmpty(delta.Events);
        }

        async Task Step(Func<Task> write)
        {
            await write();
            pins.Add(alice.Pin);
        }
    }

    [Theory, OnBothEngines]
    public async Task What_came_and_went_between_is_no_difference_and_a_number_above_the_newest_answers_with_that_head(Engine engine)
    {
        await using var service = await RunningService.BeforeAsync(vaults, engine);
        var alice = await VaultPerson.SignedUpAsync(service);
        var passing = VaultPerson.NewItem();
        await alice.PutAsync(passing);
        await alice.DeleteAsync(passing.Id);
        foreach (var since in new[] { 0, 1, 3, (1L << 53) - 1 })
        {
            var delta = await alice.ChangesAsync(since, attributes: true);
            Assert.Empty(delta.Changes);
            Assert.Empty(delta.Objects);
            Assert.Equal(alice.Head.Jws, delta.Head);
            Assert.Equal(Hash256.Zero, TreeProof.Parse(delta.Proof).ComputeRoot(new Dictionary<Hash256, Hash256?>()));
        }
    }

    [Theory, OnBothEngines]
    public async Task Objects_travel_with_a_delta_as_long_as_there_is_room_the_items_first(Engine engine)
    {
        await using var service = await RunningService.BeforeAsync(vaults, engine);
        var alice = await VaultPerson.SignedUpAsync(service);
        const int full = VaultRoutes.MaxDeltaBytes / VaultRoutes.MaxSealedBytes;
        var items = Enumerable.Range(0, full - 2).Select(_ => VaultPerson.NewItem(VaultRoutes.MaxSealedBytes)).ToArray();
        var attributes = Enumerable.Range(0, 4).Select(_ => VaultPerson.NewAttribute(VaultRoutes.MaxSealedBytes)).ToArray();
        await alice.PutAsync(attributes);
        await alice.PutAsync(items);
        foreach (var since in new[] { 0, 1 })
        {
            var whole = await alice.ChangesAsync(since, attributes: true);
            Assert.Equal(items.Length + attributes.Length, whole.Changes.Length);
            Assert.Equal((full, items.Length), (whole.Objects.Length, whole.Objects.Count(one => one.Kind == ObjectKind.Item)));
            Assert.Equal(items.Length, (await alice.ChangesAsync(since)).Objects.Length);
        }
    }

    private static void AssertHolds(ObjectChangesResponse delta, Func<ObjectChangeMessage, bool> which) => Assert.Equal(
        delta.Changes.Where(change => change.New is not null && which(change)).Select(change => (change.Kind, change.Id, new Hash256(change.New!).ToString())).Order(),
        delta.Objects.Select(one => (one.Kind, one.Id, VaultPerson.Leaf(one).ToString())).Order());

    private static Dictionary<Hash256, Hash256?> Leaves(ObjectChangesResponse delta, Func<ObjectChangeMessage, byte[]?> leaf) =>
        delta.Changes.ToDictionary(change => VaultPerson.Path(new(change.Kind, change.Id)), change => leaf(change) is { } there ? new Hash256(there) : (Hash256?)null);
}
