using System.Data.Common;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace Keyladder.Testing;

/// <summary>
/// A data folder and a database that belong to one test: the database is a file in the folder, or lies on the test server. Both are gone
/// after disposal.
/// </summary>
public sealed class TestDatabase : IAsyncDisposable
{
    private readonly string? _name;
    private readonly string? _firstSegment; // of the server's write-ahead log, when the database was made

    private TestDatabase(Engine engine, string service, string? name, string? firstSegment) =>
        (Engine, Service, _name, _firstSegment) = (engine, service, name, firstSegment);

    public Engine Engine { get; }

    /// <summary>Whose it is: <c>keystore</c>, <c>vault</c> or <c>passphrase-store</c>.</summary>
    public string Service { get; }

    public DirectoryInfo Folder { get; } = Directory.CreateTempSubdirectory("keyladder-test-");

    /// <summary>Where the service keeps its SQLite database, if it does.</summary>
    public string SqliteFile => Path.Combine(Folder.FullName, $"{Service}.db");

    /// <summary>Connection string of the PostgreSQL database; null for SQLite, whose service keeps a file in <see cref="Folder"/>.</summary>
    public string? Postgres =>
        _name is null ? null : new NpgsqlConnectionStringBuilder(ServerConnectionString) { Database = _name }.ConnectionString;

    /// <summary>The settings by which keyladder-server keeps its data here.</summary>
    public string[] Settings => [$"--{Service}:data", Folder.FullName, .. Postgres is { } postgres ? (string[])[$"--{Service}:database", postgres] : []];

    /// <summary>The same for several processes that are asked much at once: together they have no more connections than a server gives, and wait for them.</summary>
    public string[] SettingsForMany => [.. Settings.Select(setting => setting == Postgres ? $"{setting};Maximum Pool Size=60;Timeout=300" : setting)];

    /// <param name="service">Whose it is.</param>
    public static async Task<TestDatabase> CreateAsync(Engine engine, string service = "keystore")
    {
        if (engine == Engine.Sqlite)
            return new(engine, service, null, null);
        var name = "test_" + RandomNumberGenerator.GetHexString(20, lowercase: true);
        await using var server = await OpenServerAsync();
        var firstSegment = await CurrentSegmentAsync(server);
        // Copied as files the template costs half the time, and does not fill the write-ahead log that FilesAsync reads. Before PostgreSQL 15 that is the only way.
        await ExecuteAsync(server, $"CREATE DATABASE {name}{(server.PostgreSqlVersion.Major >= 15 ? " STRATEGY FILE_COPY" : "")}");
        return new(engine, service, name, firstSegment);
    }

    /// <summary>Another one with the same rows and files. No service may be at it any more.</summary>
    public async Task<TestDatabase> CopyAsync()
    {
        TestDatabase copy;
        if (_name is null)
        {
            copy = new(Engine, Service, null, null);
            await ExecuteAsync($"VACUUM INTO '{copy.SqliteFile}'");
        }
        else
        {
            await using var server = await OpenServerAsync();
            copy = new(Engine, Service, "test_" + RandomNumberGenerator.GetHexString(20, lowercase: true), await CurrentSegmentAsync(server));
            await ExecuteAsync(server, $"CREATE DATABASE {copy._name} TEMPLATE {_name}");
        }

        foreach (var file in Folder.GetFiles("*", SearchOption.AllDirectories).Where(file => !file.FullName.StartsWith(SqliteFile, StringComparison.Ordinal)))
        {
            var to = new FileInfo(Path.Combine(copy.Folder.FullName, Path.GetRelativePath(Folder.FullName, file.FullName)));
            to.Directory!.Create();
            file.CopyTo(to.FullName);
        }

        return copy;
    }

    /// <summary>A connection beside the service's own, closed by its disposal and not kept in a pool.</summary>
    public async Task<DbConnection> OpenAsync()
    {
        DbConnection connection = Postgres is { } postgres
            ? new NpgsqlConnection(postgres + ";Pooling=False")
            : new SqliteConnection($"Data Source={SqliteFile};Pooling=False");
        await connection.OpenAsync();
        return connection;
    }

    /// <summary>What somebody does to the database behind the service's back.</summary>
    public async Task ExecuteAsync(string sql)
    {
        await using var connection = await OpenAsync();
        await ExecuteAsync(connection, sql);
    }

    /// <returns>The first value of the first row.</returns>
    public async Task<T> ScalarAsync<T>(string sql)
    {
        await using var connection = await OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        return (T)(await command.ExecuteScalarAsync())!;
    }

    /// <summary>Every row of every table, bytes in hex, in a stable order: two dumps are equal if and only if nothing changed.</summary>
    public async Task<string> DumpAsync(params string[] except)
    {
        var dump = new StringBuilder();
        foreach (var (table, _, rows) in await TablesAsync(except))
        {
            foreach (var row in rows.Select(row => string.Join(" | ", row)).Order(StringComparer.Ordinal))
                dump.AppendLine(CultureInfo.InvariantCulture, $"{table}: {row}");
        }

        return dump.ToString();
    }

    /// <summary>Every table with the names of its columns and the texts of its values, bytes in hex, absent ones empty.</summary>
    public async Task<IReadOnlyList<(string Table, string[] Columns, List<string[]> Rows)>> TablesAsync(params string[] except)
    {
        await using var connection = await OpenAsync();
        var names = await ReadAsync(connection, Engine == Engine.Sqlite
            ? "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name"
            : "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' ORDER BY table_name");
        var tables = new List<(string, string[], List<string[]>)>();
        foreach (var name in names.Select(row => row[0]).Except(except))
        {
            var columns = await ReadAsync(connection, Engine == Engine.Sqlite
                ? $"SELECT name FROM pragma_table_info('{name}')"
                : $"SELECT column_name FROM information_schema.columns WHERE table_schema = 'public' AND table_name = '{name}' ORDER BY ordinal_position");
            tables.Add((name, [.. columns.Select(row => row[0])], await ReadAsync(connection, $"SELECT * FROM \"{name}\"")));
        }

        return tables;
    }

    /// <summary>
    /// The files in which the engine keeps this database, what the write-ahead log took since it was made, and the log of a server of one's
    /// own, as far as this process may read them. A server of one's own must keep that much of its log (wal_keep_size): what it removes meanwhile is a failure to read.
    /// </summary>
    public async Task<IReadOnlyList<FileInfo>> FilesAsync()
    {
        if (_name is null)
            return Folder.GetFiles("*", SearchOption.AllDirectories);
        await using var server = await OpenServerAsync();
        await ExecuteAsync(server, "CHECKPOINT"); // what the server still holds in memory goes to its files
        var data = (await ReadAsync(server, "SHOW data_directory"))[0][0];
        var oid = (await ReadAsync(server, $"SELECT oid FROM pg_database WHERE datname = '{_name}'"))[0][0];
        var lastSegment = await CurrentSegmentAsync(server); // the names after it are old segments that wait for another use
        var log = new DirectoryInfo(Path.Combine(data, "pg_wal")).GetFiles().Where(file => file.Name.Length == lastSegment.Length
            && string.CompareOrdinal(file.Name, _firstSegment) >= 0 && string.CompareOrdinal(file.Name, lastSegment) <= 0);
        var ownServer = new DirectoryInfo(data).Parent!.GetFiles("log"); // beside the data: where tests/runner/postgres.sh has it written
        return [.. new DirectoryInfo(Path.Combine(data, "base", oid)).GetFiles(), .. log, .. ownServer, .. Folder.GetFiles()];
    }

    public async ValueTask DisposeAsync()
    {
        Folder.Delete(recursive: true);
        if (_name is null)
            return;
        await using var server = await OpenServerAsync();
        await ExecuteAsync(server, $"DROP DATABASE {_name} WITH (FORCE)");
    }

    private static string ServerConnectionString =>
        Environment.GetEnvironmentVariable("KEYLADDER_TEST_POSTGRES") ?? throw new InvalidOperationException(
            "No PostgreSQL to test on: run ./test, or tests/runner/with-postgres COMMAND, or leave it out with KEYLADDER_TEST_ENGINES=sqlite.");

    private static async Task<NpgsqlConnection> OpenServerAsync()
    {
        var server = new NpgsqlConnection(ServerConnectionString + ";Pooling=False");
        await server.OpenAsync();
        return server;
    }

    private static async Task<string> CurrentSegmentAsync(DbConnection server) =>
        (await ReadAsync(server, "SELECT pg_walfile_name(pg_current_wal_insert_lsn())"))[0][0];

    private static async Task ExecuteAsync(DbConnection connection, string sql)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync();
    }

    private static async Task<List<string[]>> ReadAsync(DbConnection connection, string sql)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<string[]>();
        while (await reader.ReadAsync())
        {
            var row = new object[reader.FieldCount];
            reader.GetValues(row);
            rows.Add(Array.ConvertAll(row, value => value is byte[] bytes
                ? Convert.ToHexStringLower(bytes)
                : Convert.ToString(value, CultureInfo.InvariantCulture)!));
        }

        return rows;
    }
}
