using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Keyladder.Vectors;

namespace Keyladder.EndToEnd.Tests.Worker;

/// <summary>samples/Worker as a process. Its arguments are two paths; ended by its process id alone.</summary>
internal sealed class WorkerProcess : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly Process _process;
    private readonly ConcurrentQueue<string> _output = [];
    private readonly ConcurrentQueue<string> _errors = [];

    private WorkerProcess(Process process)
    {
        _process = process;
        _process.OutputDataReceived += (_, line) => Add(_output, line.Data);
        _process.ErrorDataReceived += (_, line) => Add(_errors, line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>Its lines so far.</summary>
    public IReadOnlyCollection<string> Output => _output;

    /// <summary>What it told its operator so far.</summary>
    public IReadOnlyCollection<string> Errors => _errors;

    public static WorkerProcess Start(string keyFile, string stateFolder)
    {
        var here = new DirectoryInfo(AppContext.BaseDirectory); // bin/<configuration>/net10.0: the sample's are the same
        var app = Path.Combine(Clone.Root, "samples", "Worker", "bin", here.Parent!.Name, here.Name, "Keyladder.Samples.Worker.dll");
        return new(Process.Start(new ProcessStartInfo("dotnet", [app, keyFile, stateFolder])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Path.GetTempPath(),
        })!);
    }

    public Task SaysAsync(string line) => SeesAsync(() => _output.Contains(line), line);

    /// <returns>The number in the line that begins so: shares of one person have numbers in one row, and what else of theirs was shared counts.</returns>
    public async Task<long> SaysNumberAsync(string beginning)
    {
        string? line = null;
        await SeesAsync(() => (line = _output.FirstOrDefault(each => each.StartsWith($"{beginning}, number ", StringComparison.Ordinal))) is not null, beginning);
        return long.Parse(line!.Split(' ')[^1], CultureInfo.InvariantCulture);
    }

    public Task TellsAsync(string part) => SeesAsync(() => _errors.Any(line => line.Contains(part, StringComparison.Ordinal)), part);

    /// <summary>SIGKILL.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    /// <returns>Its exit code.</returns>
    public async Task<int> TerminateAsync()
    {
        using (var kill = Process.Start("kill", ["-TERM", $"{_process.Id}"]))
            await kill.WaitForExitAsync();
        return await EndsAsync();
    }

    /// <returns>Its exit code.</returns>
    public async Task<int> EndsAsync()
    {
        await SeesAsync(() => _process.HasExited, "the end");
        await _process.WaitForExitAsync();
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            await KillAsync();
        _process.Dispose();
    }

    private async Task SeesAsync(Func<bool> seen, string what)
    {
        for (var begun = Stopwatch.GetTimestamp(); !seen(); await Task.Delay(50, TestContext.Current.CancellationToken))
            Assert.True(Stopwatch.GetElapsedTime(begun) < Patience, $"The worker does not say: {what}\n{string.Join('\n', _output)}\n{string.Join('\n', _errors)}");
    }

    private static void Add(ConcurrentQueue<string> lines, string? line)
    {
        if (line is not null)
            lines.Enqueue(line);
    }
}
