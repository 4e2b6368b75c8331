using System.Security.Cryptography;
using Npgsql;

namespace Keyladder.Benchmarks.Keystore;

/// <summary>A data folder, and a database in it or on the PostgreSQL server that KEYLADDER_TEST_POSTGRES names; gone after disposal.</summary>
internal sealed class BenchmarkDatabase : IAsyncDisposable
{
    private const string ServerVariable = "KEYLADDER_TEST_POSTGRES";

    private readonly string? name;

    private BenchmarkDatabase(string? name) => this.name = name;

    public string Folder { get; } = Directory.CreateTempSubdirectory("keyladder-benchmark-").FullName;

    /// <summary>Null for SQLite.</summary>
    public string? Postgres => name is null ? null : new NpgsqlConnectionStringBuilder(Server) { Database = name }.ConnectionString;

    public string Sqlite => Path.Combine(Folder, "keystore.db");

    private static string Server => Environment.GetEnvironmentVariable(ServerVariable)
        ?? throw new InvalidOperationException("Run it behind tests/runner/with-postgres.");

    public static async Task<BenchmarkDatabase> CreateAsync(string engine)
    {
        switch (engine)
        {
            case "sqlite":
                return new BenchmarkDatabase(null);
            case "postgres":
                var name = "benchmark_" + RandomNumberGenerator.GetHexString(20, lowercase: true);
                await ExecuteAsync($"CREATE DATABASE {name}");
                return new BenchmarkDatabase(name);
            default:
                throw new ArgumentException("The engine is sqlite or postgres.", nameof(engine));
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (name is not null)
            await ExecuteAsync($"DROP DATABASE {name} WITH (FORCE)");
        Directory.Delete(Folder, recursive: true);
    }

    private static async Task ExecuteAsync(string sql)
    {
        await using var source = NpgsqlDataSource.Create(Server);
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }
}
