using System.Net;
using System.Text;
using Keyladder.Keystore;
using Keyladder.Protocol;
using Keyladder.Protocol.PassphraseStore;
using Keyladder.Testing;
using Services.Tests.Client;

namespace Services.Tests.Keystore.Guardian;

/// <summary>Guesses at a Guardian: how many there are, who has them, and that nothing tells who has a record.</summary>
public sealed class GuardianGuessTests
{
    private const string Origin = "http://localhost:1";
    private const string Many = "1000000";

    [Theory, OnBothEngines]
    public async Task F06_of_a_thousand_guesses_at_once_at_three_processes_ten_are_evaluated(Engine engine)
    {
        await using var database = await TestDatabase.CreateAsync(engine);
        await using var servers = await Servers.StartAsync(database, 3);
        var (ward, _) = await Ward.CreatedAsync(servers.Services[0]);
        var (evaluated, told) = (0, 0);
        var atOnce = engine == Engine.Postgres ? 1_000 : 48; // several processes on one file wait for each other
        await Parallel.ForEachAsync(Enumerable.Range(0, 1_000), new ParallelOptions { MaxDegreeOfParallelism = atOnce, CancellationToken = TestContext.Current.CancellationToken }, async (number, _) =>
        {
            var answer = await ward.SendAttemptAsync(servers.Services[number % 3].Http);
            if (answer.Status == HttpStatusCode.OK)
                Interlocked.Increment(ref evaluated);
            else
                Interlocked.Add(ref told, answer.IsProblem(ProblemTypes.TooManyRequests).RetryAfter is > 0 and <= 120 ? 1 : 0);
        });
        Assert.Equal((10, 990), (evaluated, told));
    }

    [Theory, OnBothEngines]
    public async Task F06_F07_a_process_that_is_killed_in_the_middle_gives_no_guess_back(Engine engine)
    {
        await using var database = await TestDatabase.CreateAsync(engine);
        var answered = 0;
        Ward ward;
        await using (var servers = await Servers.StartAsync(database, 1))
        {
            (ward, _) = await Ward.CreatedAsync(servers.Services[0]);
            var guesses = Enumerable.Range(0, 30).Select(async _ =>
            {
                try
                {
                    if ((await ward.SendAttemptAsync()).Status == HttpStatusCode.OK)
                        Interlocked.Increment(ref answered);
                }
                catch (HttpRequestException)
                {
                    // Killed before it answered.
                }
            }).ToList();
            while (Volatile.Read(ref answered) < 2)
                await Task.Delay(1, TestContext.Current.CancellationToken);
            await servers.KillAsync();
            await Task.WhenAll(guesses);
        }

        var counted = await database.ScalarAsync<long>("SELECT used FROM guesses");
        Assert.InRange(counted, answered, 10);
        Assert.Equal(counted, await database.ScalarAsync<long>("SELECT total FROM guess_total"));
        await using var again = await Servers.StartAsync(database, 1);
        for (; counted < 10; counted++)
            (await ward.SendAttemptAsync(again.Services[0].Http)).As<GuardianEvaluationResponse>();
        (await ward.SendAttemptAsync(again.Services[0].Http)).IsProblem(ProblemTypes.TooManyRequests);
    }

    [Fact]
    public async Task F06_a_guess_whose_process_is_killed_after_it_was_counted_and_before_it_was_evaluated_stays_counted()
    {
        Assert.SkipWhen(Engines.WhyLeftOut(Engine.Postgres) is not null, "Only PostgreSQL has a lock that holds up readers.");
        await using var database = await TestDatabase.CreateAsync(Engine.Postgres);
        Ward ward;
        await using (var servers = await Servers.StartAsync(database, 3))
        {
            (ward, _) = await Ward.CreatedAsync(servers.Services[0]);

            // Nobody reads a record's key meanwhile: what is counted waits to be evaluated.
            await using var connection = await database.OpenAsync();
            await using var locked = await connection.BeginTransactionAsync(TestContext.Current.CancellationToken);
            await using (var command = connection.CreateCommand())
            {
                command.Transaction = locked;
                command.CommandText = "LOCK TABLE guardian_records IN ACCESS EXCLUSIVE MODE";
                await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
            }

            var guesses = Enumerable.Range(0, 10).Select(number => Assert.ThrowsAnyAsync<HttpRequestException>(() => ward.SendAttemptAsync(servers.Services[number % 3].Http))).ToList();
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
            while (await database.ScalarAsync<long>("SELECT coalesce(max(used), 0) FROM guesses") < RecoveryLimits.FreeGuesses)
                await Task.Delay(20, patience.Token);
            Assert.DoesNotContain(guesses, guess => guess.IsCompleted);
            await servers.KillAsync();
            await Task.WhenAll(guesses);
        }

        await using var again = await Servers.StartAsync(database, 1);
        (await ward.SendAttemptAsync(again.Services[0].Http)).IsProblem(ProblemTypes.TooManyRequests);
    }

    [Theory, OnBothEngines]
    public async Task F07_a_database_of_before_gives_no_guess_back(Engine engine)
    {
        await using var host = await KeystoreHost.StartAsync(engine, origin: new Uri(Origin));
        using var service = new Http(host);
        var (ward, _) = await Ward.CreatedAsync(service.Running);
        for (var guess = 0; guess < 4; guess++)
            await ward.AttemptAsync();
        var before = (await host.Database.ScalarAsync<long>("SELECT used FROM guesses"), await host.Database.ScalarAsync<long>("SELECT total FROM guess_total"));
        for (var guess = 0; guess < 6; guess++)
            await ward.AttemptAsync();
        await host.StopAsync();
        await host.Database.ExecuteAsync($"UPDATE guesses SET used = {before.Item1}, until = 0; UPDATE guess_total SET total = {before.Item2};");
        await host.RestartAsync();

        using var restarted = new Http(host);
        (await ward.SendAttemptAsync(restarted.Running.Http)).IsProblem(ProblemTypes.TooManyRequests);
        (await Ward.Generate(restarted.Running).SendAttemptAsync()).IsProblem(ProblemTypes.TooManyRequests);
        host.Time.Move(TimeSpan.FromMinutes(3));
        (await ward.SendAttemptAsync(restarted.Running.Http)).As<GuardianEvaluationResponse>();
        (await ward.SendAttemptAsync(restarted.Running.Http)).IsProblem(ProblemTypes.TooManyRequests);
    }

    [Theory, OnBothEngines]
    public async Task F07_a_backup_that_is_restored_on_another_machine_gives_no_guess_back(Engine engine)
    {
        await using var host = await KeystoreHost.StartAsync(engine, origin: new Uri(Origin));
        using var service = new Http(host);
        var (ward, output) = await Ward.CreatedAsync(service.Running);
        var backup = Path.Combine(host.Database.Folder.FullName, "backup");
        await KeystoreService.Backups.WriteAsync(Options(host.Database), backup, host.Time, TestContext.Current.CancellationToken);

        // A mark is not there, nor anything of the guesses that came after the backup.
        await using var machine = await TestDatabase.CreateAsync(engine);
        await KeystoreService.Backups.RestoreAsync(Options(machine), backup, replace: false, host.Time, TestContext.Current.CancellationToken);
        Assert.Contains("at-rest", (await Assert.ThrowsAsync<InvalidOperationException>(() => Servers.StartAsync(machine, 1))).Message, StringComparison.Ordinal);
        File.Copy(Options(host.Database).AtRestSecretPath, Options(machine).AtRestSecretPath, overwrite: true);
        await using var restored = await Servers.StartAsync(machine, 1);
        (await ward.SendAttemptAsync(restored.Services[0].Http)).IsProblem(ProblemTypes.TooManyRequests);
        Assert.Equal(output, await ward.AttemptAsync());
    }

    [Theory, OnBothEngines]
    public async Task G02_strangers_who_guess_lock_out_no_known_device_and_a_success_makes_all_counts_none(Engine engine)
    {
        await using var service = await RunningService.StartAsync(engine);
        var (ward, output) = await Ward.CreatedAsync(service);
        var (device, second) = (await ward.AddDeviceAsync(), await ward.AddDeviceAsync());
        for (var guess = 0; guess < RecoveryLimits.FreeGuesses; guess++)
            await ward.AttemptAsync("not the password");
        (await ward.SendAttemptAsync()).IsProblem(ProblemTypes.TooManyRequests);
        for (var guess = 0; guess < RecoveryLimits.FreeGuesses; guess++)
            Assert.Equal(output, await ward.AttemptAsync(device));
        (await Ward.SendAttemptAsync(device)).IsProblem(ProblemTypes.TooManyRequests);
        Assert.Equal(output, await ward.AttemptAsync(second));

        (await ward.SucceedAsync()).Is(HttpStatusCode.NoContent);
        Assert.Equal(output, await ward.AttemptAsync());
        Assert.Equal(output, await ward.AttemptAsync(device));

        // What is not signed by the device counts for it in nothing.
        for (var guess = 0; guess < 20; guess++)
            (await Ward.SendAttemptAsync(device with { Key = second.Key })).IsProblem(ProblemTypes.SignInRequired);
        for (var guess = 1; guess < RecoveryLimits.FreeGuesses; guess++)
            await ward.AttemptAsync(device);
    }

    [Theory, OnBothEngines]
    public async Task G02_an_address_guesses_and_makes_records_no_oftener_than_it_may(Engine engine)
    {
        await using var service = await RunningService.StartAsync(engine, options => options with { Limits = options.Limits with { RecoveryRecords = 3, Unsigned = 12 } });
        for (var record = 0; record < 3; record++)
            await Ward.CreatedAsync(service);
        Assert.InRange((await Request.Post(GuardianRoutes.Records, Ward.Generate(service).Record()).SendAsync(service.Http)).IsProblem(ProblemTypes.TooManyRequests).RetryAfter!.Value, 1, 3_600);
        Assert.Equal(3, await service.Database.ScalarAsync<long>("SELECT count(*) FROM guardian_records"));
        for (var guess = 0; guess < 8; guess++)
            (await Ward.Generate(service).SendAttemptAsync()).As<GuardianEvaluationResponse>();
        (await Ward.Generate(service).SendAttemptAsync()).IsProblem(ProblemTypes.TooManyRequests);
        Assert.Equal(8, await service.Database.ScalarAsync<long>("SELECT count(*) FROM guesses"));
    }

    [Theory, OnBothEngines]
    public async Task G01_a_handle_that_nobody_has_is_answered_and_counted_like_one_that_somebody_has(Engine engine)
    {
        await using var service = await RunningService.StartAsync(engine);
        var (ward, _) = await Ward.CreatedAsync(service);
        var nobody = Ward.Generate(service);
        var output = await nobody.AttemptAsync();
        await ward.AttemptAsync();

        // Asking twice gives the same, at any instance and after the secret has been rotated; another handle, and another password, give another.
        Keyladder.Hosting.Recovery.AtRestSecret.Rotate(Path.Combine(service.Database.Folder.FullName, "keystore.at-rest"));
        using var rotated = await service.StartAnotherInstanceAsync();
        var again = nobody with { Service = RunningService.At(rotated.BaseAddress!, service.Origin.ToString()) };
        Assert.Equal(output, await again.AttemptAsync());
        Assert.Equal(output, await nobody.AttemptAsync());
        Assert.NotEqual(output, await nobody.AttemptAsync("another password"));
        Assert.NotEqual(output, await Ward.Generate(service).AttemptAsync());
        for (var guess = 0; guess < 3; guess++)
            await ward.AttemptAsync();

        // From the fifth guess on to the third wait, face for face.
        for (var guess = 5; guess <= 16; guess++)
        {
            var (one, other) = (await FaceAsync(service, ward), await FaceAsync(service, nobody));
            Assert.Equal(one, other);
            Assert.StartsWith(guess is <= 10 or 13 or 16 ? "200" : "429", one, StringComparison.Ordinal);
            if (guess is 12 or 15)
                service.Time.Move(TimeSpan.FromMinutes(guess is 12 ? 2 : 3));
        }
    }

    private static KeystoreOptions Options(TestDatabase database) => new() { Data = database.Folder.FullName, Database = database.Postgres };

    /// <summary>All of an answer but the moment and the element, which is random where it is blinded: its length stays. A wait ends with a full minute: what is left of it may differ by a second.</summary>
    private static async Task<string> FaceAsync(RunningService service, Ward ward)
    {
        var bytes = await RawExchange.SendForBytesAsync(service.Http.BaseAddress!, RawExchange.Write(ward.AttemptRequest(), service.Origin.Authority));
        var lines = Encoding.UTF8.GetString(bytes).Split("\r\n").Where(line => !line.StartsWith("Date: ", StringComparison.Ordinal));
        var text = string.Join('\n', lines)["HTTP/1.1 ".Length..];
        var evaluated = text.IndexOf("\"evaluated\":\"", StringComparison.Ordinal) + "\"evaluated\":\"".Length;
        if (text.StartsWith("200", StringComparison.Ordinal))
            return text[..evaluated] + new string('x', text.IndexOf('"', evaluated) - evaluated) + text[text.IndexOf('"', evaluated)..];
        return string.Concat(text.Select(letter => char.IsAsciiDigit(letter) && !text.StartsWith("200", StringComparison.Ordinal) ? '0' : letter)) is var face ? text[..3] + face[3..] : "";
    }

    /// <summary>keyladder-server, several times over one database and one folder.</summary>
    private sealed class Servers : IAsyncDisposable
    {
        private readonly ServerProcess[] processes;

        private Servers(ServerProcess[] processes) =>
            (this.processes, Services) = (processes, [.. processes.Select(process => RunningService.At(process.Address, Origin))]);

        public IReadOnlyList<RunningService> Services { get; }

        public static async Task<Servers> StartAsync(TestDatabase database, int number)
        {
            string[] settings = [.. database.SettingsForMany, "--keystore:origin", Origin, "--keystore:limits:unsigned", Many, .. ServerProcess.Silent];
            return new(await Task.WhenAll(Enumerable.Range(0, number).Select(_ => ServerProcess.ListenAsync(settings))));
        }

        public Task KillAsync() => Task.WhenAll(processes.Select(process => process.KillAsync()));

        public async ValueTask DisposeAsync()
        {
            foreach (var service in Services)
                await service.DisposeAsync();
            foreach (var process in processes)
                await process.DisposeAsync();
        }
    }

    private sealed class Http(KeystoreHost host) : IDisposable
    {
        public RunningService Running { get; } = RunningService.At(host.Address, Origin);

        public void Dispose() => Running.Http.Dispose();
    }
}
