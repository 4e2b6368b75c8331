using System.Diagnostics;

namespace Keyladder.Benchmarks.Keystore;

/// <summary>keyladder-server as an operator runs it, with room for what is measured: many keys, and no limit that a benchmark meets.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    private readonly Process process;

    private ServerProcess(Process process, Uri address) => (this.process, Address) = (process, address);

    public Uri Address { get; }

    /// <param name="database">Where it keeps what it is given.</param>
    /// <param name="origin">The address that clients use where several processes share it; null for its own.</param>
    public static async Task<ServerProcess> StartAsync(BenchmarkDatabase database, string? origin = null)
    {
        var start = new ProcessStartInfo(
            "dotnet",
            [
                Path.Combine(AppContext.BaseDirectory, "keyladder-server.dll"),
                "--keystore:urls=http://127.0.0.1:0",
                $"--keystore:data={database.Folder}",
                "--keystore:signup=open",
                "--keystore:maxkeys=1000000",
                "--keystore:maxheads=100000000",
                "--keystore:limits:signed=100000000",
                "--keystore:limits:unsigned=100000000",
                "--keystore:limits:signups=1000000",
                "--logging:loglevel:default=None",
                .. origin is null ? (string[])[] : [$"--keystore:origin={origin}"],
                .. database.Postgres is null ? (string[])[] : [$"--keystore:database={database.Postgres}"],
            ])
        {
            RedirectStandardOutput = true,
            WorkingDirectory = database.Folder,
        };
        var process = Process.Start(start)!;
        var line = await process.StandardOutput.ReadLineAsync()
            ?? throw new InvalidOperationException("The server did not start; it says why above.");
        return new ServerProcess(process, new Uri(line.Split(' ', ',')[3]));
    }

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
            process.Kill();
        await process.WaitForExitAsync();
        process.Dispose();
    }
}
