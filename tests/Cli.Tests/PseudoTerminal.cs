using System.Diagnostics;
using System.Text;

namespace Keyladder.Cli.Tests;

/// <summary>
/// A command at a real terminal, which util-linux's <c>script</c> makes (it is in every Debian); a test types and reads what is shown.
/// The terminal echoes, and the umask keeps nothing from anybody: that something is hidden or private is then the command's doing.
/// </summary>
public sealed class PseudoTerminal : IAsyncDisposable
{
    public const string ControlC = "\u0003";
    public const string Enter = "\r";

    private static readonly TimeSpan TimeLimit = TimeSpan.FromSeconds(60);

    private readonly StringBuilder _shown = new();
    private readonly Process _process;
    private readonly Task _reading;

    public PseudoTerminal(string folder, string profile, string command, IReadOnlyDictionary<string, string>? environment = null)
        : this(folder, profile, new[] { $"exec dotnet '{Path.Combine(AppContext.BaseDirectory, "keyladder.dll")}' {command}" }, environment)
    {
    }

    private PseudoTerminal(string folder, string profile, string[] lines, IReadOnlyDictionary<string, string>? environment = null)
    {
        var start = new ProcessStartInfo("script") { WorkingDirectory = folder, RedirectStandardInput = true, RedirectStandardOutput = true };
        var line = $"stty cols 120 rows 60; umask 0; {string.Join("; ", lines)}";
        foreach (var argument in new[] { "--quiet", "--return", "--echo", "always", "--command", line, "/dev/null" })
            start.ArgumentList.Add(argument);
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
            start.Environment[name] = value;
        start.Environment["KEYLADDER_PROFILE"] = Path.Combine(folder, profile);
        start.Environment["SHELL"] = "/bin/sh";
        start.Environment["TERM"] = "xterm";
        _process = Process.Start(start)!;
        _reading = ReadAsync();
    }

    /// <summary>Another program, by its command line; it finds the command that this is about as <c>keyladder</c>.</summary>
    public static PseudoTerminal Of(string folder, string profile, string program)
    {
        var command = Path.Combine(Directory.CreateDirectory(Path.Combine(folder, "bin")).FullName, "keyladder");
        File.WriteAllText(command, $"#!/bin/sh\nexec dotnet '{Path.Combine(AppContext.BaseDirectory, "keyladder.dll")}' \"$@\"\n");
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(command, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        return new PseudoTerminal(folder, profile, new[] { "PATH=\"$PWD/bin:$PATH\"", $"exec {program}" });
    }

    public string Shown
    {
        get
        {
            lock (_shown)
                return _shown.ToString();
        }
    }

    public async Task TypeAsync(string text)
    {
        await _process.StandardInput.WriteAsync(text);
        await _process.StandardInput.FlushAsync();
    }

    public Task ShowsAsync(string text) => UntilAsync(() => Shown.Contains(text, StringComparison.Ordinal), text);

    /// <summary>Waits for what the command does beside the screen.</summary>
    public async Task UntilAsync(Func<bool> condition, string what)
    {
        using var limit = new CancellationTokenSource(TimeLimit);
        while (!condition())
        {
            Assert.False(limit.IsCancellationRequested || _process.HasExited && _reading.IsCompleted && !condition(), $"Not seen: {what}. The terminal shows:\n{Shown}");
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }

    /// <returns>The command's exit code.</returns>
    public async Task<int> EndAsync()
    {
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(TimeLimit, TestContext.Current.CancellationToken);
        await _reading.WaitAsync(TimeLimit, TestContext.Current.CancellationToken);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        await _reading;
        _process.Dispose();
    }

    private async Task ReadAsync()
    {
        var buffer = new char[4096];
        int read;
        while ((read = await _process.StandardOutput.ReadAsync(buffer)) > 0)
        {
            lock (_shown)
                _shown.Append(buffer, 0, read);
        }
    }
}
