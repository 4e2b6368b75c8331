using Keyladder.Hosting;
using Keyladder.Hosting.Problems;
using Keyladder.Hosting.Recovery;
using Keyladder.Hosting.Storage;
using Keyladder.Keystore;
using Keyladder.Protocol;
using Keyladder.Testing;

namespace Services.Tests.Hosting.Recovery;

/// <summary>Guesses over a real database, and the mark beside it.</summary>
public sealed class GuessesTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory, OnBothEngines]
    public async Task F06_of_a_thousand_guesses_at_once_ten_are_counted_over_all_processes(Engine engine)
    {
        await using var counted = await Counted.CreateAsync(engine);
        Guesses[] processes = [counted.Process("one"), counted.Process("two"), counted.Process("three")];
        var taken = 0;
        await Parallel.ForEachAsync(Enumerable.Range(0, 1_000), new ParallelOptions { MaxDegreeOfParallelism = 60, CancellationToken = Cancellation }, async (number, _) =>
        {
            if (await TryAsync(processes[number % 3]) is null)
                Interlocked.Increment(ref taken);
        });
        Assert.Equal(10, taken);
        Assert.Equal(10, await counted.Database.ScalarAsync<long>("SELECT total FROM guess_total"));
        Assert.Equal(10, await counted.Database.ScalarAsync<long>("SELECT used FROM guesses"));
    }

    [Theory, OnBothEngines]
    public async Task Ten_are_free_and_then_the_waits_double_from_a_minute_to_a_day(Engine engine)
    {
        await using var counted = await Counted.CreateAsync(engine);
        var guesses = counted.Process("one");
        for (var number = 1; number <= 10; number++)
            Assert.Equal(number, await guesses.CountAsync("record:a", Cancellation));
        for (var (number, wait) = (10, TimeSpan.FromMinutes(1)); number <= 23; number++, wait = wait * 2 < TimeSpan.FromDays(1) ? wait * 2 : TimeSpan.FromDays(1))
        {
            // Until a full minute.
            var left = await TryAsync(guesses);
            Assert.InRange(left!.Value, wait - TimeSpan.FromSeconds(5), wait + TimeSpan.FromMinutes(1));
            counted.Time.Move(left.Value - TimeSpan.FromSeconds(5));
            Assert.NotNull(await TryAsync(guesses));
            counted.Time.Move(TimeSpan.FromSeconds(6));
            Assert.Null(await TryAsync(guesses));
        }

        // Another subject's are its own.
        Assert.Null(await TryAsync(guesses, "record:b"));
    }

    [Theory, OnBothEngines]
    public async Task A_success_makes_the_counts_none_and_what_is_removed_leaves_no_row(Engine engine)
    {
        await using var counted = await Counted.CreateAsync(engine);
        var guesses = counted.Process("one");
        foreach (var subject in (string[])["record:a", "device:b", "record:c"])
        {
            for (var number = 0; number < 10; number++)
                await guesses.CountAsync(subject, Cancellation);
        }

        await counted.WriteAsync(guesses.Forget("record:a", "device:b", "device:new"));
        Assert.Null(await TryAsync(guesses));
        Assert.Null(await TryAsync(guesses, "device:b"));
        Assert.NotNull(await TryAsync(guesses, "record:c"));
        await counted.WriteAsync(Guesses.Remove("record:a", "device:b"));
        Assert.Equal(["device:new", "record:c"], (await counted.SubjectsAsync()).Order(StringComparer.Ordinal));
    }

    [Theory, OnBothEngines]
    public async Task F07_an_older_database_gives_no_guesses_back(Engine engine)
    {
        await using var counted = await Counted.CreateAsync(engine);
        var guesses = counted.Process("one");
        await guesses.CountAsync("record:a", Cancellation);
        await using var older = await counted.CopyAsync();
        guesses = counted.Process("one");
        for (var number = 0; number < 3; number++)
            await guesses.CountAsync("record:a", Cancellation);
        await guesses.CountAsync("record:b", Cancellation);

        // Of a's nine only six were left; b has no row there any more; nobody knows what c had.
        var restored = older.Process("one");
        foreach (var subject in (string[])["record:a", "record:b", "record:c"])
            Assert.InRange((await TryAsync(restored, subject))!.Value, TimeSpan.FromSeconds(50), TimeSpan.FromMinutes(2));
        Assert.Equal(5, await older.Database.ScalarAsync<long>("SELECT total FROM guess_total"));

        // Then a guess at a time, as for who has used up the free ones.
        older.Time.Move(TimeSpan.FromMinutes(3));
        foreach (var subject in (string[])["record:a", "record:b", "record:c"])
        {
            Assert.Null(await TryAsync(restored, subject));
            Assert.NotNull(await TryAsync(restored, subject));
        }

        // Who knows the password has all of them again.
        await older.WriteAsync(restored.Forget("record:a"));
        for (var number = 0; number < 10; number++)
            Assert.Null(await TryAsync(restored));
        Assert.NotNull(await TryAsync(restored));
    }

    [Theory, OnBothEngines]
    public async Task F07_a_database_that_is_put_back_under_a_running_process_is_noticed_at_the_next_guess_by_each(Engine engine)
    {
        await using var counted = await Counted.CreateAsync(engine);
        Guesses[] processes = [counted.Process("one"), counted.Process("two")];
        foreach (var process in processes)
            Assert.Null(await TryAsync(process));
        await counted.Database.ExecuteAsync("DELETE FROM guesses; UPDATE guess_total SET total = 1;");
        Assert.NotNull(await TryAsync(processes[1]));
        Assert.NotNull(await TryAsync(processes[0]));
        Assert.NotNull(await TryAsync(processes[0], "record:b"));
    }

    [Theory, OnBothEngines]
    public async Task A_mark_is_noticed_at_the_start_and_one_that_was_lost_is_made_anew(Engine engine)
    {
        await using var host = await KeystoreHost.StartAsync(engine);
        await host.StopAsync();
        var path = Path.Combine(host.Database.Folder.FullName, "keystore.guesses");
        await File.WriteAllBytesAsync(path, [0, 0, 0, 0, 0, 0, 0, 9], Cancellation);
        await host.Database.ExecuteAsync("INSERT INTO guesses (subject, used, until, expires) VALUES ('record:a', 3, 0, 99999999999999)");
        await host.RestartAsync();
        Assert.Equal(9, await host.Database.ScalarAsync<long>("SELECT total FROM guess_total"));
        Assert.Equal(10, await host.Database.ScalarAsync<long>("SELECT used FROM guesses"));
        await host.StopAsync();

        File.Delete(path);
        await host.RestartAsync();
        Assert.Equal([0, 0, 0, 0, 0, 0, 0, 9], await File.ReadAllBytesAsync(path, Cancellation));
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
    }

    [Fact]
    public async Task A_mark_that_cannot_be_written_lets_nothing_be_evaluated()
    {
        await using var counted = await Counted.CreateAsync(Engine.Sqlite);
        var guesses = counted.Process("one");
        Assert.Null(await TryAsync(guesses));
        File.Delete(counted.MarkOf("one"));
        var refusal = await Assert.ThrowsAsync<ProblemException>(() => guesses.CountAsync("record:a", Cancellation));
        Assert.Equal(ProblemTypes.Unavailable, refusal.Problem.Type);
        foreach (var content in new byte[][] { [], [1], [0xFF, 0, 0, 0, 0, 0, 0, 0], new byte[9] })
        {
            await File.WriteAllBytesAsync(counted.MarkOf("one"), content, Cancellation);
            Assert.Throws<StartupException>(() => counted.Process("one"));
        }
    }

    [Theory, OnBothEngines]
    public async Task Processes_that_share_a_mark_never_lower_it(Engine engine)
    {
        await using var counted = await Counted.CreateAsync(engine);
        Guesses[] processes = [counted.Process("shared"), counted.Process("shared"), counted.Process("shared")];
        var (done, below) = (0, 0);
        await Parallel.ForEachAsync(Enumerable.Range(0, 300), new ParallelOptions { MaxDegreeOfParallelism = 30, CancellationToken = Cancellation }, async (number, _) =>
        {
            Assert.Null(await TryAsync(processes[number % 3], $"record:{number}"));

            // So many have been counted by now, each under a number of its own: the highest of them is at least that.
            var counts = Interlocked.Increment(ref done);
            if (MarkAt(counted.MarkOf("shared")) < counts)
                Interlocked.Increment(ref below);
        });
        Assert.Equal(0, below);
        Assert.Equal(300, MarkAt(counted.MarkOf("shared")));
        Assert.Equal(300, await counted.Database.ScalarAsync<long>("SELECT total FROM guess_total"));
    }

    [Fact]
    public async Task On_a_server_that_need_not_write_at_once_a_guess_is_on_the_disk_nevertheless()
    {
        Assert.SkipWhen(Engines.WhyLeftOut(Engine.Postgres) is not null, "KEYLADDER_TEST_ENGINES=sqlite leaves PostgreSQL out");
        await using var counted = await Counted.CreateAsync(Engine.Postgres);
        await counted.Database.ExecuteAsync("""
            CREATE TABLE seen (setting text);
            CREATE FUNCTION see() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO seen VALUES (current_setting('synchronous_commit')); RETURN NEW; END $$;
            CREATE TRIGGER see AFTER INSERT OR UPDATE ON guesses FOR EACH ROW EXECUTE FUNCTION see();
            """);
        foreach (var setting in (string[])["off", "remote_write"])
        {
            await counted.Database.ExecuteAsync($"ALTER DATABASE {new Npgsql.NpgsqlConnectionStringBuilder(counted.Database.Postgres).Database} SET synchronous_commit = {setting}");
            await using var reopened = Database.Open($"{counted.Database.Postgres};Pooling=False");
            Assert.Null(await TryAsync(new Guesses(reopened, GuessMark.LoadOrCreate(counted.MarkOf("one")), counted.Time)));
        }

        Assert.Equal("on,remote_write", await counted.Database.ScalarAsync<string>("SELECT string_agg(setting, ',' ORDER BY setting) FROM seen"));
    }

    private static long MarkAt(string path)
    {
        while (true)
        {
            try
            {
                return System.Buffers.Binary.BinaryPrimitives.ReadInt64BigEndian(File.ReadAllBytes(path));
            }
            catch (IOException)
            {
                // A process has it open for itself alone.
            }
        }
    }

    /// <returns>The wait; null where the guess was counted.</returns>
    private static async Task<TimeSpan?> TryAsync(Guesses guesses, string subject = "record:a")
    {
        try
        {
            await guesses.CountAsync(subject, Cancellation);
            return null;
        }
        catch (ProblemException refusal) when (refusal.Problem.Type == ProblemTypes.TooManyRequests)
        {
            return TimeSpan.FromSeconds(refusal.Problem.RetryAfter!.Value);
        }
    }

    /// <summary>The database of a Keystore that does not run.</summary>
    private sealed class Counted(TestDatabase database, MovableTime time) : IAsyncDisposable
    {
        private readonly List<Database> opened = [];

        public TestDatabase Database => database;

        public MovableTime Time => time;

        public static async Task<Counted> CreateAsync(Engine engine)
        {
            var counted = new Counted(await TestDatabase.CreateAsync(engine), new());
            await Migrations.RunAsync(counted.Open(), typeof(KeystoreService).Assembly, counted.Time, Cancellation);
            return counted;
        }

        /// <summary>The database as it is now, beside the marks that go on. Who had it open has to open it again.</summary>
        public async Task<Counted> CopyAsync()
        {
            await Task.WhenAll(opened.Select(one => one.DisposeAsync().AsTask()));
            opened.Clear();
            if (database.Postgres is not null)
                Npgsql.NpgsqlConnection.ClearAllPools();
            return new Counted(await database.CopyAsync(), time) { MarksOf = this };
        }

        private Counted? MarksOf { get; init; }

        public string MarkOf(string process) => MarksOf?.MarkOf(process) ?? Path.Combine(database.Folder.FullName, $"{process}.guesses");

        public Guesses Process(string name) => new(Open(), GuessMark.LoadOrCreate(MarkOf(name)), time);

        public Task<bool> WriteAsync(Statement statement) => Open().WriteAsync(async transaction => await transaction.ExecuteAsync(statement, Cancellation) > 0, Cancellation);

        public Task<List<string>> SubjectsAsync() =>
            Open().ReadAsync(new Statement("SELECT subject FROM guesses;"), rows => rows.ListAsync(row => row.GetString(0), Cancellation), Cancellation);

        public async ValueTask DisposeAsync()
        {
            foreach (var one in opened)
                await one.DisposeAsync();
            await database.DisposeAsync();
        }

        private Database Open()
        {
            opened.Add(Keyladder.Hosting.Storage.Database.Open(database.Postgres ?? $"Data Source={database.SqliteFile}"));
            return opened[^1];
        }
    }
}
