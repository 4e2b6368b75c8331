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
    public async Task F06_of_a_thousand_guesses_at_once_at_three_processes_ten_are_evaluated(Engine engine)
    {
        await using var service = await RunningService.StartPassphraseStoreAsync(engine);
        var alice = await Registrant.RegisteredAsync(service);
        await using var processes = await Processes.StartAsync(service, 3);
        var request = Request.Post(PassphraseStoreRoutes.Attempts, new AttemptRequest(alice.Username, Registrant.Blinded()));
        var (evaluated, told) = (0, 0);
        var atOnce = engine == Engine.Postgres ? 1_000 : 48; // several processes on one file wait for each other
        await Parallel.ForEachAsync(Enumerable.Range(0, 1_000), new ParallelOptions { MaxDegreeOfParallelism = atOnce, CancellationToken = TestContext.Current.CancellationToken }, async (number, _) =>
        {
            var answer = await request.SendAsync(processes.Clients[number % 3]);
            if (answer.Status == HttpStatusCode.OK)
                Interlocked.Increment(ref evaluated);
            else
                Interlocked.Add(ref told, answer.IsProblem(ProblemTypes.TooManyRequests).RetryAfter is > 0 and <= 120 ? 1 : 0);
        });
        Assert.Equal((RecoveryLimits.FreeGuesses, 1_000 - RecoveryLimits.FreeGuesses), (evaluated, told));
    }

    [Fact]
    public async Task F06_a_guess_whose_process_is_killed_after_it_was_counted_and_before_it_was_evaluated_stays_counted()
    {
        Assert.SkipWhen(Engines.WhyLeftOut(Engine.Postgres) is not null, "Only PostgreSQL has a lock that holds up readers.");
        await using var service = await RunningService.StartPassphraseStoreAsync(Engine.Postgres);
        var alice = await Registrant.RegisteredAsync(service);
        var request = Request.Post(PassphraseStoreRoutes.Attempts, new AttemptRequest(alice.Username, Registrant.Blinded()));
        await using (var processes = await Processes.StartAsync(service, 3))
        {
            // Nobody reads a record meanwhile: what is counted waits to be evaluated.
            await using var connection = await service.Database.OpenAsync();
            await using var locked = await connection.BeginTransactionAsync(TestContext.Current.CancellationToken);
            await using (var command = connection.CreateCommand())
            {
                command.Transaction = locked;
                command.CommandText = "LOCK TABLE records IN ACCESS EXCLUSIVE MODE";
                await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
            }

            var guesses = Enumerable.Range(0, RecoveryLimits.FreeGuesses)
                .Select(number => Assert.ThrowsAnyAsync<HttpRequestException>(() => request.SendAsync(processes.Clients[number % 3]))).ToList();
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
            while (await service.Database.ScalarAsync<long>("SELECT coalesce(max(used), 0) FROM guesses") < RecoveryLimits.FreeGuesses)
                await Task.Delay(20, patience.Token);
            Assert.DoesNotContain(guesses, guess => guess.IsCompleted);
            await processes.KillAsync();
            await Task.WhenAll(guesses);
        }

        (await alice.SendAttemptAsync()).IsProblem(ProblemTypes.TooManyRequests);
    }

    [Theory, OnBothEngines]
    public async Task F06_the_wait_grows_and_falls_to_none_with_the_store_key_alone(Engine engine)
    {
        await using var service = await RunningService.StartPassphraseStoreAsync(engine);
        var alice = await Registrant.RegisteredAsync(service);
        await UseUpAsync(alice);
        service.Time.Move(TimeSpan.FromMinutes(2));
        await alice.AttemptAsync();
        Assert.InRange((await alice.SendAttemptAsync()).IsProblem(ProblemTypes.TooManyRequests).RetryAfter!.Value, 120, 180);
        service.Time.Move(TimeSpan.FromMinutes(3));
        await alice.AttemptAsync();
        Assert.InRange((await alice.SendAttemptAsync()).IsProblem(ProblemTypes.TooManyRequests).RetryAfter!.Value, 240, 300);

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

    /// <summary>keyladder-server as a Store, several times over the database and the folder of a service.</summary>
    private sealed class Processes : IAsyncDisposable
    {
        private const string Many = "1000000";

        private readonly ServerProcess[] processes;

        private Processes(ServerProcess[] processes) =>
            (this.processes, Clients) = (processes, [.. processes.Select(process => new HttpClient { BaseAddress = process.Address })]);

        public IReadOnlyList<HttpClient> Clients { get; }

        public static async Task<Processes> StartAsync(RunningService service, int number)
        {
            string[] settings =
            [
                "--services", "passphrase-store", .. service.Database.SettingsForMany, "--passphrase-store:urls", "http://127.0.0.1:0", "--passphrase-store:guardian", PassphraseStoreHost.Guardian,
                "--passphrase-store:mail:folder", service.PassphraseStore.MailFolder, "--passphrase-store:mail:from", "recovery@example.org",
                "--passphrase-store:attemptsperaddress", Many, "--passphrase-store:limits:unsigned", Many, .. ServerProcess.Silent,
            ];
            return new(await Task.WhenAll(Enumerable.Range(0, number).Select(_ => ServerProcess.ListenAsync(settings))));
        }

        public Task KillAsync() => Task.WhenAll(processes.Select(process => process.KillAsync()));

        public async ValueTask DisposeAsync()
        {
            foreach (var client in Clients)
                client.Dispose();
            foreach (var process in processes)
                await process.DisposeAsync();
        }
    }

    private static async Task UseUpAsync(Registrant person)
    {
        for (var number = 0; number < RecoveryLimits.FreeGuesses; number++)
            await person.AttemptAsync();
        (await person.SendAttemptAsync()).IsProblem(ProblemTypes.TooManyRequests);
    }
}
