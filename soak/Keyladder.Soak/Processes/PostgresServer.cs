using System.Diagnostics;
using Npgsql;

namespace Keyladder.Soak.Processes;

/// <summary>
/// A PostgreSQL server of Debian's package in a folder of its own, reached by a socket in it: no port is opened. Durable, unlike the one that ./test starts. It does not run as root;
/// where the caller does, the user postgres (else nobody) does it.
/// </summary>
internal sealed class PostgresServer : IAsyncDisposable
{
    private readonly string folder;
    private readonly string[] unprivileged;
    private readonly string? owner;
    private Process? process;

    private PostgresServer(string folder, string? owner) =>
        (this.folder, this.owner, unprivileged) = (folder, owner, owner is null ? [] : ["setpriv", $"--reuid={owner}", $"--regid={owner}", "--clear-groups"]);

    /// <summary>Folder of the socket: what a connection string names as the host.</summary>
    public string Host => folder;

    private string Data => Path.Combine(folder, "data");

    /// <summary>Debian's folder of the newest version; null where PostgreSQL is not installed that way.</summary>
    public static string? Programs { get; } = Directory.Exists("/usr/lib/postgresql")
        ? Directory.GetDirectories("/usr/lib/postgresql").Select(version => Path.Combine(version, "bin")).Where(bin => File.Exists(Path.Combine(bin, "initdb"))).Max()
        : null;

    /// <summary>The small disk, as this process finds it.</summary>
    public string SmallDisk => $"/proc/{process!.Id}/root{Space}";

    private string Space => Path.Combine(folder, "space");

    /// <summary>A folder for servers, which whoever runs them can pass through.</summary>
    public static async Task<DirectoryInfo> CreateRootAsync()
    {
        var root = Directory.CreateTempSubdirectory("keyladder-soak-");
        await Command.RunAsync("chmod", "755", root.FullName);
        return root;
    }

    /// <summary>A new server with one database.</summary>
    /// <param name="path">Not longer than 80 characters, or the socket's would be too long.</param>
    /// <param name="onSmallDisk">Whether the database lies on a <see cref="Disk"/> of its own; the write-ahead log does not. Asks for root.</param>
    public static async Task<PostgresServer> CreateAsync(string path, bool onSmallDisk = false)
    {
        var server = await PrepareAsync(path);
        await server.RunAsync("initdb", "-D", server.Data, "-U", "keyladder", "-A", "trust", "-E", "UTF8", "--locale=C", "--wal-segsize=1");
        if (onSmallDisk)
            Directory.CreateDirectory(server.Space);
        await server.StartAsync(onSmallDisk ? Disk.Mount(server.Space, megabytes: 96, server.owner) : []);
        if (onSmallDisk)
            await server.ExecuteAsync($"CREATE TABLESPACE small LOCATION '{server.Space}'", "postgres");
        await server.ExecuteAsync($"CREATE DATABASE keyladder{(onSmallDisk ? " TABLESPACE small" : "")}", "postgres");
        return server;
    }

    /// <summary>A standby of this server, followed until every commit waits for it.</summary>
    public async Task<PostgresServer> FollowAsync(string path)
    {
        var standby = await PrepareAsync(path);
        await standby.RunAsync("pg_basebackup", "-h", Host, "-U", "keyladder", "-D", standby.Data, "-R", "-X", "stream", "-c", "fast");
        await standby.StartAsync();
        await ExecuteAsync("ALTER SYSTEM SET synchronous_standby_names = '*'");
        await ExecuteAsync("SELECT pg_reload_conf()");
        while (await AskAsync("SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'") is not 1L)
            await Task.Delay(50);
        return standby;
    }

    /// <summary>The standby takes over. It waits for no standby of its own until one follows.</summary>
    public async Task PromoteAsync()
    {
        await RunAsync("pg_ctl", "-D", Data, "-w", "promote");
        await ExecuteAsync("ALTER SYSTEM SET synchronous_standby_names = ''");
        await ExecuteAsync("SELECT pg_reload_conf()");
    }

    /// <summary>SIGKILL to the server and to each of its processes, as when the machine is gone.</summary>
    public async Task KillAsync()
    {
        var main = process!;
        var children = (await Command.TryRunAsync("ps", "-o", "pid=", "--ppid", $"{main.Id}")).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        main.Kill();
        await Command.TryRunAsync("kill", ["-KILL", .. children]); // some may have gone by themselves
        await main.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (process is { HasExited: false })
            await KillAsync();
        process?.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    private static async Task<PostgresServer> PrepareAsync(string path)
    {
        Directory.CreateDirectory(path);
        var owner = Environment.IsPrivilegedProcess ? (await Command.TryRunAsync("id", "-u", "postgres")).Code == 0 ? "postgres" : "nobody" : null;
        if (owner is not null)
            await Command.RunAsync("chown", owner, path);
        return new PostgresServer(path, owner);
    }

    private async Task StartAsync(params string[] before)
    {
        string[] command =
        [
            .. before, .. unprivileged, Path.Combine(Programs!, "postgres"), "-D", Data, "-c", "listen_addresses=", "-c", $"unix_socket_directories={folder}",
            "-c", "max_connections=200", "-c", "synchronous_commit=on", "-c", "wal_keep_size=64MB", "-c", "logging_collector=on", "-c", "log_directory=..",
        ];
        process = Process.Start(new ProcessStartInfo(command[0], command[1..]) { RedirectStandardError = true, RedirectStandardOutput = true, WorkingDirectory = folder })!;
        while ((await Command.TryRunAsync(Path.Combine(Programs!, "pg_isready"), "-h", folder)).Code != 0)
        {
            if (process.HasExited)
                throw new InvalidOperationException($"PostgreSQL did not start: {await process.StandardError.ReadToEndAsync()}");
            await Task.Delay(50);
        }
    }

    private Task<string> RunAsync(string program, params string[] arguments)
    {
        string[] command = [.. unprivileged, Path.Combine(Programs!, program), .. arguments];
        return Command.RunAsync(command[0], command[1..]);
    }

    private async Task ExecuteAsync(string sql, string database = "keyladder") => await AskAsync(sql, database);

    private async Task<object?> AskAsync(string sql, string database = "keyladder")
    {
        await using var connection = new NpgsqlConnection($"Host={folder};Username=keyladder;Database={database};Pooling=False");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        return await command.ExecuteScalarAsync();
    }
}
