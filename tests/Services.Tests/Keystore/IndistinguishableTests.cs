using System.Security.Cryptography;
using System.Text;
using Keyladder.Cryptography;
using Keyladder.Cryptography.Signing;
using Keyladder.Protocol.Keystore;
using Keyladder.Protocol;
using Keyladder.Testing;
using Services.Tests.Client;

namespace Services.Tests.Keystore;

/// <summary>
/// What must not tell whether something exists: the same status, headers and bytes. That it takes the same time too is measured by
/// `bench/Keyladder.Benchmarks -- timing` (docs/benchmarks.md).
/// </summary>
public sealed class IndistinguishableTests(Keystores keystores) : IClassFixture<Keystores>
{
    [Theory, OnBothEngines]
    public async Task G01_G16_I14_a_sign_in_with_an_unknown_locator_and_one_with_a_wrong_signature_look_the_same(Engine engine)
    {
        await using var service = await RunningService.BeforeAsync(keystores, engine);
        var alice = await Person.SignedUpAsync(service);
        using var stranger = Ed25519PrivateKey.Generate();
        await LookTheSameAsync(service,
        [
            SignIn(alice.Slot.Locator, stranger), SignIn(RandomNumberGenerator.GetBytes(32), stranger), SignIn(RandomNumberGenerator.GetBytes(32), alice.Slot.Login),
        ]);

        Func<Task<Request>> SignIn(byte[] locator, Ed25519PrivateKey signer) => async () =>
        {
            using var clientKey = X25519PrivateKey.Generate();
            var assertion = new LoginAssertion(service.Origin, await alice.NonceAsync(), locator, alice.Now.ToUnixTimeSeconds(), clientKey.PublicKey.ToArray());
            return Request.Post(ServiceRoutes.Sessions, new SignInRequest(assertion.Sign(signer)));
        };
    }

    [Theory, OnBothEngines]
    public async Task G01_a_sign_up_over_a_taken_account_or_locator_looks_the_same(Engine engine)
    {
        await using var service = await RunningService.BeforeAsync(keystores, engine);
        var alice = await Person.SignedUpAsync(service);
        await LookTheSameAsync(service,
        [
            SignUp(new Person(service) { Account = alice.Account }), SignUp(new Person(service) { Slot = Slot.Generate() with { Locator = alice.Slot.Locator } }),
        ]);

        static Func<Task<Request>> SignUp(Person person) => async () =>
        {
            using var clientKey = X25519PrivateKey.Generate();
            return Request.Post(ServiceRoutes.Accounts, await person.SignUpRequestAsync(clientKey));
        };
    }

    [Theory, OnBothEngines]
    public async Task H04_a_request_under_an_unknown_session_and_one_with_a_wrong_signature_look_the_same(Engine engine)
    {
        await using var service = await RunningService.BeforeAsync(keystores, engine);
        var alice = await Person.SignedUpAsync(service);
        var bob = await Person.SignedUpAsync(service);
        await LookTheSameAsync(service,
        [
            List(alice.Session with { Key = bob.Session.Key }), List(alice.Session with { KeyId = alice.Session.KeyId with { Session = SessionId.Generate() } }),
            List(alice.Session with { KeyId = alice.Session.KeyId with { Account = AccountId.Generate() } }), List(alice.Session with { KeyId = bob.Session.KeyId }),
            List(alice.Session with { KeyId = alice.Session.KeyId with { Generation = 9 } }),
        ]);

        Func<Task<Request>> List(Session session) => () => Task.FromResult(Request.Get(ServiceRoutes.Sessions).SignedBy(session, alice.Now));
    }

    [Theory, OnBothEngines]
    public async Task H04_a_key_of_somebody_else_and_one_that_does_not_exist_look_the_same(Engine engine)
    {
        await using var service = await RunningService.BeforeAsync(keystores, engine);
        var alice = await Person.SignedUpAsync(service);
        var bob = await Person.SignedUpAsync(service);
        var deleted = alice.NewKey();
        await alice.PutAsync(deleted);
        await alice.DeleteAsync(deleted.Id);
        await LookTheSameAsync(service, [Get(bob.IdentityId.Value), Get(KeyId.Generate().Value), Get(deleted.Id)]);
        await LookTheSameAsync(service, [Revoke(bob.Session.KeyId.Session), Revoke(SessionId.Generate())]);

        Func<Task<Request>> Get(Guid id) => () => Task.FromResult(Request.Get($"/v1/keys/{id}").SignedBy(alice.Session, alice.Now));
        Func<Task<Request>> Revoke(SessionId id) => () => Task.FromResult(Request.Delete($"/v1/sessions/{id}").SignedBy(alice.Session, alice.Now));
    }

    private static async Task LookTheSameAsync(RunningService service, IEnumerable<Func<Task<Request>>> requests)
    {
        var faces = new List<string>();
        foreach (var request in requests)
            faces.Add(await FaceAsync(service, await request()));
        Assert.StartsWith("4", faces[0], StringComparison.Ordinal);
        Assert.All(faces, face => Assert.Equal(faces[0], face));
    }

    /// <summary>All of an answer but the second in which it was given.</summary>
    private static async Task<string> FaceAsync(RunningService service, Request request)
    {
        var bytes = await RawExchange.SendForBytesAsync(service.Http.BaseAddress!, RawExchange.Write(request, service.Origin.Authority));
        var lines = Encoding.UTF8.GetString(bytes).Split("\r\n").Where(line => !line.StartsWith("Date: ", StringComparison.Ordinal));
        return string.Join('\n', lines)["HTTP/1.1 ".Length..];
    }
}
