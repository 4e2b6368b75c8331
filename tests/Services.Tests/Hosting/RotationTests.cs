using Keyladder.Cryptography.Signing;
using Keyladder.Hosting.Authentication;
using Keyladder.Protocol;
using Keyladder.Protocol.Keystore;
using Keyladder.Testing;
using Services.Tests.Client;

namespace Services.Tests.Hosting;

/// <summary>Instances share a secret that is rotated while they are restarted one after the other: nobody's session ends by that.</summary>
public sealed class RotationTests
{
    private static readonly Request AnyRead = Request.Get(KeystoreRoutes.Account);

    [Theory, OnBothEngines]
    public async Task Two_generations_of_the_secret_are_good_and_a_third_is_not(Engine engine)
    {
        await using var service = await RunningService.StartAsync(engine);
        var alice = await Person.SignedUpAsync(service);

        Rotate(service);
        using (var rotated = await service.StartAnotherInstanceAsync())
        {
            (await alice.SendAsync(AnyRead, rotated)).As<AccountResponse>();
            await alice.SignInAsync(rotated);
            Assert.Equal(2, alice.Session.KeyId.Generation);
        }

        Rotate(service);
        using var twice = await service.StartAnotherInstanceAsync();
        (await alice.SendAsync(AnyRead, twice)).As<AccountResponse>();
        Rotate(service);
        using var thrice = await service.StartAnotherInstanceAsync();
        (await alice.SendAsync(AnyRead, thrice)).IsProblem(ProblemTypes.SignInRequired);
    }

    [Theory, OnBothEngines]
    public async Task An_instance_that_has_not_been_restarted_takes_sessions_and_nonces_of_one_that_has(Engine engine)
    {
        await using var service = await RunningService.StartAsync(engine);
        var alice = await Person.SignedUpAsync(service);
        var phone = await alice.AtAnotherDeviceAsync();
        Rotate(service);
        using var restarted = await service.StartAnotherInstanceAsync();

        await phone.SignInAsync(restarted);
        Assert.Equal(2, phone.Session.KeyId.Generation);
        foreach (var answer in await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => phone.SendAsync(AnyRead))))
            answer.As<AccountResponse>();
        (await phone.SendAsync(AnyRead, restarted)).As<AccountResponse>();
        foreach (var instance in new[] { service.Http, restarted })
            (await alice.SendAsync(AnyRead, instance)).As<AccountResponse>();
    }

    [Theory, OnBothEngines]
    public async Task A_nonce_of_a_restarted_instance_is_good_at_one_that_has_not_been(Engine engine)
    {
        await using var service = await RunningService.StartAsync(engine);
        var alice = await Person.SignedUpAsync(service);
        Rotate(service);
        using var restarted = await service.StartAnotherInstanceAsync();
        await SignInAsync(alice, service, nonceFrom: restarted, at: service.Http);
        (await alice.SendAsync(AnyRead, restarted)).As<AccountResponse>();
    }

    [Theory, OnBothEngines]
    public async Task What_a_running_instance_has_in_memory_of_a_dropped_generation_is_not_good_any_more(Engine engine)
    {
        await using var service = await RunningService.StartAsync(engine);
        var alice = await Person.SignedUpAsync(service);
        var phone = await alice.AtAnotherDeviceAsync();
        (await alice.SendAsync(AnyRead)).As<AccountResponse>();
        Rotate(service);
        Rotate(service);
        using var restarted = await service.StartAnotherInstanceAsync();
        await SignInAsync(phone, service, nonceFrom: restarted, at: restarted);

        (await phone.SendAsync(AnyRead)).As<AccountResponse>();
        foreach (var instance in new[] { service.Http, restarted })
            (await alice.SendAsync(AnyRead, instance)).IsProblem(ProblemTypes.SignInRequired);
    }

    [Fact]
    public async Task A_file_that_has_been_damaged_meanwhile_ends_nothing()
    {
        await using var service = await RunningService.StartAsync(Engine.Sqlite);
        var alice = await Person.SignedUpAsync(service);
        await File.WriteAllBytesAsync(SecretOf(service), new byte[3], TestContext.Current.CancellationToken);

        var unknown = alice.Session with { KeyId = alice.Session.KeyId with { Generation = 9 } };
        (await AnyRead.SignedBy(unknown, alice.Now).SendAsync(service.Http)).IsProblem(ProblemTypes.SignInRequired);
        (await alice.SendAsync(AnyRead)).As<AccountResponse>();
        await alice.SignInAsync();
    }

    private static async Task SignInAsync(Person person, RunningService service, HttpClient nonceFrom, HttpClient at)
    {
        var nonce = (await Request.Post(ServiceRoutes.Nonces).SendAsync(nonceFrom)).As<NonceResponse>().Nonce;
        using var clientKey = X25519PrivateKey.Generate();
        var assertion = new LoginAssertion(service.Origin, nonce, person.Slot.Locator, person.Now.ToUnixTimeSeconds(), clientKey.PublicKey.ToArray()).Sign(person.Slot.Login);
        var answer = await Request.Post(ServiceRoutes.Sessions, new SignInRequest(assertion)).SendAsync(at);
        person.Session = Session.From(answer.As<SignInResponse>(), clientKey, service.Origin);
    }

    private static string SecretOf(RunningService service) => Path.Combine(service.Database.Folder.FullName, "keystore.secret");

    private static void Rotate(RunningService service) => ServiceSecret.Rotate(SecretOf(service));
}
