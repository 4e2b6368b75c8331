using System.Data;
using System.Data.Common;
using Npgsql;

namespace Keyladder.Hosting.Storage;

/// <summary>PostgreSQL, for several instances of a service on one database.</summary>
internal sealed class PostgresEngine : Engine
{
    // Any number that no other program on the database locks; these are the letters "keyl".
    private const long MigrationLock = 0x6B65796C;

    private readonly NpgsqlDataSource source;

    /// <summary>
    /// Every transaction is repeatable read, the implicit one around the statements of a command too: what one command reads is one snapshot without BEGIN and COMMIT on the wire.
    /// </summary>
    public PostgresEngine(string connectionString)
    {
        var builder = new NpgsqlConnectionStringBuilder(connectionString) { ApplicationName = "keyladder" };
        builder.Options = $"{builder.Options} -c default_transaction_isolation=repeatable\\ read".Trim();
        // Of several hosts the one that takes writes, whichever that is now; a second after a change of roles it is looked for again.
        builder.TargetSessionAttributes = null;
        if (!builder.ShouldSerialize("Host Recheck Seconds")) // ContainsKey is true for whatever the driver knows
            builder.HostRecheckSeconds = 1;
        source = builder.Host!.Contains(',', StringComparison.Ordinal)
            ? new NpgsqlDataSourceBuilder(builder.ConnectionString).BuildMultiHost().WithTargetSession(TargetSessionAttributes.ReadWrite)
            : NpgsqlDataSource.Create(builder);
    }

    public override string Name => "postgres";

    // Whatever the server says to who only wants to connect is its own trouble, and nobody's request: on a full disk that was once an error of no class below.
    public override async Task<EngineConnection> OpenAsync(CancellationToken cancellation)
    {
        try
        {
            return new(await source.OpenConnectionAsync(cancellation), keep: null);
        }
        catch (PostgresException e)
        {
            throw new NotConnectedException(e);
        }
    }

    public override DbTransaction? BeginRead(DbConnection connection) => null;

    public override async Task<DbTransaction> BeginSnapshotAsync(DbConnection connection, CancellationToken cancellation) =>
        await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellation);

    public override Task<IDisposable?> EnterWriteAsync(CancellationToken cancellation) => Task.FromResult<IDisposable?>(null);

    public override async Task<DbTransaction> BeginWriteAsync(DbConnection connection, CancellationToken cancellation) =>
        await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellation);

    // What is counted lasts also on a server where nothing else has to: a guess that is forgotten with a crash would be given back. Whoever waits for a standby goes on to do so.
    public override async Task<DbTransaction> BeginCountAsync(DbConnection connection, CancellationToken cancellation)
    {
        var transaction = await connection.BeginTransactionAsync(IsolationLevel.ReadCommitted, cancellation);
        await using var command = connection.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = "SELECT set_config('synchronous_commit', 'on', true) WHERE current_setting('synchronous_commit') = 'off';";
        await command.ExecuteNonQueryAsync(cancellation);
        return transaction;
    }

    // A commit whose wait for a standby was cut short (a timeout, an administrator) is reported as done, with a warning that it may not last.
    public override async Task CommitAsync(DbConnection connection, DbTransaction transaction)
    {
        var postgres = (NpgsqlConnection)connection;
        PostgresNotice? warning = null;
        postgres.Notice += Take;
        try
        {
            await transaction.CommitAsync(CancellationToken.None);
        }
        finally
        {
            postgres.Notice -= Take;
        }

        if (warning is not null)
            throw new NpgsqlException("The commit is not known to last.");

        void Take(object sender, NpgsqlNoticeEventArgs arguments) => warning = arguments.Notice.InvariantSeverity == "WARNING" ? arguments.Notice : warning;
    }

    // Read committed: a snapshot taken before the wait for the lock would not show what the lock's last holder did.
    public override async Task<DbTransaction> BeginMigrationAsync(DbConnection connection, CancellationToken cancellation)
    {
        var transaction = await connection.BeginTransactionAsync(IsolationLevel.ReadCommitted, cancellation);
        await using var command = connection.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = $"SELECT pg_advisory_xact_lock({MigrationLock}); SHOW default_transaction_isolation;";
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        await reader.NextResultAsync(cancellation);
        await reader.ReadAsync(cancellation);
        return reader.GetString(0) == "repeatable read"
            ? transaction
            : throw new StartupException(
                "Something between the service and PostgreSQL drops the connection's options, so that reads would not see one moment.",
                "Run: ALTER ROLE … SET default_transaction_isolation = 'repeatable read' for the service's user.");
    }

    public override bool LostRace(DbException exception) =>
        exception.SqlState is PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.DeadlockDetected;

    // What never reached the server, and what it says about itself: connection, authorization, no such database, resources, locks, operator, system.
    public override bool IsOutage(DbException exception) =>
        exception is NpgsqlException and not PostgresException || LostRace(exception) || exception.SqlState?[..2] is "08" or "28" or "3D" or "53" or "55" or "57" or "58"
        || exception.SqlState == PostgresErrorCodes.ReadOnlySqlTransaction;

    public override string Code(DbException exception) => exception.SqlState ?? "without an answer";

    public override string Remedy(DbException exception) => exception.SqlState switch
    {
        PostgresErrorCodes.DiskFull => "PostgreSQL's disk is full: free space there; the service goes on by itself.",
        PostgresErrorCodes.ReadOnlySqlTransaction => "This PostgreSQL is a standby: name every host of the cluster in keystore:database, with commas.",
        null => "Check that PostgreSQL runs and that its address is right; the service goes on by itself.",
        _ => "PostgreSQL's own log says why; the service goes on by itself.",
    };

    public override ValueTask DisposeAsync() => source.DisposeAsync();

    private sealed class NotConnectedException(PostgresException refusal) : NpgsqlException("The server opened no connection.", refusal)
    {
        public override string? SqlState => refusal.SqlState;
    }
}
