using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;

namespace Keyladder.Demo;

internal sealed class DemoFailedException(string message) : Exception(message);

internal sealed record Outcome(int ExitCode, string Output, string Errors);

/// <summary>The server on a free loopback port, the folder where everything lies, and a way to run the CLI as a device.</summary>
internal sealed partial class Stage : IAsyncDisposable
{
    private readonly Process _server;
    private readonly StringBuilder _log = new();

    private readonly bool _withPassphraseStore;

    private Stage(string folder, Process server, bool withPassphraseStore)
    {
        _withPassphraseStore = withPassphraseStore;
        Folder = folder;
        _server = server;
    }

    public string Folder { get; }

    public string Data => Path.Combine(Folder, "server");

    /// <summary>tools/Keyladder.Demo/bin/Release/net10.0 lies in it.</summary>
    public static string Root => new DirectoryInfo(AppContext.BaseDirectory).Parent!.Parent!.Parent!.Parent!.Parent!.FullName;

    /// <summary>Where the Keystore is.</summary>
    public string Origin { get; private set; } = "";

    /// <summary>Where people reach the Vault.</summary>
    public string Vault { get; private set; } = "";

    /// <summary>Where the Vault itself listens.</summary>
    public string VaultAddress { get; private set; } = "";

    public string ServerLog
    {
        get
        {
            lock (_log)
                return _log.ToString();
        }
    }

    /// <summary>Where the Passphrase Store is, whose Guardian the Keystore is; empty where there is none.</summary>
    public string PassphraseStore { get; private set; } = "";

    /// <summary>Where the Passphrase Store puts its mails.</summary>
    public string Mails => At("mails");

    /// <param name="vaultOrigin">Where people are to reach the Vault; null for where it listens.</param>
    /// <param name="withPassphraseStore">Whether there is one.</param>
    public static async Task<Stage> StartAsync(string folder, string? vaultOrigin = null, bool withPassphraseStore = false)
    {
        var data = Path.Combine(folder, "server");
        // Of the Guardian the Store must know the address before it listens.
        var keystore = withPassphraseStore ? $"http://127.0.0.1:{FreePort()}" : "http://127.0.0.1:0";
        var server = Start("Keyladder.Server/bin/{0}/net10.0/keyladder-server.dll",
            [
                "--keystore:urls", keystore, "--keystore:data", data, "--vault:urls", "http://127.0.0.1:0", "--vault:data", data,
                "--keystore:signup", "open", "--vault:signup", "open",
                .. withPassphraseStore
                    ? (string[])[
                        "--services", "keystore,vault,passphrase-store", "--passphrase-store:urls", "http://127.0.0.1:0", "--passphrase-store:data", data,
                        "--passphrase-store:guardian", keystore, "--passphrase-store:mail:folder", Path.Combine(folder, "mails"), "--passphrase-store:mail:from", "recovery@example.org",
                    ]
                    : [],
                .. vaultOrigin is null ? Array.Empty<string>() : ["--vault:origin", vaultOrigin],
            ], null);
        var stage = new Stage(folder, server, withPassphraseStore);
        var ready = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        server.OutputDataReceived += (_, line) => stage.Log(line.Data, ready);
        server.ErrorDataReceived += (_, line) => stage.Log(line.Data, ready);
        server.BeginOutputReadLine();
        server.BeginErrorReadLine();
        server.StandardInput.Close();
        await Task.WhenAny(ready.Task, server.WaitForExitAsync(), Task.Delay(TimeSpan.FromSeconds(20)));
        if (!ready.Task.IsCompletedSuccessfully)
        {
            await stage.DisposeAsync();
            throw new DemoFailedException($"the server did not start.\n{stage.ServerLog}");
        }

        return stage;
    }

    public string At(string name) => Path.Combine(Folder, name);

    /// <summary>Runs <c>keyladder</c> as a process of its own with the profile folder of <paramref name="device"/>.</summary>
    public async Task<Outcome> RunAsync(string device, string? input, params string[] arguments)
    {
        var environment = new Dictionary<string, string?> { ["KEYLADDER_PROFILE"] = At(device) };
        using var process = Start("Keyladder.Cli/bin/{0}/net10.0/keyladder.dll", arguments, environment);
        if (input is not null)
            await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return new Outcome(process.ExitCode, await output, await errors);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var device in Directory.EnumerateDirectories(Folder).Where(path => File.Exists(Path.Combine(path, "agent"))))
            await RunAsync(Path.GetFileName(device), null, "lock");
        if (!_server.HasExited)
            _server.Kill();
        await _server.WaitForExitAsync();
        _server.Dispose();
    }

    private static int FreePort()
    {
        using var listener = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        return ((System.Net.IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static Process Start(string program, IEnumerable<string> arguments, Dictionary<string, string?>? environment)
    {
        // The same configuration as this program's.
        var configuration = new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;
        var start = new ProcessStartInfo("dotnet")
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.ArgumentList.Add(Path.Combine(Root, "src", string.Format(System.Globalization.CultureInfo.InvariantCulture, program, configuration)));
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        foreach (var (name, value) in environment ?? [])
            start.Environment[name] = value;
        return Process.Start(start)!;
    }

    private void Log(string? line, TaskCompletionSource ready)
    {
        if (line is null)
            return;
        lock (_log)
            _log.AppendLine(line);
        if (Listening().Match(line) is not { Success: true } found)
            return;
        switch (found.Groups["service"].Value)
        {
            case "Keystore":
                Origin = found.Groups["origin"].Value;
                break;
            case "Vault":
                (VaultAddress, Vault) = (found.Groups["address"].Value, found.Groups["origin"].Value);
                break;
            default:
                PassphraseStore = found.Groups["origin"].Value;
                break;
        }

        if (Origin.Length > 0 && Vault.Length > 0 && (PassphraseStore.Length > 0 || !_withPassphraseStore))
            ready.TrySetResult();
    }

    [GeneratedRegex("^(?<service>Keystore|Vault|Passphrase Store) listens on (?<address>[^ ,]+), data in .*, origin (?<origin>[^ ]+)$")]
    private static partial Regex Listening();
}
