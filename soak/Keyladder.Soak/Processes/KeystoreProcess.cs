using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Keyladder.Soak.Processes;

/// <summary>keyladder-server as an operator runs it, on a free port, behind the origin of the load; ended by its process id alone.</summary>
internal sealed partial class KeystoreProcess : IAsyncDisposable
{
    private const string Many = "1000000";

    private readonly Process process;
    private readonly ConcurrentQueue<string> log = [];

    private KeystoreProcess(Process process) => this.process = process;

    public int Id => process.Id;

    public Uri Address { get; private set; } = null!;

    /// <summary>Its warnings and errors so far.</summary>
    public IReadOnlyCollection<string> Log => log;

    /// <param name="data">Folder of the secret and of the SQLite database.</param>
    /// <param name="postgres">Connection string; null for SQLite.</param>
    /// <param name="before">A command that becomes the service, such as one that first changes what the process may do; none for the service itself.</param>
    /// <exception cref="InvalidOperationException">It did not come up; with what it said.</exception>
    public static async Task<KeystoreProcess> StartAsync(string data, string? postgres, params IEnumerable<string> before)
    {
        string[] command =
        [
            .. before, "dotnet", Path.Combine(AppContext.BaseDirectory, "keyladder-server.dll"),
            "--keystore:urls", "http://127.0.0.1:0", "--keystore:origin", Load.Instances.Origin.GetLeftPart(UriPartial.Authority), "--keystore:data", data,
            "--keystore:signup", "open", "--keystore:maxheads", Many, "--logging:loglevel:default", "Warning",
            "--keystore:limits:unsigned", Many, "--keystore:limits:signed", Many, "--keystore:limits:signups", Many,
        ];
        var start = new ProcessStartInfo(command[0], command[1..]) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = Path.GetTempPath() };
        if (postgres is not null)
            start.Environment["KEYLADDER_KEYSTORE__DATABASE"] = postgres;
        var server = new KeystoreProcess(Process.Start(start)!);
        server.process.ErrorDataReceived += (_, line) =>
        {
            if (line.Data is not null)
                server.log.Enqueue(line.Data);
        };
        server.process.BeginErrorReadLine();
        var first = await server.process.StandardOutput.ReadLineAsync() ?? "";
        if (AddressIn().Match(first) is not { Success: true } address)
        {
            await server.DisposeAsync();
            throw new InvalidOperationException($"keyladder-server did not start: {string.Join(' ', server.log)}");
        }

        server.Address = new Uri(address.Value);
        return server;
    }

    /// <summary>SIGKILL, and the wait until it is gone.</summary>
    public async Task KillAsync()
    {
        process.Kill();
        await process.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
            await KillAsync();
        process.Dispose();
    }

    [GeneratedRegex("http://127\\.0\\.0\\.1:[0-9]+")]
    private static partial Regex AddressIn();
}
