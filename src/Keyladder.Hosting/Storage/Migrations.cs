using System.Data.Common;
using System.Globalization;
using System.Reflection;

namespace Keyladder.Hosting.Storage;

/// <summary>
/// Brings a database to the schema of the program: numbered files <c>Schema/{engine}/NNN_name.sql</c> embedded in a service's assembly, forward only, each once. All that is missing
/// lands in one transaction, under a lock that processes starting at the same moment wait for.
/// </summary>
public static class Migrations
{
    /// <exception cref="StartupException">The database is newer than the program.</exception>
    public static Task RunAsync(Database database, Assembly service, TimeProvider time, CancellationToken cancellation) =>
        RunAsync(database, service, time, through: long.MaxValue, keepBefore: true, cancellation);

    /// <param name="through">The last migration to run.</param>
    /// <param name="keepBefore">Whether the engine may keep what was there before.</param>
    internal static async Task RunAsync(Database database, Assembly service, TimeProvider time, long through, bool keepBefore, CancellationToken cancellation)
    {
        var files = Files(service, database.Engine.Name);
        await using var connection = await database.Engine.OpenAsync(cancellation);
        await using var transaction = await database.Engine.BeginMigrationAsync(connection.Inner, cancellation);
        var work = new Transaction(connection, transaction);

        await work.ExecuteAsync(new Statement("CREATE TABLE IF NOT EXISTS schema_versions (version bigint PRIMARY KEY, name text NOT NULL, applied bigint NOT NULL);"), cancellation);
        var version = await VersionAsync(work, cancellation);
        if (version > files[^1].Number)
        {
            throw new StartupException(
                $"The database has schema {version}, this program knows schema {files[^1].Number} and no later one.",
                "Start the newer program that made it, or restore a backup from before.");
        }

        var missing = files.Where(file => file.Number > version && file.Number <= through).ToList();
        if (keepBefore && version > 0 && missing.Count > 0)
            await database.Engine.KeepBeforeMigrationAsync(missing[^1].Number, time.GetUtcNow(), cancellation);
        foreach (var (number, name) in missing)
        {
            await work.ExecuteAsync(new Statement(Read(service, name)), cancellation);
            await work.ExecuteAsync(
                new Statement("INSERT INTO schema_versions (version, name, applied) VALUES (@version, @name, @applied);")
                {
                    { "version", number },
                    { "name", name },
                    { "applied", time.GetUtcNow().ToUnixTimeMilliseconds() },
                },
                cancellation);
        }

        await transaction.CommitAsync(cancellation);
    }

    /// <returns>0 where nothing has been migrated yet.</returns>
    internal static async Task<long> VersionAsync(Transaction work, CancellationToken cancellation) => (await work.QueryAsync(
        new Statement("SELECT version FROM schema_versions ORDER BY version;"),
        rows => rows.ListAsync(row => row.GetInt64(0), cancellation),
        cancellation)).LastOrDefault();

    /// <summary>The newest schema that the program knows.</summary>
    internal static long Newest(Assembly service, Database database) => Files(service, database.Engine.Name)[^1].Number;

    // A resource is named by its path with dots for slashes: "…Schema.sqlite.001_keystore.sql".
    private static List<(long Number, string Name)> Files(Assembly service, string engine)
    {
        var folder = $".Schema.{engine}.";
        var files = service.GetManifestResourceNames()
            .Where(name => name.Contains(folder, StringComparison.Ordinal))
            .Select(name => (Number: long.Parse(name.Split(folder)[1].Split('_')[0], CultureInfo.InvariantCulture), name))
            .OrderBy(file => file.Number)
            .ToList();
        return files.Count > 0 ? files : throw new InvalidOperationException($"{service.GetName().Name} has no schema for {engine}.");
    }

    private static string Read(Assembly service, string name)
    {
        using var reader = new StreamReader(service.GetManifestResourceStream(name)!);
        return reader.ReadToEnd();
    }
}
