using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Keyladder.Soak.Processes;
using Keyladder.Testing;
using Microsoft.Data.Sqlite;

namespace Keyladder.Soak.Runs;

/// <summary>A server with a Vault alone, always at the same address, and what is done to it.</summary>
internal sealed class FaultyVault : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly DirectoryInfo folder;
    private readonly string? postgres;
    private readonly string[] before;
    private readonly Uri address;

    private FaultyVault(DirectoryInfo folder, string? postgres, string[] before, Uri address) => (this.folder, this.postgres, this.before, this.address) = (folder, postgres, before, address);

    public Uri Address => address;

    public ServerProcess Process { get; private set; } = null!;

    /// <summary>Its files as it finds them itself, which may lie on a disk that nobody else sees.</summary>
    public string Files => $"/proc/{Process.Id}/root{folder.FullName}";

    /// <param name="folder">For its files.</param>
    /// <param name="postgres">Connection string; null for SQLite.</param>
    /// <param name="before">As in <see cref="ServerProcess.Start"/>.</param>
    public static async Task<FaultyVault> StartAsync(DirectoryInfo folder, string? postgres, params string[] before)
    {
        using var free = new TcpListener(IPAddress.Loopback, 0);
        free.Start();
        var faulty = new FaultyVault(folder, postgres, before, new Uri($"http://{free.LocalEndpoint}"));
        free.Stop();
        await faulty.StartAsync();
        return faulty;
    }

    /// <summary>How long SQLite's write-ahead log is: where the next transaction begins, if it was emptied since it was last reset.</summary>
    public long LogLength => new FileInfo(Path.Combine(folder.FullName, "vault.db-wal")).Length;

    /// <summary>Empties the write-ahead log, so that an offset in it is a place in the next transaction.</summary>
    public async Task EmptyLogAsync()
    {
        await using var connection = new SqliteConnection($"Data Source={Path.Combine(folder.FullName, "vault.db")};Pooling=False");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA busy_timeout = 10000; PRAGMA wal_checkpoint(TRUNCATE);";
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>Waits until a write is over, or has met the limit.</summary>
    /// <param name="write">The client's.</param>
    /// <param name="told">Lines of the log before it.</param>
    /// <param name="dies">Whether the limit kills the process.</param>
    /// <returns>Whether it met the limit.</returns>
    public async Task<bool> WaitAsync(Task<bool> write, int told, bool dies)
    {
        while (!write.IsCompleted && !Process.HasExited && Process.Log.Count == told)
            await Task.Delay(10);
        // A process that is killed by a write answers no more some time before it is gone.
        for (var patience = 0; dies && !Process.HasExited && patience < 1000 && !await write; patience++)
            await Task.Delay(10);
        return Process.HasExited || Process.Log.Count > told;
    }

    /// <summary>SIGKILL, and another process in its place.</summary>
    public async Task ReplaceAsync()
    {
        await Process.DisposeAsync();
        await StartAsync();
    }

    /// <summary>Until <c>/health/ready</c> says that it takes writes.</summary>
    public async Task<bool> GetReadyAsync()
    {
        using var http = new HttpClient();
        for (var clock = Stopwatch.StartNew(); clock.Elapsed < Patience; await Task.Delay(50))
        {
            using var answer = await http.GetAsync(new Uri(address, "/health/ready"));
            if (answer.StatusCode == HttpStatusCode.OK)
                return true;
        }

        return false;
    }

    public ValueTask DisposeAsync() => Process.DisposeAsync();

    private async Task StartAsync() => Process = await ServerProcess.ListenAsync(
        [
            "--services", "vault", "--vault:urls", address.GetLeftPart(UriPartial.Authority), "--vault:origin", address.GetLeftPart(UriPartial.Authority),
            "--vault:data", folder.FullName, "--vault:signup", "open", "--vault:limits:unsigned", "1000000", "--vault:limits:signed", "1000000", "--logging:loglevel:default", "Warning",
        ],
        postgres is null ? null : new Dictionary<string, string> { ["KEYLADDER_VAULT__DATABASE"] = postgres },
        before);
}
