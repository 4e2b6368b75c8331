using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Keyladder.Testing;

/// <summary>keyladder-server as an operator runs it, for tests, long runs and measurements; ended by its process id alone.</summary>
public sealed partial class ServerProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly ConcurrentQueue<string> _log = [];

    private ServerProcess(Process process)
    {
        _process = process;
        _process.ErrorDataReceived += (_, line) =>
        {
            if (line.Data is not null)
                _log.Enqueue(line.Data);
        };
        _process.BeginErrorReadLine();
    }

    /// <summary>The settings for a service that logs nothing.</summary>
    public static string[] Silent { get; } = ["--logging:loglevel:default", "None"];

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    /// <summary>Where it listens.</summary>
    public Uri Address { get; private set; } = null!;

    /// <summary>What it says when it is ready.</summary>
    public string FirstLine { get; private set; } = "";

    /// <summary>The lines of its standard error so far.</summary>
    public IReadOnlyCollection<string> Log => _log;

    /// <summary>A command that ends by itself, or a service that does not come up.</summary>
    /// <param name="arguments">Of keyladder-server.</param>
    /// <param name="environment">Beside that of this process.</param>
    /// <param name="before">A command that becomes the server, such as one that first changes what the process may do.</param>
    public static ServerProcess Start(IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null, string[]? before = null)
    {
        string[] command = [.. before ?? [], "dotnet", Path.Combine(AppContext.BaseDirectory, "keyladder-server.dll"), .. arguments];
        var start = new ProcessStartInfo(command[0], command[1..]) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = Path.GetTempPath() };
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
            start.Environment[name] = value;
        return new ServerProcess(Process.Start(start)!);
    }

    /// <summary>A Keystore on a free port of loopback, as soon as it listens.</summary>
    /// <inheritdoc cref="Start"/>
    /// <exception cref="InvalidOperationException">It did not come up; with what it said.</exception>
    public static async Task<ServerProcess> ListenAsync(IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null, string[]? before = null)
    {
        var server = Start([.. arguments.Contains("--services") ? [] : (string[])["--services", "keystore"], .. arguments, "--keystore:urls", "http://127.0.0.1:0"], environment, before);
        server.FirstLine = await server._process.StandardOutput.ReadLineAsync() ?? "";
        if (AddressIn().Match(server.FirstLine) is not { Success: true } address)
        {
            var (code, _, error) = await server.EndAsync();
            await server.DisposeAsync();
            throw new InvalidOperationException($"keyladder-server ended with {code}: {error}");
        }

        server.Address = new Uri(address.Value);
        return server;
    }

    /// <summary>The next line that it says, after the first.</summary>
    public Task<string?> ReadLineAsync() => _process.StandardOutput.ReadLineAsync();

    /// <summary>SIGKILL, and the wait until it is gone.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    public void Terminate() => Process.Start("kill", ["-TERM", $"{_process.Id}"]).WaitForExit();

    /// <summary>Waits until it has ended, by itself or because it was told to.</summary>
    /// <param name="terminate">Tells it, by SIGTERM.</param>
    public async Task<(int Code, string Output, string Error)> EndAsync(bool terminate = false)
    {
        if (terminate)
            Terminate();
        var output = await _process.StandardOutput.ReadToEndAsync();
        await _process.WaitForExitAsync(); // and until its standard error has been read to the end
        return (_process.ExitCode, output, string.Concat(_log.Select(line => line + "\n")));
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            await KillAsync();
        _process.Dispose();
    }

    [GeneratedRegex("http://127\\.0\\.0\\.1:[0-9]+")]
    private static partial Regex AddressIn();
}
