using System.Data.Common;
using Keyladder.Hosting.Problems;

namespace Keyladder.Hosting.Storage;

/// <summary>
/// One service's database. A read is one command, one round trip and one snapshot; a write is one transaction that may be run again when it loses a race, so its work must not
/// change anything but the database.
/// </summary>
public sealed class Database : IAsyncDisposable
{
    private const int MaxAttempts = 10;

    private readonly Engine engine;

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
        await using var transaction = engine.BeginRead(connection);
        await using var command = connection.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = statement.Text;
        statement.Bind(command.Parameters, command.CreateParameter);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        return await read(new Rows(reader));
    });

    /// <exception cref="ProblemException">The database does not answer.</exception>
    public Task<T> WriteAsync<T>(Func<Transaction, Task<T>> work, CancellationToken cancellation) => GuardAsync(async () =>
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await WriteOnceAsync(work, cancellation);
            }
            catch (DbException exception) when (engine.LostRace(exception) && attempt < MaxAttempts)
            {
                // The winner has committed: the next run sees what it did.
            }
        }
    });

    /// <summary>
    /// One statement that changes rows without having looked at them, for rows that many requests change at once: where <see cref="WriteAsync"/> would lose the race and run again, this
    /// waits its turn.
    /// </summary>
    /// <exception cref="ProblemException">The database does not answer.</exception>
    public Task<T> CountAsync<T>(Statement statement, Func<Rows, Task<T>> read, CancellationToken cancellation) => GuardAsync(async () =>
    {
        using var gate = await engine.EnterWriteAsync(cancellation);
        await using var connection = await engine.OpenAsync(cancellation);
        await using var transaction = await engine.BeginCountAsync(connection, cancellation);
        var result = await new Transaction(connection, transaction).QueryAsync(statement, read, cancellation);
        await transaction.CommitAsync(CancellationToken.None);
        return result;
    });

    public ValueTask DisposeAsync() => engine.DisposeAsync();

    private async Task<T> WriteOnceAsync<T>(Func<Transaction, Task<T>> work, CancellationToken cancellation)
    {
        using var gate = await engine.EnterWriteAsync(cancellation);
        await using var connection = await engine.OpenAsync(cancellation);
        await using var transaction = await engine.BeginWriteAsync(connection, cancellation);
        var result = await work(new Transaction(connection, transaction));

        // From here on the caller may hang up: half a commit is none.
        await transaction.CommitAsync(CancellationToken.None);
        return result;
    }

    private async Task<T> GuardAsync<T>(Func<Task<T>> action)
    {
        try
        {
            return await action();
        }
        catch (DbException exception) when (engine.IsOutage(exception))
        {
            throw Problem.Unavailable(exception);
        }
    }
}
