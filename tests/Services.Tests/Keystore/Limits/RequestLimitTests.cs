using System.Net;
using Keyladder.Keystore;
using Keyladder.Protocol;
using Keyladder.Protocol.Keystore;
using Keyladder.Testing;
using Services.Tests.Client;

namespace Services.Tests.Keystore.Limits;

public sealed class RequestLimitTests
{
    [Theory, OnBothEngines]
    public async Task G02_an_address_that_asks_too_often_is_told_when_to_come_back(Engine engine)
    {
        await using var service = await RunningService.StartAsync(engine, Unsigned(4));
        for (var call = 0; call < 4; call++)
            (await NonceAsync(service)).As<NonceResponse>();

        Assert.InRange((await NonceAsync(service)).IsProblem(ProblemTypes.TooManyRequests).RetryAfter!.Value, 1, 15);
        (await Request.Post(ServiceRoutes.Sessions, new SignInRequest("")).SendAsync(service.Http)).IsProblem(ProblemTypes.TooManyRequests);
        (await Request.Post(ServiceRoutes.Accounts).SendAsync(service.Http)).IsProblem(ProblemTypes.TooManyRequests);
        (await Request.Get("/health/ready").SendAsync(service.Http)).Is(HttpStatusCode.OK);

        service.Time.Move(TimeSpan.FromMinutes(1));
        (await NonceAsync(service)).As<NonceResponse>();
    }

    [Theory, OnBothEngines]
    public async Task G02_an_account_that_asks_too_often_is_told_when_to_come_back_and_nobody_else_is(Engine engine)
    {
        await using var service = await RunningService.StartAsync(engine, options => options with { Limits = options.Limits with { Signed = 4 } });
        var (alice, bob) = (await Person.SignedUpAsync(service), await Person.SignedUpAsync(service));
        for (var call = 0; call < 3; call++)
            (await alice.SendAsync(Request.Get(KeystoreRoutes.Account))).As<AccountResponse>();
        await alice.PutAsync(alice.NewKey());

        Assert.InRange((await alice.SendAsync(Request.Get(KeystoreRoutes.Account))).IsProblem(ProblemTypes.TooManyRequests).RetryAfter!.Value, 1, 15);
        var before = await service.Database.DumpAsync();
        (await alice.SendWriteAsync(alice.Write([alice.NewKey()], []))).IsProblem(ProblemTypes.TooManyRequests);
        Assert.Equal(before, await service.Database.DumpAsync());
        (await bob.SendAsync(Request.Get(KeystoreRoutes.Account))).As<AccountResponse>();

        service.Time.Move(TimeSpan.FromMinutes(1));
        (await alice.SendAsync(Request.Get(KeystoreRoutes.Account))).As<AccountResponse>();
    }

    [Theory, OnBothEngines]
    public async Task Nobody_else_uses_up_the_calls_of_an_account(Engine engine)
    {
        await using var service = await RunningService.StartAsync(engine, options => options with { Limits = options.Limits with { Signed = 4 } });
        var (alice, bob) = (await Person.SignedUpAsync(service), await Person.SignedUpAsync(service));
        var forged = alice.Session with { Key = bob.Session.Key };
        for (var call = 0; call < 8; call++)
            (await Request.Get(KeystoreRoutes.Account).SignedBy(forged, alice.Now).SendAsync(service.Http)).IsProblem(ProblemTypes.SignInRequired);

        (await alice.SendAsync(Request.Get(KeystoreRoutes.Account))).As<AccountResponse>();
    }

    // Who is limited together: same for one caller, other for another.
    [Theory]
    [InlineData(null, "203.0.113.1", "203.0.113.2", true)] // nobody's word is taken
    [InlineData("127.0.0.1", "203.0.113.1", "203.0.113.2", false)]
    [InlineData("127.0.0.0/8", "203.0.113.1:4711", "203.0.113.1", true)]
    [InlineData("10.0.0.1", "203.0.113.1", "203.0.113.2", true)] // the word of another proxy than the one that calls
    [InlineData("127.0.0.1", "198.51.100.7, 203.0.113.1", "198.51.100.8, 203.0.113.1", true)] // what the client itself put there
    [InlineData("127.0.0.1, 10.0.0.0/8", "203.0.113.1, 10.0.0.3", "203.0.113.2, 10.0.0.4", false)]
    [InlineData("127.0.0.1, 10.0.0.0/8", "198.51.100.7, 203.0.113.1, 10.0.0.3", "203.0.113.1, 10.0.0.4", true)]
    [InlineData("127.0.0.1", "2001:db8:1:2::1", "2001:db8:1:2:ffff::1", true)] // one /64
    [InlineData("127.0.0.1", "[2001:db8:1:2::1]:443", "2001:db8:1:3::1", false)]
    [InlineData("127.0.0.1", "::ffff:203.0.113.1", "203.0.113.1", true)]
    [InlineData("127.0.0.1", "unknown", "_hidden", true)]
    public async Task An_address_is_that_of_the_caller_or_what_a_trusted_proxy_says(string? proxies, string one, string other, bool together)
    {
        await using var service = await RunningService.StartAsync(Engine.Sqlite, options => Unsigned(1)(options) with { Proxies = proxies });
        (await NonceAsync(service, one)).As<NonceResponse>();
        Assert.Equal(together, (int)(await NonceAsync(service, other)).Status == 429);
        (await NonceAsync(service, one)).IsProblem(ProblemTypes.TooManyRequests);
    }

    private static Func<KeystoreOptions, KeystoreOptions> Unsigned(int calls) => options => options with { Limits = options.Limits with { Unsigned = calls } };

    private static Task<Answer> NonceAsync(RunningService service, string? from = null) =>
        (Request.Post(ServiceRoutes.Nonces) with { ForwardedFor = from }).SendAsync(service.Http);
}
