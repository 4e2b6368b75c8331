using System.Collections.Concurrent;
using System.Data;
using System.Data.Common;
using System.Globalization;
using Keyladder.Storage;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Keyladder.Hosting.Storage;

/// <summary>One file beside the service: write-ahead log, every commit on the disk before it is acknowledged.</summary>
internal sealed class SqliteEngine : Engine
{
    private const int BusyTimeoutMilliseconds = 10_000;
    private const int KeptBeforeMigrations = 3;
    private const string BeforeMigration = ".before-schema-";

    private static readonly Comparer<string> ByTime = Comparer<string>.Create((one, other) => string.CompareOrdinal(Path.GetExtension(one), Path.GetExtension(other)));

    private const int MaxIdle = 32;

    private readonly ConcurrentStack<EngineConnection> idle = new();
    private readonly SemaphoreSlim writeGate = new(1, 1);
    private readonly string connectionString;
    private readonly string path;
    private volatile bool isDisposed;

    public SqliteEngine(string path)
    {
        this.path = path;
        connectionString = new SqliteConnectionStringBuilder
        {
            DataSource = path,
            ForeignKeys = true,
            DefaultTimeout = BusyTimeoutMilliseconds / 1000,
            Pooling = false, // here they are kept with what is prepared on them
        }.ToString();
        CreateForOwner(path);
    }

    public override string Name => "sqlite";

    // SQLite gives its other files the mode that this one has; left to itself it would take what the umask allows.
    internal static void CreateForOwner(string path)
    {
        if (OperatingSystem.IsWindows() || !IsFile(path) || File.Exists(path))
            return;
        try
        {
            new FileStream(path, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite })
                .Dispose();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Another process was first, or the folder is not there or not ours: opening it says so.
        }
    }

    public override async Task<EngineConnection> OpenAsync(CancellationToken cancellation)
    {
        if (idle.TryPop(out var kept))
            return kept;
        var connection = new SqliteConnection(connectionString);
        try
        {
            // Settings of a connection, not of the file. What is deleted is overwritten: a destroyed key leaves the file with its row.
            await connection.OpenAsync(cancellation);
            await RunAsync(connection, $"PRAGMA busy_timeout = {BusyTimeoutMilliseconds}; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON;", cancellation);
            return new EngineConnection(connection, Keep);
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    public override DbTransaction? BeginRead(DbConnection connection) => ((SqliteConnection)connection).BeginTransaction(deferred: true);

    public override Task<DbTransaction> BeginSnapshotAsync(DbConnection connection, CancellationToken cancellation) => Task.FromResult(BeginRead(connection)!);

    // Under the migration's lock nobody writes, and a second connection reads what is committed: the state before, whole.
    public override async Task KeepBeforeMigrationAsync(long next, DateTimeOffset now, CancellationToken cancellation)
    {
        if (!IsFile(path))
            return;
        var full = Path.GetFullPath(path);
        var kept = string.Create(CultureInfo.InvariantCulture, $"{full}{BeforeMigration}{next}.{now.UtcDateTime:yyyyMMdd'T'HHmmss'Z'}");
        var temporary = $"{kept}.{Path.GetRandomFileName()}";
        try
        {
            CreateForOwner(temporary);
            await using (var connection = await OpenAsync(cancellation))
                await connection.Command(new Statement("VACUUM INTO @file;") { { "file", temporary } }, transaction: null).ExecuteNonQueryAsync(cancellation);

            FlushToDisk(temporary);
            File.Move(temporary, kept, overwrite: true);
            FolderFlush.Of(kept);
            var old = Directory.GetFiles(Path.GetDirectoryName(full)!, $"{Path.GetFileName(full)}{BeforeMigration}*").OrderDescending(ByTime).Skip(KeptBeforeMigrations);
            foreach (var file in old)
                File.Delete(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or SqliteException)
        {
            throw new StartupException(
                "The backup that is made before the database is migrated could not be written; nothing has been changed.",
                $"See that {Path.GetDirectoryName(full)} has room for a second copy of the database and belongs to the service's user.", e);
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    /// <summary>What has been written to a file stands on the disk, not only in memory.</summary>
    internal static void FlushToDisk(string file)
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.ReadWrite);
        stream.Flush(flushToDisk: true);
    }

    public override async Task<IDisposable?> EnterWriteAsync(CancellationToken cancellation)
    {
        await writeGate.WaitAsync(cancellation);
        return new Gate(writeGate);
    }

    // BEGIN IMMEDIATE: the lock is taken before anything is read, so that no snapshot is too old to write.
    public override Task<DbTransaction> BeginWriteAsync(DbConnection connection, CancellationToken cancellation) =>
        Task.FromResult<DbTransaction>(((SqliteConnection)connection).BeginTransaction(IsolationLevel.Serializable, deferred: false));

    public override Task<DbTransaction> BeginCountAsync(DbConnection connection, CancellationToken cancellation) => BeginWriteAsync(connection, cancellation);

    public override async Task<DbTransaction> BeginMigrationAsync(DbConnection connection, CancellationToken cancellation)
    {
        // The file remembers its journal mode. Two processes that switch it at once are told "busy" without a wait.
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await RunAsync(connection, "PRAGMA journal_mode = WAL;", cancellation);
                return await BeginWriteAsync(connection, cancellation);
            }
            catch (SqliteException exception) when (exception.SqliteErrorCode is 5 or 6 && attempt < 100)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(50), cancellation);
            }
        }
    }

    public override bool LostRace(DbException exception) => false;

    // BUSY, LOCKED, READONLY, IOERR, CORRUPT, FULL, CANTOPEN, NOTADB
    public override bool IsOutage(DbException exception) => exception is SqliteException { SqliteErrorCode: 5 or 6 or 8 or 10 or 11 or 13 or 14 or 26 };

    public override string Code(DbException exception) => ((SqliteException)exception).SqliteExtendedErrorCode.ToString(CultureInfo.InvariantCulture);

    public override string Remedy(DbException exception) => ((SqliteException)exception).SqliteErrorCode switch
    {
        13 => "The disk is full: free space; the service goes on by itself.",
        8 => "The file may not be written: let the service's user write it and its folder.",
        10 or 14 => "The disk does not take or give its data: free space, and look for errors of the disk; the service goes on by itself.",
        11 or 26 => "The file is damaged: stop the service and restore a backup.",
        _ => "Another program holds the file: end what has it open.",
    };

    public override async ValueTask DisposeAsync()
    {
        isDisposed = true;
        while (idle.TryPop(out var connection))
            await connection.CloseAsync();
        writeGate.Dispose();
    }

    // One that an error has left in the middle of a transaction is closed.
    private bool Keep(EngineConnection connection)
    {
        if (isDisposed || idle.Count >= MaxIdle || raw.sqlite3_get_autocommit(((SqliteConnection)connection.Inner).Handle) == 0)
            return false;
        idle.Push(connection);
        return true;
    }

    private static bool IsFile(string path) => !path.StartsWith(':') && !path.StartsWith("file:", StringComparison.Ordinal);

    private static async Task RunAsync(DbConnection connection, string sql, CancellationToken cancellation)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync(cancellation);
    }

    private sealed class Gate(SemaphoreSlim gate) : IDisposable
    {
        public void Dispose() => gate.Release();
    }
}
