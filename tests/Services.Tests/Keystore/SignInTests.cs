using System.Buffers.Text;
using System.Security.Cryptography;
using Keyladder.Cryptography.Signing;
using Keyladder.Protocol;
using Keyladder.Protocol.Keystore;
using Keyladder.Testing;
using Services.Tests.Client;

namespace Services.Tests.Keystore;

public sealed class SignInTests(Keystores keystores) : IClassFixture<Keystores>
{
    [Theory, OnBothEngines]
    public async Task G09_each_sign_in_opens_a_session_of_its_own(Engine engine)
    {
        await using var service = await RunningService.BeforeAsync(keystores, engine);
        var alice = await Person.SignedUpAsync(service);
        var first = alice.Session;
        await alice.SignInAsync();

        Assert.NotEqual(first.KeyId, alice.Session.KeyId);
        Assert.Equal(alice.Account, alice.Session.KeyId.Account);
        Assert.InRange(alice.Session.Expires, alice.Now.AddHours(10).ToUnixTimeMilliseconds(), alice.Now.AddHours(12).ToUnixTimeMilliseconds());
        Assert.Equal(0, alice.Session.Expires % 3_600_000);
        (await alice.SendAsync(Request.Get(ServiceRoutes.Sessions))).As<SessionsResponse>();
        alice.Session = first;
        (await alice.SendAsync(Request.Get(ServiceRoutes.Sessions))).As<SessionsResponse>();
    }

    [Theory, OnBothEngines]
    public async Task G01_H04_an_unknown_locator_and_a_wrong_signature_look_the_same(Engine engine)
    {
        await using var service = await RunningService.BeforeAsync(keystores, engine);
        var alice = await Person.SignedUpAsync(service);
        var stranger = new Person(service);
        var thief = new Person(service) { Slot = Slot.Generate() with { Locator = alice.Slot.Locator } };
        using var clientKey = X25519PrivateKey.Generate();

        var before = await service.Database.DumpAsync("limits");
        var unknown = await SignInAsync(stranger, await stranger.AssertionAsync(clientKey));
        var wrong = await SignInAsync(thief, await thief.AssertionAsync(clientKey));
        unknown.IsProblem(ProblemTypes.SignInFailed);
        Assert.Equal(unknown.Body, wrong.Body);
        Assert.Equal(unknown.Status, wrong.Status);
        Assert.Equal(before, await service.Database.DumpAsync("limits"));
    }

    [Theory, OnBothEngines]
    public async Task G05_an_assertion_is_good_once(Engine engine)
    {
        await using var service = await RunningService.BeforeAsync(keystores, engine);
        var alice = await Person.SignedUpAsync(service);
        using var clientKey = X25519PrivateKey.Generate();
        var assertion = await alice.AssertionAsync(clientKey);
        (await SignInAsync(alice, assertion)).As<SignInResponse>();

        var before = await service.Database.DumpAsync();
        var problem = (await SignInAsync(alice, assertion)).IsProblem(ProblemTypes.NonceExpired);
        Assert.InRange(problem.Time!.Value, alice.Now.AddMinutes(-1).ToUnixTimeMilliseconds(), alice.Now.AddMinutes(1).ToUnixTimeMilliseconds());
        Assert.Equal(before, await service.Database.DumpAsync());
    }

    [Theory, OnBothEngines]
    public async Task G05_of_many_uses_of_one_assertion_at_once_one_succeeds(Engine engine)
    {
        await using var service = await RunningService.BeforeAsync(keystores, engine);
        var alice = await Person.SignedUpAsync(service);
        using var clientKey = X25519PrivateKey.Generate();
        var assertion = await alice.AssertionAsync(clientKey);

        var answers = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => SignInAsync(alice, assertion)));
        Assert.Single(answers, answer => (int)answer.Status == 201);
        Assert.All(answers.Where(answer => (int)answer.Status != 201), answer => answer.IsProblem(ProblemTypes.NonceExpired));
    }

    [Theory, OnBothEngines]
    public async Task G05_a_nonce_grows_old_in_a_minute(Engine engine)
    {
        await using var service = await RunningService.StartAsync(engine);
        var alice = await Person.SignedUpAsync(service);
        using var clientKey = X25519PrivateKey.Generate();
        var nonce = await alice.NonceAsync();

        service.Time.Move(TimeSpan.FromSeconds(50));
        (await SignInAsync(alice, Assert())).As<SignInResponse>();
        nonce = await alice.NonceAsync();
        service.Time.Move(TimeSpan.FromSeconds(61));
        (await SignInAsync(alice, Assert())).IsProblem(ProblemTypes.NonceExpired);
        nonce = await alice.NonceAsync();
        service.Time.Move(TimeSpan.FromSeconds(-20));
        (await SignInAsync(alice, Assert())).IsProblem(ProblemTypes.NonceExpired);

        string Assert() => new LoginAssertion(service.Origin, nonce, alice.Slot.Locator, alice.Now.ToUnixTimeSeconds(), clientKey.PublicKey.ToArray()).Sign(alice.Slot.Login);
    }

    public static TheoryData<Engine, string> Spoiled() => Engines.With(
        "audience", "old", "early", "nonce", "nonce of another service", "nonce with a flipped bit", "nonce with another time", "locator", "small order", "a proof", "no jws", "empty", "flipped signature");

    [Theory, MemberData(nameof(Spoiled))]
    public async Task B13_G06_an_assertion_that_is_not_exactly_right_is_refused(Engine engine, string what)
    {
        await using var service = await RunningService.BeforeAsync(keystores, engine);
        var alice = await Person.SignedUpAsync(service);
        using var clientKey = X25519PrivateKey.Generate();
        var nonce = Base64Url.DecodeFromChars(await alice.NonceAsync());
        var right = new LoginAssertion(service.Origin, Base64Url.EncodeToString(nonce), alice.Slot.Locator, alice.Now.ToUnixTimeSeconds(), clientKey.PublicKey.ToArray());
        var flipped = right.Sign(alice.Slot.Login);
        var assertion = what switch
        {
            "audience" => (right with { Audience = OtherOrigin }).Sign(alice.Slot.Login),
            "old" => (right with { IssuedAt = right.IssuedAt - 70 }).Sign(alice.Slot.Login),
            "early" => (right with { IssuedAt = right.IssuedAt + 70 }).Sign(alice.Slot.Login),
            "nonce" => (right with { Nonce = "AAAA" }).Sign(alice.Slot.Login),
            "nonce of another service" => (right with { Nonce = Base64Url.EncodeToString([nonce[0], .. nonce[1..25], .. RandomNumberGenerator.GetBytes(32)]) }).Sign(alice.Slot.Login),
            "nonce with a flipped bit" => (right with { Nonce = Base64Url.EncodeToString([.. nonce[..20], (byte)(nonce[20] ^ 1), .. nonce[21..]]) }).Sign(alice.Slot.Login),
            "nonce with another time" => (right with { Nonce = Base64Url.EncodeToString([.. nonce[..8], (byte)(nonce[8] ^ 1), .. nonce[9..]]) }).Sign(alice.Slot.Login),
            "locator" => (right with { Locator = new byte[32] }).Sign(alice.Slot.Login),
            "small order" => (right with { SessionPublicKey = new byte[32] }).Sign(alice.Slot.Login),
            "a proof" => new LoginProof(right.Audience, right.Nonce, right.Locator, right.IssuedAt, new byte[32]).Sign(alice.Slot.Login),
            "no jws" => "one.two",
            "empty" => "",
            _ => flipped[..^10] + (flipped[^10] == 'A' ? 'B' : 'A') + flipped[^9..],
        };

        var before = await service.Database.DumpAsync("limits");
        (await SignInAsync(alice, assertion)).IsProblem(ProblemTypes.SignInFailed);
        Assert.Equal(before, await service.Database.DumpAsync("limits"));
        (await SignInAsync(alice, right.Sign(alice.Slot.Login))).As<SignInResponse>();
    }

    /// <summary>Pass-the-hash: whoever has the database makes keys of all that it holds about a slot, and signs in with them.</summary>
    [Theory, OnBothEngines]
    public async Task G04_nothing_that_the_service_stores_signs_in(Engine engine)
    {
        await using var service = await RunningService.BeforeAsync(keystores, engine);
        var alice = await Person.SignedUpAsync(service);
        byte[][] stored = [alice.Slot.Login.PublicKey.Bytes.ToArray(), alice.Slot.Locator, alice.Slot.Wrapped, alice.Identity.PublicKey.Bytes.ToArray(), alice.Head.Hash.ToArray()];
        var candidates = stored.SelectMany(bytes => Enumerable.Range(0, bytes.Length - 31).Select(start => bytes[start..(start + 32)]))
            .Concat(stored.Select(SHA256.HashData)).Concat(stored.Select(bytes => SHA512.HashData(bytes)[..32]));
        using var clientKey = X25519PrivateKey.Generate();

        var sessions = await alice.SendAsync(Request.Get(ServiceRoutes.Sessions));
        foreach (var candidate in candidates)
        {
            var thief = new Person(service) { Slot = alice.Slot with { Login = Ed25519PrivateKey.FromSeed(candidate) } };
            (await SignInAsync(thief, await thief.AssertionAsync(clientKey))).IsProblem(ProblemTypes.SignInFailed);
        }

        Assert.Equal(sessions.Body, (await alice.SendAsync(Request.Get(ServiceRoutes.Sessions))).Body);
        (await SignInAsync(alice, await alice.AssertionAsync(clientKey))).As<SignInResponse>();
    }

    [Theory, OnBothEngines]
    public async Task G04_what_the_service_stores_of_a_session_signs_no_request(Engine engine)
    {
        await using var service = await RunningService.BeforeAsync(keystores, engine);
        var alice = await Person.SignedUpAsync(service);
        using var clientKey = X25519PrivateKey.Generate();
        var opened = (await SignInAsync(alice, await alice.AssertionAsync(clientKey))).As<SignInResponse>();

        // The client's public half is what lies in the database; the service's half is in every answer.
        foreach (var stored in new[] { clientKey.PublicKey.ToArray(), opened.ServerKey })
        {
            using var thief = X25519PrivateKey.FromScalar(stored);
            (await Request.Get(ServiceRoutes.Sessions).SignedBy(Session.From(opened, thief, service.Origin), alice.Now).SendAsync(service.Http))
                .IsProblem(ProblemTypes.SignInRequired);
        }

        (await Request.Get(ServiceRoutes.Sessions).SignedBy(Session.From(opened, clientKey, service.Origin), alice.Now).SendAsync(service.Http)).As<SessionsResponse>();
    }

    private static Origin OtherOrigin => Origin.TryParse("https://keys.example.org", out var origin) ? origin : throw new InvalidOperationException();

    private static Task<Answer> SignInAsync(Person person, string assertion) => person.SendUnsignedAsync(Request.Post(ServiceRoutes.Sessions, new SignInRequest(assertion)));
}
