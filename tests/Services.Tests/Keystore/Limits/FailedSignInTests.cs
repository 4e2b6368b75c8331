using Keyladder.Cryptography.Signing;
using Keyladder.Keystore;
using Keyladder.Protocol;
using Keyladder.Protocol.Keystore;
using Keyladder.Testing;
using Services.Tests.Client;

namespace Services.Tests.Keystore.Limits;

public sealed class FailedSignInTests
{
    [Theory, OnBothEngines]
    public async Task G02_guesses_at_a_slot_are_told_to_wait_ever_longer_and_its_owner_gets_in_all_the_while(Engine engine)
    {
        await using var service = await RunningService.StartAsync(engine, options => options with { Limits = options.Limits with { FailuresPerSlot = 3 } });
        using var otherInstance = await service.StartAnotherInstanceAsync();
        AtTheBeginningOfAnHour(service);
        var (alice, bob) = (await Person.SignedUpAsync(service), await Person.SignedUpAsync(service));
        var thief = Guessing(service, alice.Slot.Locator);

        for (var guess = 0; guess < 3; guess++)
            (await SignInAsync(thief, guess % 2 == 0 ? service.Http : otherInstance)).IsProblem(ProblemTypes.SignInFailed);
        for (var over = 0; over < 5; over++)
        {
            Assert.Equal(1 << over, (await SignInAsync(thief, over % 2 == 0 ? otherInstance : service.Http)).IsProblem(ProblemTypes.TooManyRequests).RetryAfter);
            await alice.SignInAsync(over % 2 == 0 ? service.Http : otherInstance);
        }

        (await SignInAsync(Guessing(service, bob.Slot.Locator), service.Http)).IsProblem(ProblemTypes.SignInFailed);
        service.Time.Move(TimeSpan.FromHours(1));
        (await SignInAsync(thief, service.Http)).IsProblem(ProblemTypes.SignInFailed);
    }

    [Theory, OnBothEngines]
    public async Task G02_guesses_from_one_address_are_told_to_wait_whatever_they_name(Engine engine)
    {
        await using var service = await RunningService.StartAsync(
            engine, options => options with { Proxies = "127.0.0.1", Limits = options.Limits with { FailuresPerAddress = 3 } });
        AtTheBeginningOfAnHour(service);
        var alice = await Person.SignedUpAsync(service);
        for (var guess = 0; guess < 3; guess++)
            (await SignInAsync(Guessing(service), service.Http, from: "192.0.2.1")).IsProblem(ProblemTypes.SignInFailed);

        (await SignInAsync(Guessing(service), service.Http, from: "192.0.2.1")).IsProblem(ProblemTypes.TooManyRequests);
        (await SignInAsync(Guessing(service), service.Http, from: "192.0.2.2")).IsProblem(ProblemTypes.SignInFailed);
        (await SignInAsync(alice, service.Http, from: "192.0.2.1")).As<SignInResponse>();
    }

    [Theory, OnBothEngines]
    public async Task G01_I14_a_locator_that_nobody_has_runs_into_the_limit_like_one_that_somebody_has(Engine engine)
    {
        await using var service = await RunningService.StartAsync(engine, options => options with { Limits = options.Limits with { FailuresPerSlot = 2 } });
        AtTheBeginningOfAnHour(service);
        var alice = await Person.SignedUpAsync(service);
        var (known, unknown) = (Guessing(service, alice.Slot.Locator), Guessing(service));

        for (var guess = 0; guess < 4; guess++)
        {
            var (one, other) = (await SignInAsync(known, service.Http), await SignInAsync(unknown, service.Http));
            Assert.Equal(one.Status, other.Status);
            Assert.Equal(one.Body, other.Body);
        }
    }

    [Theory, OnBothEngines]
    public async Task Guesses_at_the_same_moment_are_all_counted_and_all_answered(Engine engine)
    {
        await using var service = await RunningService.StartAsync(engine, options => options with { Limits = options.Limits with { FailuresPerSlot = 10 } });
        using var otherInstance = await service.StartAnotherInstanceAsync();
        AtTheBeginningOfAnHour(service);
        var thief = Guessing(service);

        var answers = await Task.WhenAll(Enumerable.Range(0, 24).Select(number => SignInAsync(thief, number % 2 == 0 ? service.Http : otherInstance)));

        Assert.Equal(10, answers.Count(answer => (int)answer.Status == 401));
        Assert.Equal(
            Enumerable.Range(0, 14).Select(over => (long)Math.Min(900, Math.Pow(2, over))),
            answers.Where(answer => (int)answer.Status == 429).Select(answer => answer.IsProblem(ProblemTypes.TooManyRequests).RetryAfter!.Value).Order());
    }

    [Theory, OnBothEngines]
    public async Task The_rows_name_neither_slot_nor_address_and_those_of_two_hours_have_nothing_in_common(Engine engine)
    {
        await using var service = await RunningService.StartAsync(engine);
        var thief = Guessing(service);
        await SignInAsync(thief, service.Http);
        var first = await RowsAsync(service);
        service.Time.Move(TimeSpan.FromHours(1));
        await SignInAsync(thief, service.Http);

        var rows = await RowsAsync(service);
        Assert.Equal(2, first.Count);
        Assert.Equal(4, rows.Count);
        Assert.Equal(4, rows.Select(row => row.Split(" | ")[0]).Distinct().Count());
        Assert.DoesNotContain(rows, row => row.Contains(Convert.ToHexStringLower(thief.Slot.Locator), StringComparison.Ordinal) || row.Contains("7f000001", StringComparison.Ordinal));

        // A service that starts sweeps: what belongs to hours that are over goes away.
        service.Time.Move(TimeSpan.FromHours(1));
        using var again = await service.StartAnotherInstanceAsync();
        for (var waited = 0; waited < 500 && (await RowsAsync(service)).Count > 0; waited++)
            await Task.Delay(10, TestContext.Current.CancellationToken);
        Assert.Empty(await RowsAsync(service));
    }

    private static Person Guessing(RunningService service, byte[]? locator = null)
    {
        var slot = Slot.Generate();
        return new Person(service) { Slot = locator is null ? slot : slot with { Locator = locator } };
    }

    private static async Task<Answer> SignInAsync(Person person, HttpClient at, string? from = null)
    {
        using var clientKey = X25519PrivateKey.Generate();
        return await (Request.Post(ServiceRoutes.Sessions, new SignInRequest(await person.AssertionAsync(clientKey))) with { ForwardedFor = from }).SendAsync(at);
    }

    private static async Task<List<string>> RowsAsync(RunningService service) =>
        [.. (await service.Database.DumpAsync()).Split('\n').Where(line => line.StartsWith("limits:", StringComparison.Ordinal))];

    // Counts begin anew with the hour: no test runs over its end.
    private static void AtTheBeginningOfAnHour(RunningService service)
    {
        var now = service.Time.GetUtcNow();
        service.Time.Move(TimeSpan.FromHours(1) - TimeSpan.FromTicks(now.Ticks % TimeSpan.TicksPerHour));
    }
}
