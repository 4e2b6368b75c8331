using System.Net;
using Keyladder.Protocol;
using Keyladder.Protocol.PassphraseStore;
using Keyladder.Testing;
using Services.Tests.Client;

namespace Services.Tests.PassphraseStore;

/// <summary>docs/spec/passphrase-store.md section 2, at the Store: what is evaluated has been counted before.</summary>
public sealed class GuessTests(PassphraseStores stores) : IClassFixture<PassphraseStores>
{
    [Theory, OnBothEngines]
    public async Task F06_of_many_guesses_at_once_over_two_instances_ten_are_evaluated(Engine engine)
    {
        await using var service = await RunningService.StartPassphraseStoreAsync(engine);
        var alice = await Registrant.RegisteredAsync(service);
        using var other = await service.StartAnotherInstanceAsync();
        var request = Request.Post(PassphraseStoreRoutes.Attempts, new AttemptRequest(alice.Username, Registrant.Blinded()));
        var answers = await Task.WhenAll(Enumerable.Range(0, 60).Select(number => request.SendAsync(number % 2 == 0 ? service.Http : other)));
        Assert.Equal(RecoveryLimits.FreeGuesses, answers.Count(answer => answer.Status == HttpStatusCode.OK));
        Assert.All(answers.Where(answer => answer.Status != HttpStatusCode.OK), answer => Assert.InRange(answer.IsProblem(ProblemTypes.TooManyRequests).RetryAfter!.Value, 1, 120));
    }

    [Theory, OnBothEngines]
    public async Task F06_the_wait_grows_and_falls_to_none_with_the_store_key_alone(Engine engine)
    {
        await using var service = await RunningService.StartPassphraseStoreAsync(engine);
        var alice = await Registrant.RegisteredAsync(service);
        await UseUpAsync(alice);
        service.Time.Move(TimeSpan.FromMinutes(2));
        await alice.AttemptAsync();
        Assert.InRange((await alice.SendAttemptAsync()).IsProblem(ProblemTypes.TooManyRequests).RetryAfter!.Value, 61, 180);

        // The tenth is told to her devices; a code and a release give no guess back.
        (await alice.SendReleaseAsync((await alice.CodeAsync(CodePurposes.Reset))!)).Is(HttpStatusCode.OK);
        (await alice.SendAttemptAsync()).IsProblem(ProblemTypes.TooManyRequests);
        Assert.Contains(await alice.SucceedAsync(), one => one.Kind == RecoveryEventKinds.GuessesUsedUp);
        await UseUpAsync(alice);
        await alice.ReplaceAsync(1);
        await alice.AttemptAsync();
    }

    [Theory, OnBothEngines]
    public async Task G02_a_known_device_counts_apart_and_is_not_locked_out(Engine engine)
    {
        await using var service = await RunningService.StartPassphraseStoreAsync(engine);
        var alice = await Registrant.RegisteredAsync(service);
        var (device, other) = (await alice.AddDeviceAsync(), await alice.AddDeviceAsync());
        await UseUpAsync(alice);
        for (var number = 0; number < RecoveryLimits.FreeGuesses; number++)
            (await Registrant.SendDeviceAttemptAsync(device)).Is(HttpStatusCode.OK);
        (await Registrant.SendDeviceAttemptAsync(device)).IsProblem(ProblemTypes.TooManyRequests);
        (await Registrant.SendDeviceAttemptAsync(other)).Is(HttpStatusCode.OK);

        // Who is no device uses up nobody's guesses.
        (await Registrant.SendDeviceAttemptAsync(other with { Key = device.Key })).IsProblem(ProblemTypes.SignInRequired);
        await alice.SucceedAsync();
        (await Registrant.SendDeviceAttemptAsync(device)).Is(HttpStatusCode.OK);
        await alice.AttemptAsync();
    }

    [Theory, OnBothEngines]
    public async Task G02_guesses_from_one_address_come_to_an_end_whatever_they_name(Engine engine)
    {
        await using var service = await RunningService.StartPassphraseStoreAsync(engine, options => options with { AttemptsPerAddress = 4 });
        for (var number = 0; number < 4; number++)
            await new Registrant(service).AttemptAsync();
        (await new Registrant(service).SendAttemptAsync()).IsProblem(ProblemTypes.TooManyRequests);
    }

    [Theory, OnBothEngines]
    public async Task F07_a_database_that_was_set_back_gives_no_guess_back(Engine engine)
    {
        await using var service = await RunningService.StartPassphraseStoreAsync(engine);
        var alice = await Registrant.RegisteredAsync(service);
        await alice.AttemptAsync();
        var before = (await service.Database.TablesAsync()).Single(table => table.Table == "guesses").Rows.Single();
        for (var number = 1; number < RecoveryLimits.FreeGuesses; number++)
            await alice.AttemptAsync();
        await service.Database.ExecuteAsync($"UPDATE guesses SET used = {before[1]}, until = {before[2]}; UPDATE guess_total SET total = 1;");
        (await alice.SendAttemptAsync()).IsProblem(ProblemTypes.TooManyRequests);
        await service.Database.ExecuteAsync("DELETE FROM guesses; DELETE FROM guess_total;");
        (await alice.SendAttemptAsync()).IsProblem(ProblemTypes.TooManyRequests);
    }

    [Theory, OnBothEngines]
    public async Task F09_what_is_no_element_is_refused_everywhere_and_is_no_guess(Engine engine)
    {
        await using var service = await RunningService.BeforeAsync(stores, engine);
        var alice = await Registrant.RegisteredAsync(service);
        var device = await alice.AddDeviceAsync();
        byte[][] none =
        [
            new byte[32], [.. Enumerable.Repeat((byte)0xFF, 32)], [1, .. new byte[31]], // the identity, above the field, negative
            Registrant.Blinded()[1..], [.. Registrant.Blinded(), 0], [],
        ];
        foreach (var element in none.Concat(none))
        {
            (await alice.SendAttemptAsync(element)).IsProblem(ProblemTypes.MalformedRequest);
            (await Registrant.SendDeviceAttemptAsync(device, element)).IsProblem(ProblemTypes.MalformedRequest);
            (await Request.Post(PassphraseStoreRoutes.Evaluations, new EvaluateRequest(element)).SendAsync(service.Http)).IsProblem(ProblemTypes.MalformedRequest);
        }

        await alice.AttemptAsync();
        (await Registrant.SendDeviceAttemptAsync(device)).Is(HttpStatusCode.OK);
    }

    private static async Task UseUpAsync(Registrant person)
    {
        for (var number = 0; number < RecoveryLimits.FreeGuesses; number++)
            await person.AttemptAsync();
        (await person.SendAttemptAsync()).IsProblem(ProblemTypes.TooManyRequests);
    }
}
