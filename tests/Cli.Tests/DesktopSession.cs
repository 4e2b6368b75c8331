using System.Diagnostics;
using Keyladder.Cli.Profiles;

namespace Keyladder.Cli.Tests;

/// <summary>
/// A desktop's session without a desktop: a D-Bus of its own and GNOME Keyring on it, unlocked, in a temporary folder. Nobody can be asked there, so
/// what would ask is refused at once. Commands find it by <see cref="Environment"/>.
/// </summary>
public sealed class DesktopSession : IAsyncDisposable
{
    private static readonly string[] Programs = ["dbus-daemon", "dbus-send", "gnome-keyring-daemon"];

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("keyladder-desktop-");
    private readonly Process _bus;
    private Process? _keyring;

    private DesktopSession()
    {
        var home = _folder.CreateSubdirectory("home").FullName;
        Environment = new()
        {
            ["DBUS_SESSION_BUS_ADDRESS"] = $"unix:path={Path.Combine(_folder.FullName, "bus")}",
            ["XDG_RUNTIME_DIR"] = _folder.FullName,
            ["XDG_DATA_HOME"] = home,
            ["XDG_CONFIG_HOME"] = home,
            ["XDG_CACHE_HOME"] = home,
            ["DISPLAY"] = "",
            ["WAYLAND_DISPLAY"] = "",
        };
        // No folder of services: nothing is started that this does not start.
        var settings = Path.Combine(_folder.FullName, "bus.conf");
        File.WriteAllText(settings, $"""
            <busconfig>
              <type>session</type>
              <listen>{Environment["DBUS_SESSION_BUS_ADDRESS"]}</listen>
              <auth>EXTERNAL</auth>
              <policy context="default"><allow send_destination="*"/><allow receive_sender="*"/><allow own="*"/></policy>
            </busconfig>
            """);
        _bus = Start("dbus-daemon", [$"--config-file={settings}", "--nofork", "--nopidfile"]);
    }

    public Dictionary<string, string> Environment { get; }

    public static async Task<DesktopSession> BeginAsync(bool keyring = true)
    {
        foreach (var program in Programs)
            Assert.SkipUnless(CompletionTests.IsInstalled(program), $"{program} is not installed here.");
        Assert.SkipWhen(SecretTool.Find(System.Environment.GetEnvironmentVariable("PATH")) is null, "secret-tool is not installed here.");
        var session = new DesktopSession();
        try
        {
            await UntilAsync(() => Task.FromResult(File.Exists(Path.Combine(session._folder.FullName, "bus"))));
            if (keyring)
                await session.StartKeyringAsync();
            return session;
        }
        catch
        {
            await session.DisposeAsync();
            throw;
        }
    }

    public async Task StartKeyringAsync()
    {
        _keyring = Start("gnome-keyring-daemon", ["--foreground", "--unlock", "--components=secrets"]);
        await _keyring.StandardInput.WriteAsync("the password of a login");
        _keyring.StandardInput.Close();
        await UntilAsync(async () => (await RunAsync("secret-tool", "search", "application", "nothing")).ExitCode == 0);
    }

    public async Task StopKeyringAsync()
    {
        _keyring!.Kill();
        await _keyring.WaitForExitAsync();
        _keyring.Dispose();
        _keyring = null;
    }

    public async Task LockAsync() => Assert.Equal(0, (await RunAsync(
        "dbus-send", "--session", "--print-reply", "--dest=org.freedesktop.secrets", "/org/freedesktop/secrets", "org.freedesktop.Secret.Service.Lock",
        "array:objpath:/org/freedesktop/secrets/collection/login")).ExitCode);

    /// <summary>It is there and says nothing, as one that waits for a person.</summary>
    public Task FreezeAsync() => SignalAsync("STOP");

    public Task ThawAsync() => SignalAsync("CONT");

    /// <summary>All that keyladder keeps in the keyring, as secret-tool shows it: labels, attributes, and secrets where it is unlocked.</summary>
    public async Task<string> EntriesAsync()
    {
        // Attributes go to standard error, the rest to standard output.
        var (_, output, errors) = await RunAsync("secret-tool", "search", "--all", "application", "keyladder");
        return output + errors;
    }

    public async Task<string> SecretAsync(string entry) => (await RunAsync("secret-tool", "lookup", "application", "keyladder", "entry", entry)).Output;

    public async Task PutAsync(string entry, string secret)
    {
        using var process = Start("secret-tool", ["store", "--label=changed", "application", "keyladder", "entry", entry]);
        await process.StandardInput.WriteAsync(secret);
        process.StandardInput.Close();
        await process.WaitForExitAsync();
        Assert.Equal(0, process.ExitCode);
    }

    public Task ClearAsync(string entry) => RunAsync("secret-tool", "clear", "application", "keyladder", "entry", entry);

    public async ValueTask DisposeAsync()
    {
        foreach (var process in new[] { _keyring, _bus })
        {
            if (process is null)
                continue;
            process.Kill();
            await process.WaitForExitAsync();
            process.Dispose();
        }

        _folder.Delete(recursive: true);
    }

    private async Task SignalAsync(string signal) => await RunAsync("/bin/sh", "-c", $"kill -{signal} {_keyring!.Id}");

    private async Task<(int ExitCode, string Output, string Errors)> RunAsync(string program, params string[] arguments)
    {
        using var process = Start(program, arguments);
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, await output, await errors);
    }

    private Process Start(string program, string[] arguments)
    {
        var start = new ProcessStartInfo(program) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        foreach (var (name, value) in Environment)
            start.Environment[name] = value;
        return Process.Start(start)!;
    }

    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!await condition())
            await Task.Delay(20, limit.Token);
    }
}
