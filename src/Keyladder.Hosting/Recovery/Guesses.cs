using Keyladder.Hosting.Problems;
using Keyladder.Hosting.Storage;
using Keyladder.Protocol.PassphraseStore;

namespace Keyladder.Hosting.Recovery;

/// <summary>
/// Counts guesses before they are evaluated (docs/spec/passphrase-store.md section 2), in the tables <c>guesses</c> and <c>guess_total</c> of the service. Nothing is evaluated whose count
/// <see cref="CountAsync"/> has not returned from: it is on the disk then, and above what the mark says.
/// </summary>
public sealed class Guesses(Database database, GuessMark mark, TimeProvider time)
{
    internal const string Table = "guesses";
    internal const string TotalTable = "guess_total";

    private const long Minute = 60_000;
    private const long Day = 24 * 60 * Minute;

    // A row that has seen no guess for so many days is removed by the sweeper: waits of at most a day would have given more guesses meanwhile than the ten that are free anew.
    private const long KeptDays = 31;

    private const long UsedUp = RecoveryLimits.FreeGuesses;

    // The row of the total is one: all processes and all subjects count one after the other.
    private const string CountTotal = """
        INSERT INTO guess_total (number, total, restored) VALUES (1, 1, 0) ON CONFLICT (number) DO UPDATE SET total = guess_total.total + 1 RETURNING total, restored;
        """;

    // A subject without a row begins where a restore has left it.
    private static readonly string Count = $"""
        INSERT INTO guesses (subject, used, until, expires)
        SELECT @subject, fresh.used + 1, {UntilAfter("fresh.used + 1")}, @expires
        FROM (SELECT CAST(CASE WHEN restored + {KeptDays * Day} > @now THEN {UsedUp} ELSE 0 END AS bigint) AS used, restored FROM guess_total) fresh
        WHERE fresh.used = 0 OR fresh.restored + {Minute} <= @now
        ON CONFLICT (subject) DO UPDATE SET used = guesses.used + 1, until = {UntilAfter("guesses.used + 1")}, expires = @expires
        WHERE guesses.used < {UsedUp} OR guesses.until <= @now
        RETURNING used;
        """;

    private const string SelectUntil = """
        SELECT until FROM guesses WHERE subject = @subject;
        """;

    /// <summary>Counts one more guess, durably.</summary>
    /// <param name="subject">Of what is guessed at, with its kind before it: a record's count is not a device's, whatever their ids are.</param>
    /// <returns>How many guesses the subject has used, this one included.</returns>
    /// <exception cref="ProblemException">The guess comes within the wait, and has changed nothing; or the database or the mark does not answer, and the guess may be counted.</exception>
    public async Task<long> CountAsync(string subject, CancellationToken cancellation)
    {
        while (true)
        {
            // Before the statement: what was counted since then by others makes the total higher, never lower.
            var known = mark.Read();
            var now = Now;
            var counted = await TryCountAsync(subject, known, now, cancellation);
            if (counted is null)
            {
                await UseUpAsync(known, now, cancellation);
                continue;
            }

            mark.Raise(counted.Value.Total);
            return counted.Value.Used;
        }
    }

    /// <summary>All that one guess asks of the database: the total, the count, and the end of the wait.</summary>
    internal static Statement Counting(string subject, long now) =>
        new($"{CountTotal}\n{Count}\n{SelectUntil}") { { "subject", subject }, { "now", now }, { "expires", Expires(now) } };

    /// <summary>For the transaction of a call that its signature shows to be the person's own: the counts are none.</summary>
    public Statement Forget(params IEnumerable<string> subjects) =>
        new($"""
            INSERT INTO guesses (subject, used, until, expires) SELECT key, 0, 0, @expires FROM ({Statement.EachOf("subjects")}) forgotten WHERE true
            ON CONFLICT (subject) DO UPDATE SET used = 0, until = 0, expires = @expires;
            """)
        {
            { "subjects", subjects },
            { "expires", Expires(Now) },
        };

    /// <summary>For the transaction that removes what was guessed at.</summary>
    public static Statement Remove(params IEnumerable<string> subjects) =>
        new($"DELETE FROM guesses WHERE subject IN ({Statement.EachOf("subjects")});") { { "subjects", subjects } };

    /// <summary>What a restore does to every subject, with a row or without: its free guesses are used up, and the next one has to wait.</summary>
    internal static IReadOnlyList<Statement> UseUp(DateTimeOffset now)
    {
        // Full minutes, as all times of guesses: no row can be joined by the moment with one of another service.
        var minute = (now.ToUnixTimeMilliseconds() / Minute * Minute) + Minute;
        return
        [
            new("INSERT INTO guess_total (number, total, restored) VALUES (1, 0, @minute) ON CONFLICT (number) DO UPDATE SET restored = @minute;") { { "minute", minute } },
            new($"""
                UPDATE guesses SET
                    used = CASE WHEN used < {UsedUp} THEN {UsedUp} ELSE used END,
                    until = CASE WHEN until < @until THEN @until ELSE until END,
                    expires = CASE WHEN expires < @expires THEN @expires ELSE expires END;
                """) { { "until", minute + Minute }, { "expires", Expires(minute) } },
        ];
    }

    /// <summary>Makes good a restore of the database while nobody ran, and a mark that was lost.</summary>
    internal async Task CheckMarkAsync(CancellationToken cancellation)
    {
        var known = mark.Read();
        if (known > 0)
            await UseUpAsync(known, Now, cancellation);
        mark.Raise((await database.ReadAsync(
            new Statement("SELECT total FROM guess_total;"), rows => rows.ListAsync(row => row.GetInt64(0), cancellation), cancellation)).SingleOrDefault());
    }

    private long Now => time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <returns>Null where the total is lower than the mark.</returns>
    private async Task<(long Used, long Total)?> TryCountAsync(string subject, long known, long now, CancellationToken cancellation)
    {
        try
        {
            return await database.CountAsync(
                Counting(subject, now),
                async rows =>
                {
                    var (total, restored) = (await rows.ListAsync(row => (row.GetInt64(0), row.GetInt64(1)), cancellation)).Single();
                    var used = await rows.ListAsync(row => row.GetInt64(0), cancellation);
                    var until = await rows.ListAsync(row => row.GetInt64(0), cancellation);
                    if (total - 1 < known)
                        throw new RestoredException();
                    return used is [var number]
                        ? (number, total)
                        : throw Problem.TooManyRequests(TimeSpan.FromMilliseconds(until.Append(restored + Minute).First() - now));
                },
                cancellation);
        }
        catch (RestoredException)
        {
            return null;
        }
    }

    // Whoever comes first does it for all.
    private Task<bool> UseUpAsync(long known, long now, CancellationToken cancellation) => database.WriteAsync(
        async transaction =>
        {
            var lifted = await transaction.ExecuteAsync(
                new Statement("""
                    INSERT INTO guess_total (number, total, restored) VALUES (1, @known, 0) ON CONFLICT (number) DO UPDATE SET total = @known WHERE guess_total.total < @known;
                    """) { { "known", known } },
                cancellation);
            if (lifted > 0)
                await transaction.ExecuteAllAsync(UseUp(DateTimeOffset.FromUnixTimeMilliseconds(now)), cancellation);
            return lifted > 0;
        },
        cancellation);

    private static long Expires(long now) => ((now / Day) + KeptDays + 1) * Day;

    // When the next guess may come after the one with this number: at once before the tenth; a minute after that, and twice as long each time, to a day.
    private static string UntilAfter(string number) => $"""
        CASE WHEN {number} < {UsedUp} THEN 0
        WHEN {number} > {UsedUp + 10} THEN (@now + {Day} + {Minute - 1}) / {Minute} * {Minute}
        ELSE (@now + (CAST({Minute} AS bigint) << CAST({number} - {UsedUp} AS integer)) + {Minute - 1}) / {Minute} * {Minute} END
        """;

    /// <summary>Undoes the count: it was made on a database that is older than the mark.</summary>
    private sealed class RestoredException : Exception;
}
