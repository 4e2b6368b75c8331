using System.Data.Common;
using System.Diagnostics;
using System.Security.Cryptography;
using Keyladder.Hosting.Problems;

namespace Keyladder.Hosting.Storage;

/// <summary>
/// One service's database. A read is one command, one round trip and one snapshot; a write is one transaction that may be run again when it loses a race, so its work must not
/// change anything but the database.
/// </summary>
public sealed class Database : IAsyncDisposable
{
    // Of those who append to one account at once, each time one wins: so many more than a person has devices.
    private const int MaxAttempts = 50;
    private const int LongestWaitMilliseconds = 20;

    // Long enough for a load balancer to see it; then the next write shows whether there is room again.
    private static readonly TimeSpan NotReadyAfterFailure = TimeSpan.FromSeconds(10);

    private readonly Engine engine;

    // Not shared: another instance has another way to the database. 0 after a write that went well.
    private long writeFailedAt;

    private Database(Engine engine) => this.engine = engine;

    internal Engine Engine => engine;

    /// <param name="connectionString"><c>Host=…</c> for PostgreSQL, <c>Data Source=…</c> for an SQLite file, which is made when it is not there.</param>
    /// <exception cref="ArgumentException">It is neither.</exception>
    public static Database Open(string connectionString)
    {
        var parts = new DbConnectionStringBuilder { ConnectionString = connectionString };
        if (parts.ContainsKey("Host"))
            return new(new PostgresEngine(connectionString));
        return parts.TryGetValue("Data Source", out var path)
            ? new(new SqliteEngine((string)path))
            : throw new ArgumentException("Not a connection string of PostgreSQL or SQLite.", nameof(connectionString));
    }

    internal static Database OpenFile(string path) => new(new SqliteEngine(Path.GetFullPath(path)));

    /// <exception cref="ProblemException">The database does not answer.</exception>
    public Task<T> ReadAsync<T>(Statement statement, Func<Rows, Task<T>> read, CancellationToken cancellation) => GuardAsync(async () =>
    {
        await using var connection = await engine.OpenAsync(cancellation);
        await using var transaction = engine.BeginRead(connection.Inner);
        await using var reader = await connection.Command(statement, transaction).ExecuteReaderAsync(cancellation);
        return await read(new Rows(reader));
    });

    /// <exception cref="ProblemException">The database does not answer.</exception>
    public Task<T> WriteAsync<T>(Func<Transaction, Task<T>> work, CancellationToken cancellation) => GuardWriteAsync(async () =>
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await WriteOnceAsync(work, cancellation);
            }
            catch (DbException exception) when (engine.LostRace(exception) && attempt < MaxAttempts)
            {
                // The winner has committed: the next run sees what it did. Those who lost together should not run together again.
                await Task.Delay(RandomNumberGenerator.GetInt32(LongestWaitMilliseconds), cancellation);
            }
        }
    });

    /// <summary>
    /// One statement that changes rows without having looked at them, for rows that many requests change at once: where <see cref="WriteAsync"/> would lose the race and run again, this
    /// waits its turn.
    /// </summary>
    /// <exception cref="ProblemException">The database does not answer.</exception>
    public Task<T> CountAsync<T>(Statement statement, Func<Rows, Task<T>> read, CancellationToken cancellation) => GuardWriteAsync(async () =>
    {
        using var gate = await engine.EnterWriteAsync(cancellation);
        await using var connection = await engine.OpenAsync(cancellation);
        await using var transaction = await engine.BeginCountAsync(connection.Inner, cancellation);
        var result = await new Transaction(connection, transaction).QueryAsync(statement, read, cancellation);
        await engine.CommitAsync(connection.Inner, transaction);
        return result;
    });

    /// <summary>
    /// Whether it can be read, and no write has met an outage a moment ago. Nothing is written to find out: on a full disk what is small may still fit where nothing else does.
    /// </summary>
    /// <exception cref="ProblemException">The database does not answer.</exception>
    public async Task CheckAsync(CancellationToken cancellation)
    {
        await ReadAsync(new Statement("SELECT max(version) FROM schema_versions;"), rows => rows.ListAsync(row => row.GetInt64(0), cancellation), cancellation);
        if (Volatile.Read(ref writeFailedAt) is > 0 and var at && Stopwatch.GetElapsedTime(at) < NotReadyAfterFailure)
            throw Problem.Unavailable();
    }

    public ValueTask DisposeAsync() => engine.DisposeAsync();

    private async Task<T> WriteOnceAsync<T>(Func<Transaction, Task<T>> work, CancellationToken cancellation)
    {
        using var gate = await engine.EnterWriteAsync(cancellation);
        await using var connection = await engine.OpenAsync(cancellation);
        await using var transaction = await engine.BeginWriteAsync(connection.Inner, cancellation);
        var result = await work(new Transaction(connection, transaction));

        await engine.CommitAsync(connection.Inner, transaction);
        return result;
    }

    private async Task<T> GuardWriteAsync<T>(Func<Task<T>> write)
    {
        try
        {
            var result = await GuardAsync(write);
            Volatile.Write(ref writeFailedAt, 0);
            return result;
        }
        catch (ProblemException problem) when (problem.InnerException is DbException)
        {
            Volatile.Write(ref writeFailedAt, Stopwatch.GetTimestamp());
            throw;
        }
    }

    private async Task<T> GuardAsync<T>(Func<Task<T>> action)
    {
        try
        {
            return await action();
        }
        catch (DbException exception) when (engine.IsOutage(exception))
        {
            throw Problem.Unavailable(exception, $"{engine.Code(exception)}. {engine.Remedy(exception)}");
        }
    }
}
