using Keyladder.Testing;

namespace Keyladder.Benchmarks.Keystore;

/// <summary>keyladder-server with room for what is measured: many keys, and no limit that a benchmark meets.</summary>
internal static class MeasuredServer
{
    /// <param name="database">Where it keeps what it is given.</param>
    /// <param name="origin">The address that clients use where several processes share it; null for its own.</param>
    public static Task<ServerProcess> StartAsync(TestDatabase database, string? origin = null) => ServerProcess.ListenAsync(
    [
        .. database.Settings,
        "--keystore:signup=open",
        "--keystore:maxkeys=1000000",
        "--keystore:maxheads=100000000",
        "--keystore:limits:signed=100000000",
        "--keystore:limits:unsigned=100000000",
        "--keystore:limits:signups=1000000",
        "--keystore:limits:recoveryrecords=1000000",
        .. ServerProcess.Silent,
        .. origin is null ? (string[])[] : [$"--keystore:origin={origin}"],
    ]);

    /// <exception cref="ArgumentException">There is no such engine.</exception>
    public static Task<TestDatabase> CreateDatabaseAsync(string engine) => TestDatabase.CreateAsync(engine switch
    {
        "sqlite" => Engine.Sqlite,
        "postgres" => Engine.Postgres,
        _ => throw new ArgumentException("The engine is sqlite or postgres.", nameof(engine)),
    });
}
