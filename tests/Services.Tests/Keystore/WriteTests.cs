using System.Net;
using Keyladder.Cryptography;
using Keyladder.Cryptography.Heads;
using Keyladder.Cryptography.Signing;
using Keyladder.Protocol;
using Keyladder.Protocol.Keystore;
using Keyladder.Testing;
using Services.Tests.Client;

namespace Services.Tests.Keystore;

/// <summary>docs/spec/keystore-api.md: a write lands whole or not at all, and what it must be like.</summary>
public sealed class WriteTests(Keystores keystores) : IClassFixture<Keystores>
{
    [Theory, OnBothEngines]
    public async Task Puts_and_deletes_of_one_write_land_together(Engine engine)
    {
        await using var service = await RunningService.BeforeAsync(keystores, engine);
        var alice = await Person.SignedUpAsync(service);
        var (first, second, third) = (alice.NewKey(), alice.NewKey(), alice.NewKey());
        await alice.PutAsync(first, second);
        var write = alice.Write([alice.NextRevision(first.Id), third], [second.Id]);
        Assert.Equal(3, (await alice.SendWriteAsync(write)).As<WriteResponse>().Number);
        alice.Accept(write);

        var found = (await alice.SendAsync(Request.Post(KeystoreRoutes.KeysFetch, new FetchKeysRequest([first.Id, second.Id, third.Id], 0)))).As<KeysResponse>();
        Assert.Equal(new[] { (first.Id, 2L), (third.Id, 1L) }.Order(), found.Keys.Select(key => (key.Id, key.Revision)).Order());
    }

    [Theory, OnBothEngines]
    public async Task A_head_that_has_landed_may_be_sent_again_at_any_time(Engine engine)
    {
        await using var service = await RunningService.BeforeAsync(keystores, engine);
        var alice = await Person.SignedUpAsync(service);
        var write = alice.Write([alice.NewKey()], []);
        (await alice.SendWriteAsync(write)).As<WriteResponse>();
        alice.Accept(write);
        await alice.PutAsync(alice.NextRevision(write.Put[0].Key.Id));

        var before = await service.Database.DumpAsync();
        Assert.Equal(2, (await alice.SendWriteAsync(write)).As<WriteResponse>().Number);
        Assert.Equal(before, await service.Database.DumpAsync());
    }

    [Theory, OnBothEngines]
    public async Task The_loser_of_a_race_gets_what_it_needs_to_try_again(Engine engine)
    {
        await using var service = await RunningService.BeforeAsync(keystores, engine);
        var alice = await Person.SignedUpAsync(service);
        var key = alice.NewKey();
        await alice.PutAsync(key);
        var phone = await alice.AtAnotherDeviceAsync();
        await alice.PutAsync(alice.NextRevision(key.Id));
        await alice.PutAsync(alice.NewKey());

        var added = phone.NewKey();
        var late = phone.Write([phone.NextRevision(key.Id), added], []);
        var before = await service.Database.DumpAsync();
        var problem = (await phone.SendWriteAsync(late)).IsProblem(ProblemTypes.HeadConflict);
        Assert.Equal(before, await service.Database.DumpAsync());

        Assert.Equal(alice.Head.Jws, problem.Head);
        Assert.Equivalent(alice.Keys[key.Id], Assert.Single(problem.Keys!), strict: true);
        phone.Accept(problem.Head!, problem.Chain);
        Assert.Equal(phone.Pin.Root, TreeProof.Parse(problem.Proof!).ComputeRoot(new Dictionary<Hash256, Hash256?>
        {
            [Person.Path(key.Id)] = Person.Leaf(problem.Keys![0]),
            [Person.Path(added.Id)] = null,
        }));
    }

    [Theory, OnBothEngines]
    public async Task Another_history_than_the_account_has_is_a_conflict(Engine engine)
    {
        await using var service = await RunningService.BeforeAsync(keystores, engine);
        var alice = await Person.SignedUpAsync(service);
        await alice.PutAsync(alice.NewKey());
        var write = alice.Write([alice.NewKey()], [], head => head with { Links = [Hash256.Of([1])] });
        Assert.Equal(alice.Head.Jws, (await alice.SendWriteAsync(write)).IsProblem(ProblemTypes.HeadConflict).Head);
        write = alice.Write([alice.NewKey()], [], head => head with { Number = 5 });
        Assert.Equal(alice.Head.Jws, (await alice.SendWriteAsync(write)).IsProblem(ProblemTypes.HeadConflict).Head);
    }

    public static TheoryData<Engine, string> Misfits() => Engines.With(
        "root", "count", "later link", "signature", "account", "identity", "identity key", "kek", "epoch", "slot added", "slot changed", "key's kek",
        "revision skipped", "revision repeated", "new key with revision 2", "replaces nothing", "replaces something else", "new key replaces", "put of a deleted key",
        "delete of what is not there", "delete of a foreign key", "delete of something else", "delete of the identity key", "head without its put", "put without its head");

    [Theory, MemberData(nameof(Misfits))]
    public async Task H07_a_write_that_does_not_fit_is_refused_and_changes_nothing(Engine engine, string misfit)
    {
        await using var service = await RunningService.BeforeAsync(keystores, engine);
        var (alice, bob) = (await Person.SignedUpAsync(service), await Person.SignedUpAsync(service));
        var (key, deleted, foreign) = (alice.NewKey(), alice.NewKey(), bob.NewKey());
        await alice.PutAsync(key, deleted);
        await alice.DeleteAsync(deleted.Id);
        await bob.PutAsync(foreign);
        using var stranger = Ed25519PrivateKey.Generate();
        var (next, added, slot) = (alice.NextRevision(key.Id), alice.NewKey(), Slot.Generate());
        var any = alice.Write([next], []);

        // The next number is 4, so that there are links beyond the first.
        var write = misfit switch
        {
            "root" => alice.Write([next], [], head => head with { Root = Hash256.Of([1]) }),
            "count" => alice.Write([next], [], head => head with { Count = head.Count + 1 }),
            "later link" => alice.Write([next], [], head => head with { Links = [head.Links[0], Hash256.Of([1])] }),
            "signature" => any with { Head = Person.Read(any.Head).Head.Sign(stranger).Jws },
            "account" => alice.Write([next], [], head => head with { Account = bob.Account }),
            "identity" => alice.Write([next], [], head => head with { Identity = head.Identity with { Id = KeyId.Generate() } }),
            "identity key" => any with { Head = (Person.Read(any.Head).Head with { Identity = new(alice.IdentityId, stranger.PublicKey) }).Sign(stranger).Jws },
            "kek" => alice.Write([next], [], head => head with { KeyEncryptionKey = KeyEncryptionKeyId.Generate() }),
            "epoch" => alice.Write([next], [], head => head with { Epoch = 2 }),
            "slot added" => alice.Write([next], [], head => head with { Slots = [.. head.Slots.Append(slot.InHead).OrderBy(one => one.Id.ToString(), StringComparer.Ordinal)] }),
            "slot changed" => alice.Write([next], [], head => head with { Slots = [head.Slots[0] with { Wrapped = Hash256.Zero }] }),
            "key's kek" => alice.Write([next with { Kek = KeyEncryptionKeyId.Generate().Value }], []),
            "revision skipped" => alice.Write([next with { Revision = 3 }], []),
            "revision repeated" => alice.Write([next with { Revision = 1 }], []),
            "new key with revision 2" => alice.Write([added with { Revision = 2 }], []),
            "replaces nothing" => any with { Put = [new PutKeyMessage(next)] },
            "replaces something else" => any with { Put = [new PutKeyMessage(next, new byte[32])] },
            "new key replaces" => Changed(alice.Write([added], []), put => put with { Replaces = new byte[32] }),
            "put of a deleted key" => alice.Write([deleted], []),
            "delete of what is not there" => alice.Write([], [KeyId.Generate().Value]),
            "delete of a foreign key" => alice.Write([], [foreign.Id]) with { Delete = [new DeleteKeyMessage(foreign.Id, Person.Leaf(foreign).ToArray())] },
            "delete of something else" => alice.Write([], [key.Id]) with { Delete = [new DeleteKeyMessage(key.Id, new byte[32])] },
            "delete of the identity key" => alice.Write([added], [alice.IdentityId.Value]),
            "head without its put" => any with { Put = [] },
            _ => any with { Put = [.. any.Put, new PutKeyMessage(added)] },
        };
        Assert.Equal(2, Person.Read(write.Head).Head.Links.Count);

        var before = await service.Database.DumpAsync();
        (await alice.SendWriteAsync(write)).IsProblem(ProblemTypes.HeadRejected);
        Assert.Equal(before, await service.Database.DumpAsync());
        (await alice.SendWriteAsync(any)).As<WriteResponse>();

        static WriteRequest Changed(WriteRequest write, Func<PutKeyMessage, PutKeyMessage> change) => write with { Put = [change(write.Put[0])] };
    }

    [Theory, OnBothEngines]
    public async Task A_head_alone_says_what_was_given_up_and_every_later_one_carries_it_on(Engine engine)
    {
        await using var service = await RunningService.BeforeAsync(keystores, engine);
        var alice = await Person.SignedUpAsync(service);
        var (key, slot) = (alice.NewKey(), Slot.Generate());
        await alice.PutAsync(key);
        var lost = new LostHead(7, Hash256.Of([7]), [Hash256.Of([6]), Hash256.Of([4])], Follows: 2);
        (await alice.SendWriteAsync(alice.Write([], [], head => head with { Lost = [lost with { Follows = 1 }] }))).IsProblem(ProblemTypes.HeadRejected);
        var choice = alice.Write([], [], head => head with { Lost = [lost] });
        (await alice.SendWriteAsync(choice)).As<WriteResponse>();
        alice.Accept(choice);
        Assert.Contains(
            (await alice.SendAsync(Request.Get($"{ServiceRoutes.Audit}?after=0"))).As<AuditResponse>().Events, known => known is { Kind: "restore-accepted", Head: 3 });

        Func<KeystoreHead, KeystoreHead>[] wrong =
        [
            head => head with { Lost = null },
            head => head with { Lost = [lost with { Hash = Hash256.Zero }] },
            head => head with { Lost = [lost with { Follows = 3 }] },
        ];
        foreach (var spoil in wrong)
            (await alice.SendWriteAsync(alice.Write([alice.NextRevision(key.Id)], [], spoil))).IsProblem(ProblemTypes.HeadRejected);
        await alice.PutAsync(alice.NextRevision(key.Id));
        Assert.Equal([lost], alice.Head.Head.Lost);
        (await alice.SendAsync(Request.Post(KeystoreRoutes.Slots, await alice.SlotChangeAsync(slot, remove: null)))).Is(HttpStatusCode.NoContent);
    }

    [Theory, OnBothEngines]
    public async Task G17_a_deletion_of_what_is_foreign_and_of_what_is_missing_looks_the_same(Engine engine)
    {
        await using var service = await RunningService.BeforeAsync(keystores, engine);
        var (alice, bob) = (await Person.SignedUpAsync(service), await Person.SignedUpAsync(service));
        var key = alice.NewKey();
        await alice.PutAsync(key);
        var foreign = await bob.SendWriteAsync(bob.Write([], [key.Id]));
        var missing = await bob.SendWriteAsync(bob.Write([], [KeyId.Generate().Value]));
        Assert.Equal(missing.Body, foreign.Body);
        Assert.Equal(missing.Status, foreign.Status);
    }

    [Theory, OnBothEngines]
    public async Task G17_the_head_of_another_account_lands_nowhere(Engine engine)
    {
        await using var service = await RunningService.BeforeAsync(keystores, engine);
        var (alice, bob) = (await Person.SignedUpAsync(service), await Person.SignedUpAsync(service));
        var before = await service.Database.DumpAsync();
        (await bob.SendWriteAsync(alice.Write([alice.NewKey()], []))).IsProblem(ProblemTypes.HeadConflict);
        Assert.Equal(before, await service.Database.DumpAsync());
    }
}
