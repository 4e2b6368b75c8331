using Keyladder.Cryptography;
using Keyladder.Cryptography.Heads;
using Keyladder.Protocol;
using Keyladder.Protocol.Keystore;
using Keyladder.Protocol.Vault;
using Keyladder.Testing;
using Services.Tests.Client;

namespace Services.Tests.Vault;

public sealed class ObjectsTests(Vaults vaults) : IClassFixture<Vaults>
{
    [Theory, OnBothEngines]
    public async Task What_was_put_comes_back_with_a_proof_and_what_is_not_there_with_the_proof_that_it_is_not(Engine engine)
    {
        await using var service = await RunningService.BeforeAsync(vaults, engine);
        var alice = await VaultPerson.SignedUpAsync(service);
        var (item, attribute) = (VaultPerson.NewItem(), VaultPerson.NewAttribute(attachment: await alice.UploadAsync(new byte[10])));
        await alice.PutAsync(item, attribute, VaultPerson.NewItem());
        var nowhere = new ObjectNameMessage(ObjectKind.Item, Guid.NewGuid());

        // Of the same id as the other kind: a name of its own, which nothing has.
        var swapped = new ObjectNameMessage(ObjectKind.Attribute, item.Id);
        foreach (var names in new[] { new[] { VaultPerson.NameOf(item), VaultPerson.NameOf(attribute), nowhere }, [swapped, VaultPerson.NameOf(attribute), nowhere] })
        {
            var found = await alice.FetchAsync(names);
            var leaves = names.ToDictionary(VaultPerson.Path, name => found.Objects.Where(one => VaultPerson.NameOf(one) == name).Select(one => (Hash256?)VaultPerson.Leaf(one)).SingleOrDefault());
            Assert.Equal(alice.Head.Jws, found.Head);
            Assert.Equal(alice.Pin.Root, TreeProof.Parse(found.Proof).ComputeRoot(leaves));
            Assert.Equal(names.Length - (names[0] == swapped ? 2 : 1), found.Objects.Length);
            Assert.Equal(attribute.Attachment, found.Objects.Single(one => one.Id == attribute.Id).Attachment);
        }
    }

    [Theory, OnBothEngines]
    public async Task A_write_that_does_not_follow_from_what_is_there_is_refused_whole(Engine engine)
    {
        await using var service = await RunningService.BeforeAsync(vaults, engine);
        var alice = await VaultPerson.SignedUpAsync(service);
        var (item, gone) = (VaultPerson.NewItem(), VaultPerson.NewAttribute());
        await alice.PutAsync(item, gone);
        await alice.DeleteAsync(gone.Id);
        var next = alice.NextRevision(item.Id);
        var other = VaultPerson.NewItem();
        ObjectWriteRequest[] wrong =
        [
            alice.Write([next with { Revision = 1 }, other], []),
            alice.Write([next with { Revision = 3 }, other], []),
            alice.Write([other with { Revision = 2 }], []),
            alice.Write([next with { Kind = ObjectKind.Attribute }, other], []), // a kind never changes
            alice.Write([gone, other], []), // a deleted id never returns
            alice.Write([gone with { Kind = ObjectKind.Item }, other], []), // under neither kind
            alice.Write([other], [Guid.NewGuid()]),
            WithReplaces(alice.Write([next, other], []), null),
            WithReplaces(alice.Write([next, other], []), new byte[32]),
            alice.Write([], [item.Id]) with { Delete = [new(ObjectKind.Attribute, item.Id, VaultPerson.Leaf(item).ToArray())] },
            alice.Write([], [item.Id]) with { Delete = [new(item.Kind, item.Id, new byte[32])] },
            alice.Write([next, other], [], head => head with { Root = new Hash256(new byte[32]) }),
            alice.Write([next, other], [], head => head with { Count = head.Count + 1 }),
            alice.Write([next, other], [], head => head with { Account = AccountId.Generate() }),
        ];
        var before = await service.Database.DumpAsync("limits");
        foreach (var (index, write) in wrong.Index())
            Assert.Equal((index, ProblemTypes.HeadRejected), (index, (await alice.SendWriteAsync(write)).Problem().Type));
        Assert.Equal(before, await service.Database.DumpAsync("limits"));
        await alice.PutAsync(next, other);
    }

    [Theory, OnBothEngines]
    public async Task A_head_alone_says_what_was_given_up_and_every_later_one_carries_it_on(Engine engine)
    {
        await using var service = await RunningService.BeforeAsync(vaults, engine);
        var alice = await VaultPerson.SignedUpAsync(service);
        var item = VaultPerson.NewItem();
        await alice.PutAsync(item);
        var lost = new LostHead(7, Hash256.Of([7]), [Hash256.Of([6]), Hash256.Of([4])], Follows: 2);
        (await alice.SendWriteAsync(alice.Write([], [], head => head with { Lost = [lost with { Follows = 1 }] }))).IsProblem(ProblemTypes.HeadRejected);
        await alice.LandAsync(alice.Write([], [], head => head with { Lost = [lost] }));
        Assert.Contains(
            (await alice.SendAsync(Request.Get($"{ServiceRoutes.Audit}?after=0"))).As<AuditResponse>().Events, known => known is { Kind: "restore-accepted", Head: 3 });

        Func<VaultHead, VaultHead>[] wrong =
        [
            head => head with { Lost = null },
            head => head with { Lost = [lost with { Hash = Hash256.Zero }] },
            head => head with { Lost = [lost with { Follows = 3 }] },
        ];
        foreach (var spoil in wrong)
            (await alice.SendWriteAsync(alice.Write([alice.NextRevision(item.Id)], [], spoil))).IsProblem(ProblemTypes.HeadRejected);
        await alice.PutAsync(alice.NextRevision(item.Id));
        Assert.Equal([lost], alice.Head.Head.Lost);
    }

    [Theory, OnBothEngines]
    public async Task A_head_keeps_both_keys_of_the_account(Engine engine)
    {
        await using var service = await RunningService.BeforeAsync(vaults, engine);
        var alice = await VaultPerson.SignedUpAsync(service);
        using var other = Keyladder.Cryptography.Signing.Ed25519PrivateKey.Generate();
        (await alice.SendWriteAsync(alice.Write([VaultPerson.NewItem()], [], head => head with { SignIn = other.PublicKey }))).IsProblem(ProblemTypes.HeadRejected);
        await alice.LandAsync(alice.Write([], [], head => head with { Dek = Hash256.Of([1]) }));
        (await alice.SendWriteAsync(alice.Write([VaultPerson.NewItem()], [], head => head with { Dek = null }))).IsProblem(ProblemTypes.HeadRejected);
        await alice.LandAsync(alice.Write([], [], head => head with { Dek = Hash256.Of([2]) }));
        var head = alice.Pin.Next(alice.Head, alice.Today, alice.Pin.Root, alice.Pin.Count) with { Key = other.PublicKey };
        (await alice.SendWriteAsync(new(head.Sign(other).Jws, [], []))).IsProblem(ProblemTypes.HeadRejected);
    }

    [Theory, OnBothEngines]
    public async Task A_write_answers_with_the_events_that_its_head_does_not_sign_for(Engine engine)
    {
        await using var service = await RunningService.BeforeAsync(vaults, engine);
        var alice = await VaultPerson.SignedUpAsync(service);
        var write = alice.Write([VaultPerson.NewItem()], []);
        var answer = await alice.LandAsync(write);
        Assert.Equal(
            [(AuditEventKinds.AccountCreated, 1L), (AuditEventKinds.ObjectsChanged, 2L)],
            answer.Events.Select(told => (told.Kind, told.Head!.Value)));

        // Sent again it answers as if it had landed now, with what happened since.
        await alice.AtAnotherDeviceAsync();
        var again = (await alice.SendWriteAsync(write)).As<ObjectWriteResponse>();
        Assert.Equal((2L, AuditEventKinds.SignedIn), (again.Number, again.Events[^1].Kind));
        Assert.Equal(answer.Events, again.Events[..^1]);

        // What the next head signs for is told no more.
        var signed = again.Events.Aggregate(Hash256.Zero, (hash, told) => AuditChain.Vault.Next(
            hash, alice.Account, told.Number, told.Hour, told.Kind, new SessionId(told.Session), told.Subject, told.Head));
        Assert.Single((await alice.LandAsync(alice.Write([VaultPerson.NewItem()], [], head => head with { Audit = signed }))).Events);
        Assert.Equal([3L], (await alice.ChangesAsync(0)).Events.Select(told => told.Head!.Value));
    }

    [Theory, OnBothEngines]
    public async Task Who_comes_too_late_is_told_what_is_there_now(Engine engine)
    {
        await using var service = await RunningService.BeforeAsync(vaults, engine);
        var alice = await VaultPerson.SignedUpAsync(service);
        var item = VaultPerson.NewItem();
        await alice.PutAsync(item);
        var phone = await alice.AtAnotherDeviceAsync();
        var changed = alice.NextRevision(item.Id);
        await alice.PutAsync(changed);

        var late = phone.NextRevision(item.Id);
        var conflict = (await phone.SendWriteAsync(phone.Write([late], []))).IsProblem(ProblemTypes.HeadConflict);
        phone.Accept(conflict.Head!, conflict.Chain);
        Assert.Null(conflict.Keys);
        var present = Assert.Single(conflict.Objects!);
        Assert.Equal(VaultPerson.Leaf(changed), VaultPerson.Leaf(present));
        Assert.Equal(phone.Pin.Root, TreeProof.Parse(conflict.Proof).ComputeRoot(new Dictionary<Hash256, Hash256?> { [VaultPerson.Path(VaultPerson.NameOf(present))] = VaultPerson.Leaf(present) }));
        Assert.NotEmpty(conflict.Events!);
    }

    private static ObjectWriteRequest WithReplaces(ObjectWriteRequest write, byte[]? replaces) =>
        write with { Put = [write.Put[0] with { Replaces = replaces }, .. write.Put[1..]] };
}
