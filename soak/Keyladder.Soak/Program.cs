using System.Diagnostics;
using System.Globalization;
using Keyladder.Soak.Devices;
using Keyladder.Soak.Runs;
using Npgsql;

namespace Keyladder.Soak;

/// <summary>docs/soak.md says what the runs do and what they gave.</summary>
internal static class Program
{
    public static async Task<int> Main(string[] arguments)
    {
        if (arguments is [Device.Command])
            return await Device.RunAsync();
        if (Options.Read(arguments) is not { } options)
        {
            Console.WriteLine(Options.Help);
            return 2;
        }

        var clock = Stopwatch.StartNew();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{options.Run}, {(options.Run == "failover" ? "postgres" : options.Engine)}, seed {options.Seed}"));
        IReadOnlyList<Report> reports = options.Run switch
        {
            "vault" when options.Engine == "postgres" =>
            [
                await VaultRuns.KilledAsync(await CreateDatabaseAsync(), options.Count ?? 100, options.Seed),
                await VaultRuns.FullAsync(onPostgres: true, options.Count ?? 20, options.Seed),
            ],
            "vault" =>
            [
                await VaultRuns.KilledAsync(null, options.Count ?? 100, options.Seed),
                await VaultRuns.FullAsync(onPostgres: false, options.Count ?? 20, options.Seed),
                await VaultRuns.EveryWriteAsync(dies: false, options.Count ?? 100),
                await VaultRuns.EveryWriteAsync(dies: true, options.Count ?? 100),
            ],
            "cuts" => [await CutRuns.RunAsync(options.Engine == "postgres" ? await CreateDatabaseAsync() : null, options.Count, options.Limit, options.Seed)],
            "disk-errors" => [await DiskRuns.EveryWriteAsync(100, options.Seed), await DiskRuns.FlappingAsync(options.Count ?? 200, options.Limit, options.Seed)],
            _ => [await RunAsync(options)],
        };
        foreach (var figure in reports.SelectMany(report => report.Figures))
            Console.WriteLine($"  {figure}");
        foreach (var finding in reports.SelectMany(report => report.Findings))
            Console.WriteLine($"FOUND: {finding}");
        var found = reports.Sum(report => report.Findings.Count);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{(found == 0 ? "nothing found" : $"{found} findings")} in {clock.Elapsed.TotalSeconds:F0} s"));
        return found == 0 ? 0 : 1;
    }

    private static async Task<Report> RunAsync(Options options)
    {
        var isPostgres = options.Engine == "postgres";
        switch (options.Run)
        {
            case "disk-full":
                return await DiskRuns.FullAsync(isPostgres, options.Count ?? 10, options.Limit, options.Seed);
            case "failover":
                return await LoadRuns.FailoverAsync(options.Count ?? 10, options.Limit, options.Seed);
            case "devices":
                return await DevicesRun.RunAsync(
                    isPostgres ? await CreateDatabaseAsync("_keystore") : null, isPostgres ? await CreateDatabaseAsync("_vault") : null, options.Limit, options.Seed);
            default:
                var postgres = isPostgres ? await CreateDatabaseAsync() : null;
                return options.Run == "kill"
                    ? await LoadRuns.KillAsync(postgres, options.Count ?? 50, options.Limit, options.Seed)
                    : await LoadRuns.ClientsAsync(postgres, options.Count ?? 20_000, options.Limit, options.Seed);
        }
    }

    // It goes with its server, which tests/runner/with-postgres ends.
    private static async Task<string> CreateDatabaseAsync(string suffix = "")
    {
        var server = Environment.GetEnvironmentVariable("KEYLADDER_TEST_POSTGRES") ?? throw new InvalidOperationException("Run it below tests/runner/with-postgres.");
        await using var connection = new NpgsqlConnection(server + ";Pooling=False");
        await connection.OpenAsync();
        var name = $"soak_{Environment.ProcessId}{suffix}";
        await using var command = connection.CreateCommand();
        command.CommandText = $"CREATE DATABASE {name}";
        await command.ExecuteNonQueryAsync();
        return new NpgsqlConnectionStringBuilder(server) { Database = name }.ConnectionString;
    }
}
