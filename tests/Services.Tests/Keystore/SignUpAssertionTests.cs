using Keyladder.Cryptography.Signing;
using Keyladder.Protocol;
using Keyladder.Protocol.Keystore;
using Keyladder.Testing;
using Services.Tests.Client;

namespace Services.Tests.Keystore;

/// <summary>A sign-up opens a session for whoever holds the slot's login key, and for nobody who has only seen the locator or a sign-up go by.</summary>
public sealed class SignUpAssertionTests(Keystores keystores) : IClassFixture<Keystores>
{
    [Theory, OnBothEngines]
    public async Task The_right_locator_under_another_key_signs_nobody_up(Engine engine)
    {
        await using var service = await RunningService.BeforeAsync(keystores, engine);
        var person = new Person(service);
        using var clientKey = X25519PrivateKey.Generate();
        var request = await person.SignUpRequestAsync(clientKey);

        await RefusedAsync(service, person, request with { Assertion = await ForgedAsync(service, person) });
    }

    [Theory, OnBothEngines]
    public async Task A_recorded_sign_up_with_somebody_elses_session_key_opens_no_session(Engine engine)
    {
        await using var service = await RunningService.BeforeAsync(keystores, engine);
        var alice = await Person.SignedUpAsync(service);
        var recorded = new SignUpRequest(alice.Account.Value, "", alice.Slot.Message, [alice.Keys[alice.IdentityId.Value]], alice.Head.Jws);

        await RefusedAsync(service, alice, recorded with { Assertion = await ForgedAsync(service, alice) });
    }

    /// <summary>All that a recording tells: locator and origin. The nonce is fresh, the X25519 key and the signature are the attacker's.</summary>
    private static async Task<string> ForgedAsync(RunningService service, Person victim)
    {
        using var login = Ed25519PrivateKey.Generate();
        using var clientKey = X25519PrivateKey.Generate();
        return await new Person(service) { Slot = victim.Slot with { Login = login } }.AssertionAsync(clientKey);
    }

    private static async Task RefusedAsync(RunningService service, Person person, SignUpRequest request)
    {
        var before = await service.Database.DumpAsync();
        (await person.SendUnsignedAsync(Request.Post(ServiceRoutes.Accounts, request))).IsProblem(ProblemTypes.SignInFailed);
        Assert.Equal(before, await service.Database.DumpAsync());
    }
}
