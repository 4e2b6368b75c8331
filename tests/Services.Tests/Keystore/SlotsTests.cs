using System.Net;
using Keyladder.Cryptography;
using Keyladder.Cryptography.Heads;
using Keyladder.Cryptography.Signing;
using Keyladder.Protocol;
using Keyladder.Protocol.Keystore;
using Keyladder.Testing;
using Services.Tests.Client;

namespace Services.Tests.Keystore;

public sealed class SlotsTests(Keystores keystores) : IClassFixture<Keystores>
{
    [Theory, OnBothEngines]
    public async Task D02_G09_G12_a_new_slot_replaces_the_old_one_and_every_session_ends(Engine engine)
    {
        await using var service = await RunningService.BeforeAsync(keystores, engine);
        var alice = await Person.SignedUpAsync(service);
        await alice.PutAsync(alice.NewKey());
        var phone = await alice.AtAnotherDeviceAsync();
        var (old, next) = (alice.Slot, Slot.Generate() with { Kind = SlotKind.Passphrase });
        var change = await alice.SlotChangeAsync(next, old.Id);
        (await SendAsync(alice, change)).Is(HttpStatusCode.NoContent);

        foreach (var device in new[] { alice, phone })
            (await device.SendAsync(Request.Get(KeystoreRoutes.Account))).IsProblem(ProblemTypes.SignInRequired);
        using var clientKey = X25519PrivateKey.Generate();
        (await phone.SendUnsignedAsync(Request.Post(ServiceRoutes.Sessions, new SignInRequest(await phone.AssertionAsync(clientKey))))).IsProblem(ProblemTypes.SignInFailed);

        alice.Slot = next;
        await alice.SignInAsync();
        var account = (await alice.SendAsync(Request.Get($"{KeystoreRoutes.Account}?since=2"))).As<AccountResponse>();
        Assert.Equivalent(next.Message with { Locator = null }, account.Slot, strict: true);
        alice.Accept(account.Head, account.Chain);
        Assert.Equal(next.InHead, Assert.Single(alice.Head.Head.Slots));
        await alice.PutAsync(alice.NewKey());
    }

    [Theory, OnBothEngines]
    public async Task Slots_are_added_and_removed_one_by_one(Engine engine)
    {
        await using var service = await RunningService.BeforeAsync(keystores, engine);
        var alice = await Person.SignedUpAsync(service);
        var (first, second) = (alice.Slot, Slot.Generate());
        await LandAsync(alice, second, null);
        (await alice.SendAsync(Request.Get(KeystoreRoutes.Account))).IsProblem(ProblemTypes.SignInRequired);
        await alice.SignInAsync();
        alice.Slot = second;
        await alice.SignInAsync();
        await LandAsync(alice, null, first.Id);
        await alice.SignInAsync();
        Assert.Equal(second.Id.Value, (await alice.SendAsync(Request.Get($"{KeystoreRoutes.Account}?since=3"))).As<AccountResponse>().Slot.Id);
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task A_slot_is_of_a_kind_that_the_specification_has(Engine engine, string kind)
    {
        await using var service = await RunningService.BeforeAsync(keystores, engine);
        var alice = await Person.SignedUpAsync(service);
        var added = Slot.Generate() with { Kind = kind };
        if (!SlotKind.IsKnown(kind))
        {
            var right = await alice.SlotChangeAsync(added with { Kind = SlotKind.Device }, null);
            (await SendAsync(alice, right with { Add = added.Message })).IsProblem(ProblemTypes.MalformedRequest);
            return;
        }

        await LandAsync(alice, added, null);
        (alice.Slot, var first) = (added, alice.Slot);
        await alice.SignInAsync();
        var account = (await alice.SendAsync(Request.Get($"{KeystoreRoutes.Account}?since=1"))).As<AccountResponse>();
        Assert.Equivalent(added.Message with { Locator = null }, account.Slot, strict: true);
        await LandAsync(alice, null, first.Id);
        await alice.SignInAsync();
        Assert.Equal(added.InHead, Assert.Single(alice.Head.Head.Slots));
    }

    public static TheoryData<Engine, string> Kinds() => Engines.With(SlotKind.Words, SlotKind.Passphrase, SlotKind.Device, "passkey", "", "Device");

    [Theory, OnBothEngines]
    public async Task A_change_that_has_landed_may_be_sent_again(Engine engine)
    {
        await using var service = await RunningService.BeforeAsync(keystores, engine);
        var alice = await Person.SignedUpAsync(service);
        var change = await LandAsync(alice, Slot.Generate(), null);
        await alice.SignInAsync();
        var before = await service.Database.DumpAsync();
        (await SendAsync(alice, change)).Is(HttpStatusCode.NoContent);
        Assert.Equal(before, await service.Database.DumpAsync());
    }

    [Theory, OnBothEngines]
    public async Task A_change_that_comes_too_late_is_told_so(Engine engine)
    {
        await using var service = await RunningService.BeforeAsync(keystores, engine);
        var alice = await Person.SignedUpAsync(service);
        var change = await alice.SlotChangeAsync(Slot.Generate(), null);
        await alice.PutAsync(alice.NewKey());
        var before = await service.Database.DumpAsync();
        var problem = (await SendAsync(alice, change)).IsProblem(ProblemTypes.HeadConflict);
        Assert.Equal(alice.Head.Jws, problem.Head);
        Assert.Empty(problem.Keys!);
        Assert.Equal(alice.Pin.Root, TreeProof.Parse(problem.Proof!).ComputeRoot(new Dictionary<Hash256, Hash256?>()));
        Assert.Equal(before, await service.Database.DumpAsync());
    }

    public static TheoryData<Engine, string, string> Refused() => Engines.With(
        ("proof of another head", ProblemTypes.SignInFailed), ("proof by another slot", ProblemTypes.SignInFailed), ("proof that names another slot", ProblemTypes.SignInFailed), ("proof for another origin", ProblemTypes.SignInFailed),
        ("old proof", ProblemTypes.SignInFailed), ("used nonce", ProblemTypes.NonceExpired), ("assertion for a proof", ProblemTypes.SignInFailed), ("no proof", ProblemTypes.SignInFailed),
        ("head without the slot", ProblemTypes.HeadRejected), ("head with another slot", ProblemTypes.HeadRejected), ("remove what is not there", ProblemTypes.HeadRejected),
        ("another root", ProblemTypes.HeadRejected), ("another count", ProblemTypes.HeadRejected), ("another signature", ProblemTypes.HeadRejected), ("another kek", ProblemTypes.HeadRejected),
        ("taken locator", ProblemTypes.AccountExists), ("own locator", ProblemTypes.AccountExists), ("own id", ProblemTypes.AccountExists), ("neither", ProblemTypes.MalformedRequest));

    [Theory, MemberData(nameof(Refused))]
    public async Task F13_G13_H07_a_change_that_is_not_exactly_right_is_refused_and_changes_nothing(Engine engine, string what, string problem)
    {
        await using var service = await RunningService.BeforeAsync(keystores, engine);
        var (alice, bob) = (await Person.SignedUpAsync(service), await Person.SignedUpAsync(service));
        var other = Slot.Generate();
        await LandAsync(alice, other, null);
        await alice.SignInAsync();
        var right = await alice.SlotChangeAsync(Slot.Generate(), null);
        var head = Person.Read(right.Head).Head;
        var nonce = await alice.NonceAsync();
        var proof = new LoginProof(service.Origin, nonce, alice.Slot.Locator, alice.Now.ToUnixTimeSeconds(), Jws.SigningInputHash(right.Head));
        using var clientKey = X25519PrivateKey.Generate();
        if (what == "used nonce")
        {
            var assertion = new LoginAssertion(service.Origin, nonce, alice.Slot.Locator, alice.Now.ToUnixTimeSeconds(), clientKey.PublicKey.ToArray());
            (await alice.SendUnsignedAsync(Request.Post(ServiceRoutes.Sessions, new SignInRequest(assertion.Sign(alice.Slot.Login))))).As<SignInResponse>();
        }

        var change = what switch
        {
            "proof of another head" => right with { Proof = (proof with { HeadHash = new byte[32] }).Sign(alice.Slot.Login) },
            "proof by another slot" => right with { Proof = (proof with { Locator = other.Locator }).Sign(other.Login) },
            "proof that names another slot" => right with { Proof = (proof with { Locator = other.Locator }).Sign(alice.Slot.Login) },
            "proof for another origin" => right with { Proof = (proof with { Audience = OtherOrigin }).Sign(alice.Slot.Login) },
            "old proof" => right with { Proof = (proof with { IssuedAt = proof.IssuedAt - 70 }).Sign(alice.Slot.Login) },
            "used nonce" => right with { Proof = proof.Sign(alice.Slot.Login) },
            "assertion for a proof" => right with { Proof = await alice.AssertionAsync(clientKey) },
            "no proof" => right with { Proof = "" },
            "head without the slot" => await WithHeadAsync(right, head with { Slots = alice.Head.Head.Slots }),
            "head with another slot" => right with { Add = Slot.Generate().Message },
            "remove what is not there" => right with { Remove = SlotId.Generate().Value },
            "another root" => await WithHeadAsync(right, head with { Root = Hash256.Zero }),
            "another count" => await WithHeadAsync(right, head with { Count = 2 }),
            "another signature" => await SignedByAsync(right, head, bob.Identity),
            "another kek" => await WithHeadAsync(right, head with { KeyEncryptionKey = KeyEncryptionKeyId.Generate() }),
            "taken locator" => await alice.SlotChangeAsync(Slot.Generate() with { Locator = bob.Slot.Locator }, null),
            "own locator" => await alice.SlotChangeAsync(Slot.Generate() with { Locator = alice.Slot.Locator }, alice.Slot.Id),
            "own id" => await alice.SlotChangeAsync(Slot.Generate() with { Id = alice.Slot.Id }, alice.Slot.Id),
            _ => right with { Add = null },
        };

        var before = await service.Database.DumpAsync();
        (await SendAsync(alice, change)).IsProblem(problem);
        Assert.Equal(before, await service.Database.DumpAsync());
        (await SendAsync(alice, right)).Is(HttpStatusCode.NoContent);

        Task<ChangeSlotsRequest> WithHeadAsync(ChangeSlotsRequest request, KeystoreHead changed) => SignedByAsync(request, changed, alice.Identity);

        async Task<ChangeSlotsRequest> SignedByAsync(ChangeSlotsRequest request, KeystoreHead changed, Ed25519PrivateKey key)
        {
            var jws = changed.Sign(key).Jws;
            return request with { Head = jws, Proof = await alice.ProofAsync(jws) };
        }
    }

    [Theory, OnBothEngines]
    public async Task The_last_slot_cannot_be_removed(Engine engine)
    {
        await using var service = await RunningService.BeforeAsync(keystores, engine);
        var alice = await Person.SignedUpAsync(service);
        var next = alice.Pin.Next(alice.Head, alice.Head.Head.Day, alice.Pin.Root, alice.Pin.Count);
        var head = RawHead.With(next, alice.Identity, "slots", new System.Text.Json.Nodes.JsonArray());
        var before = await service.Database.DumpAsync();
        (await SendAsync(alice, new ChangeSlotsRequest(head, await alice.ProofAsync(head), null, alice.Slot.Id.Value))).IsProblem(ProblemTypes.MalformedRequest);
        Assert.Equal(before, await service.Database.DumpAsync());
    }

    private static Origin OtherOrigin => Origin.TryParse("https://keys.example.org", out var origin) ? origin : throw new InvalidOperationException();

    private static Task<Answer> SendAsync(Person person, ChangeSlotsRequest change) => person.SendAsync(Request.Post(KeystoreRoutes.Slots, change));

    private static async Task<ChangeSlotsRequest> LandAsync(Person person, Slot? add, SlotId? remove)
    {
        var change = await person.SlotChangeAsync(add, remove);
        (await SendAsync(person, change)).Is(HttpStatusCode.NoContent);
        person.Accept(change.Head);
        return change;
    }
}
