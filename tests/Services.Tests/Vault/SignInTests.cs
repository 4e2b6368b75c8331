using System.Net;
using Keyladder.Cryptography;
using Keyladder.Cryptography.Heads;
using Keyladder.Cryptography.Signing;
using Keyladder.Hosting.Admissions;
using Keyladder.Protocol;
using Keyladder.Protocol.Keystore;
using Keyladder.Testing;
using Services.Tests.Client;

namespace Services.Tests.Vault;

public sealed class SignInTests(Vaults vaults) : IClassFixture<Vaults>
{
    [Theory, OnBothEngines]
    public async Task Sessions_are_opened_listed_and_ended(Engine engine)
    {
        await using var service = await RunningService.BeforeAsync(vaults, engine);
        var alice = await VaultPerson.SignedUpAsync(service);
        var phone = await alice.AtAnotherDeviceAsync();
        Assert.Equal(2, (await alice.SendAsync(Request.Get(ServiceRoutes.Sessions))).As<SessionsResponse>().Sessions.Length);
        (await alice.SendAsync(Request.Delete(ServiceRoutes.Session.Replace("{id}", phone.Session.KeyId.Session.ToString(), StringComparison.Ordinal)))).Is(HttpStatusCode.NoContent);
        (await phone.SendAsync(Request.Get(ServiceRoutes.Changes))).IsProblem(ProblemTypes.SignInRequired);

        var audit = (await alice.SendAsync(Request.Get(ServiceRoutes.Audit))).As<AuditResponse>();
        Assert.Equal([AuditEventKinds.AccountCreated, AuditEventKinds.SignedIn, AuditEventKinds.SessionEnded], audit.Events.Select(told => told.Kind));
    }

    [Theory, OnBothEngines]
    public async Task A_sign_up_whose_parts_do_not_fit_is_refused(Engine engine)
    {
        await using var service = await RunningService.BeforeAsync(vaults, engine);
        using var clientKey = X25519PrivateKey.Generate();
        using var other = Ed25519PrivateKey.Generate();
        var before = await service.Database.DumpAsync("limits");
        var alice = new VaultPerson(service);
        foreach (var spoil in new Func<VaultHead, VaultHead>[]
        {
            head => head with { Account = AccountId.Generate() },
            head => head with { SignIn = other.PublicKey },
            head => head with { Audit = Hash256.Of([1]) },
        })
            (await alice.SendUnsignedAsync(Request.Post(ServiceRoutes.Accounts, await alice.SignUpRequestAsync(clientKey, spoil)))).IsProblem(ProblemTypes.HeadRejected);

        var right = await alice.SignUpRequestAsync(clientKey);
        var others = new VaultPerson(service);
        (await alice.SendUnsignedAsync(Request.Post(ServiceRoutes.Accounts, right with { Assertion = await others.AssertionAsync(clientKey) }))).IsProblem(ProblemTypes.SignInFailed);
        Assert.Equal(before, await service.Database.DumpAsync("limits"));
        (await alice.SendUnsignedAsync(Request.Post(ServiceRoutes.Accounts, right))).Is(HttpStatusCode.Created);
    }

    [Theory, OnBothEngines]
    public async Task A_keypair_that_is_not_known_and_one_that_signs_for_another_look_the_same(Engine engine)
    {
        await using var service = await RunningService.BeforeAsync(vaults, engine);
        var alice = await VaultPerson.SignedUpAsync(service);
        using var clientKey = X25519PrivateKey.Generate();
        var stranger = new VaultPerson(service);
        var unknown = await stranger.SendUnsignedAsync(Request.Post(ServiceRoutes.Sessions, new SignInRequest(await stranger.AssertionAsync(clientKey))));
        var forged = new LoginAssertion(service.Origin, await alice.NonceAsync(), alice.Locator, alice.Now.ToUnixTimeSeconds(), clientKey.PublicKey.ToArray()).Sign(stranger.SignInKey);
        var wrong = await alice.SendUnsignedAsync(Request.Post(ServiceRoutes.Sessions, new SignInRequest(forged)));
        unknown.IsProblem(ProblemTypes.SignInFailed);
        Assert.Equal(unknown.Body, wrong.Body);
    }

    [Theory, OnBothEngines]
    public async Task Unless_it_is_said_otherwise_the_first_one_comes_in_and_nobody_after_them(Engine engine)
    {
        await using var service = await RunningService.StartVaultAsync(engine, options => options with { SignUp = new Keyladder.Vault.VaultOptions().SignUp });
        await VaultPerson.SignedUpAsync(service);
        using var clientKey = X25519PrivateKey.Generate();
        var second = new VaultPerson(service);
        (await second.SendUnsignedAsync(Request.Post(ServiceRoutes.Accounts, await second.SignUpRequestAsync(clientKey)))).IsProblem(ProblemTypes.SignUpClosed);
        Assert.Equal(SignUpRule.First, new Keyladder.Vault.VaultOptions().SignUp);
    }

    [Theory, OnBothEngines]
    public async Task A_second_start_changes_nothing(Engine engine)
    {
        await using var service = await RunningService.StartVaultAsync(engine);
        var alice = await VaultPerson.SignedUpAsync(service);
        await alice.PutAsync(VaultPerson.NewItem());
        var before = await service.Database.DumpAsync();
        using var again = await service.StartAnotherInstanceAsync();
        Assert.Equal(before, await service.Database.DumpAsync());
        (await alice.SendAsync(Request.Get(ServiceRoutes.Changes), again)).Is(HttpStatusCode.OK);
    }
}
