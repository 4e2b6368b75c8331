using System.Data.Common;
using Keyladder.Soak.Load;
using Keyladder.Testing;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace Keyladder.Soak.Runs;

/// <summary>The server processes over one database, and what the runs do to them.</summary>
internal sealed class Service : IAsyncDisposable
{
    private const string Many = "1000000";

    private readonly DirectoryInfo folder;
    private readonly string? postgres;
    private readonly string[] before;
    private readonly ServerProcess[] processes;
    private readonly List<string> endedLogs = [];

    private Service(DirectoryInfo folder, string? postgres, string[] before, int count) =>
        (this.folder, this.postgres, this.before, processes) = (folder, postgres, before, new ServerProcess[count]);

    public Instances Instances { get; } = new();

    public IReadOnlyList<ServerProcess> Processes => processes;

    public IEnumerable<string> Log => [.. endedLogs, .. processes.SelectMany(process => process.Log)];

    /// <summary>Where this process finds the SQLite file, which may lie on a disk that only the service sees: not for SQLite, which resolves the link and looks on its own disk.</summary>
    public string SqliteFile => Path.Combine($"/proc/{processes[0].Id}/root{folder.FullName}", "keystore.db");

    /// <param name="postgres">Connection string; null for SQLite.</param>
    /// <param name="count">Of processes; one for SQLite.</param>
    /// <param name="folder">For the secret and the SQLite file; null for a new one.</param>
    /// <param name="before">As in <see cref="ServerProcess.Start"/>.</param>
    public static async Task<Service> StartAsync(string? postgres, int count, DirectoryInfo? folder = null, params string[] before)
    {
        var service = new Service(folder ?? Directory.CreateTempSubdirectory("keyladder-soak-"), postgres, before, count);
        for (var index = 0; index < count; index++)
            service.processes[index] = await service.StartAsync();
        service.Instances.Are(service.processes.Select(process => process.Address));
        return service;
    }

    /// <summary>SIGKILL to one of the processes, and another one in its place. Load balancers take a moment to notice: meanwhile clients meet its closed port.</summary>
    public async Task ReplaceAsync(int index)
    {
        await processes[index].KillAsync();
        endedLogs.AddRange(processes[index].Log);
        await processes[index].DisposeAsync();
        processes[index] = await StartAsync();
        Instances.Are(processes.Select(process => process.Address));
    }

    /// <summary>The account's history as the database holds it; the database holds one account.</summary>
    public async Task<IReadOnlyDictionary<long, string>> ReadHeadsAsync()
    {
        var copy = Directory.CreateTempSubdirectory("keyladder-soak-copy-");
        try
        {
            return await ReadHeadsAsync(copy);
        }
        finally
        {
            copy.Delete(recursive: true);
        }
    }

    private async Task<IReadOnlyDictionary<long, string>> ReadHeadsAsync(DirectoryInfo copy)
    {
        var file = Path.Combine(copy.FullName, "keystore.db");
        foreach (var suffix in postgres is null ? (string[])["", "-wal"] : []) // nobody writes any more
        {
            if (File.Exists(SqliteFile + suffix))
                File.Copy(SqliteFile + suffix, file + suffix);
        }

        await using DbConnection connection = postgres is null
            ? new SqliteConnection($"Data Source={file};Pooling=False")
            : new NpgsqlConnection(new NpgsqlConnectionStringBuilder(postgres) { Pooling = false, TargetSessionAttributes = postgres.Contains(',', StringComparison.Ordinal) ? "primary" : null }.ConnectionString);
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = "SELECT number, jws FROM heads";
        await using var reader = await command.ExecuteReaderAsync();
        var heads = new Dictionary<long, string>();
        while (await reader.ReadAsync())
            heads.Add(reader.GetInt64(0), reader.GetString(1));
        return heads;
    }

    /// <summary>The answer of <c>/health/ready</c> of the first process.</summary>
    public async Task<(int Status, string Body)> ReadyAsync()
    {
        using var http = new HttpClient();
        using var answer = await http.GetAsync(new Uri(processes[0].Address, "/health/ready"));
        return ((int)answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var process in processes)
        {
            if (process is not null)
                await process.DisposeAsync();
        }

        folder.Delete(recursive: true);
    }

    private Task<ServerProcess> StartAsync() => ServerProcess.ListenAsync(
        [
            "--keystore:origin", Instances.Origin.GetLeftPart(UriPartial.Authority), "--keystore:data", folder.FullName, "--keystore:signup", "open", "--keystore:maxheads", Many,
            "--keystore:limits:unsigned", Many, "--keystore:limits:signed", Many, "--keystore:limits:signups", Many, "--logging:loglevel:default", "Warning",
        ],
        postgres is null ? null : new Dictionary<string, string> { ["KEYLADDER_KEYSTORE__DATABASE"] = postgres },
        before);
}
