using System.Net;
using Keyladder.Cryptography;
using Keyladder.Cryptography.Heads;
using Keyladder.Cryptography.Signing;
using Keyladder.Protocol;
using Keyladder.Protocol.Keystore;
using Keyladder.Testing;
using Services.Tests.Client;

namespace Services.Tests.Keystore;

public sealed class SignUpTests(Keystores keystores) : IClassFixture<Keystores>
{
    [Theory, OnBothEngines]
    public async Task Who_signs_up_gets_a_session_and_finds_the_account(Engine engine)
    {
        await using var service = await RunningService.BeforeAsync(keystores, engine);
        var alice = await Person.SignedUpAsync(service);

        var account = (await alice.SendAsync(Request.Get(KeystoreRoutes.Account))).As<AccountResponse>();
        Assert.Equivalent(alice.Slot.Message with { Locator = null }, account.Slot, strict: true);
        Assert.Equivalent(alice.Keys[alice.IdentityId.Value], account.Identity, strict: true);
        Assert.Equal(alice.Head.Jws, account.Head);
        Assert.Empty(account.Chain);
        Assert.Equal(alice.Pin.Root, TreeProof.Parse(account.Proof).ComputeRoot(
            new Dictionary<Hash256, Hash256?> { [Person.Path(account.Identity.Id)] = Person.Leaf(account.Identity) }));
    }

    [Theory, OnBothEngines]
    public async Task The_same_sign_up_again_answers_as_if_it_had_landed_now(Engine engine)
    {
        await using var service = await RunningService.BeforeAsync(keystores, engine);
        var alice = await Person.SignedUpAsync(service);
        var before = await service.Database.DumpAsync("sessions", "spent_nonces", "limits", "audit_events");

        using var clientKey = X25519PrivateKey.Generate();
        var again = new SignUpRequest(alice.Account.Value, await alice.AssertionAsync(clientKey), alice.Slot.Message, [alice.Keys[alice.IdentityId.Value]], alice.Head.Jws);
        var answer = await alice.SendUnsignedAsync(Request.Post(ServiceRoutes.Accounts, again));
        Assert.Equal(HttpStatusCode.Created, answer.Status);
        alice.Session = Session.From(answer.As<SignInResponse>(), clientKey, service.Origin);
        (await alice.SendAsync(Request.Get(KeystoreRoutes.Account))).As<AccountResponse>();
        Assert.Equal(before, await service.Database.DumpAsync("sessions", "spent_nonces", "limits", "audit_events"));
    }

    [Theory, OnBothEngines]
    public async Task What_is_taken_by_something_else_is_refused(Engine engine)
    {
        await using var service = await RunningService.BeforeAsync(keystores, engine);
        var alice = await Person.SignedUpAsync(service);

        await Refused(new Person(service) { Account = alice.Account }, ProblemTypes.AccountExists);
        await Refused(new Person(service) { Slot = Slot.Generate() with { Locator = alice.Slot.Locator } }, ProblemTypes.AccountExists);
        await Refused(
            new Person(service) { Account = alice.Account, Kek = alice.Kek, Identity = alice.Identity, IdentityId = alice.IdentityId, Slot = alice.Slot }, ProblemTypes.AccountExists);

        async Task Refused(Person person, string problem)
        {
            using var clientKey = X25519PrivateKey.Generate();
            await RefusedAsync(service, person, await person.SignUpRequestAsync(clientKey), problem);
        }
    }

    public static TheoryData<Engine, string> Misfits() => Engines.With(
        "number", "account", "epoch", "identity", "signature", "kek", "root", "count", "slot id", "slot kind", "slot login", "slot wrapped", "second slot", "revision", "key");

    [Theory, MemberData(nameof(Misfits))]
    public async Task A_head_that_does_not_fit_the_account_is_refused(Engine engine, string misfit)
    {
        await using var service = await RunningService.BeforeAsync(keystores, engine);
        var person = new Person(service);
        using var clientKey = X25519PrivateKey.Generate();
        using var stranger = Ed25519PrivateKey.Generate();
        var request = await person.SignUpRequestAsync(clientKey);
        var (head, key) = (Person.Read(request.Head).Head, request.Keys[0]);
        var slot = head.Slots[0];
        head = misfit switch
        {
            "number" => head with { Number = 2, Links = [Hash256.Zero] },
            "account" => head with { Account = AccountId.Generate() },
            "epoch" => head with { Epoch = 2 },
            "identity" => head with { Identity = head.Identity with { Id = KeyId.Generate() } },
            "kek" => head with { KeyEncryptionKey = KeyEncryptionKeyId.Generate() },
            "root" => head with { Root = Hash256.Of([1]) },
            "slot id" => head with { Slots = [slot with { Id = SlotId.Generate() }] },
            "slot kind" => head with { Slots = [slot with { Kind = SlotKind.Passphrase }] },
            "slot login" => head with { Slots = [slot with { Login = stranger.PublicKey }] },
            "slot wrapped" => head with { Slots = [slot with { Wrapped = Hash256.Zero }] },
            "second slot" => head with { Slots = [.. new[] { slot, Slot.Generate().InHead }.OrderBy(one => one.Id.ToString(), StringComparer.Ordinal)] },
            "revision" => head with { Root = Person.RootOf([key with { Revision = 2 }]) },
            _ => head,
        };
        request = request with
        {
            Head = misfit == "count" ? RawHead.With(head, person.Identity, "count", 2) : head.Sign(misfit == "signature" ? stranger : person.Identity).Jws,
            Keys = [misfit switch { "revision" => key with { Revision = 2 }, "key" => person.NewKey(person.IdentityId), _ => key }],
        };

        await RefusedAsync(service, person, request, misfit == "count" ? ProblemTypes.MalformedRequest : ProblemTypes.HeadRejected);
    }

    [Theory, OnBothEngines]
    public async Task The_assertion_must_be_signed_by_the_slot_and_name_its_locator(Engine engine)
    {
        await using var service = await RunningService.BeforeAsync(keystores, engine);
        var (person, other) = (new Person(service), new Person(service));
        using var clientKey = X25519PrivateKey.Generate();
        var request = await person.SignUpRequestAsync(clientKey);

        await RefusedAsync(service, person, request with { Assertion = await other.AssertionAsync(clientKey) }, ProblemTypes.SignInFailed);
        other.Slot = other.Slot with { Login = person.Slot.Login };
        await RefusedAsync(service, person, request with { Assertion = await other.AssertionAsync(clientKey) }, ProblemTypes.SignInFailed);
    }

    private static async Task RefusedAsync(RunningService service, Person person, SignUpRequest request, string problem)
    {
        var before = await service.Database.DumpAsync("limits");
        (await person.SendUnsignedAsync(Request.Post(ServiceRoutes.Accounts, request))).IsProblem(problem);
        Assert.Equal(before, await service.Database.DumpAsync("limits"));
    }
}
