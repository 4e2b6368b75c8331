using System.Diagnostics;
using Keyladder.Testing;
using Keyladder.Vectors;

namespace Keyladder.EndToEnd.Tests.Memory;

/// <summary>tests/UnlockingApp as a process: what is typed goes to it by its standard input and stands nowhere else.</summary>
internal sealed class UnlockingApp : IAsyncDisposable
{
    private readonly Process _process;

    private UnlockingApp(Process process) => _process = process;

    public int Id => _process.Id;

    public static UnlockingApp Start(Uri service)
    {
        var here = new DirectoryInfo(AppContext.BaseDirectory); // bin/<configuration>/net10.0: the app's are the same
        var app = Path.Combine(Clone.Root, "tests", "UnlockingApp", "bin", here.Parent!.Name, here.Name, "Keyladder.UnlockingApp.dll");
        return new(Process.Start(new ProcessStartInfo("dotnet", [app, service.ToString()]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true })!);
    }

    public async Task TypeAsync(string line)
    {
        await _process.StandardInput.WriteAsync(line + "\n");
        await _process.StandardInput.FlushAsync();
    }

    /// <summary>Waits until the app stands at a step.</summary>
    public async Task ReachAsync(string step)
    {
        var line = await _process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken);
        Assert.True(line == step, line ?? await _process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken));
    }

    public IReadOnlyList<string> Find(IEnumerable<Secret> secrets)
    {
        var canaries = new Canaries();
        foreach (var secret in secrets)
            secret.Plant(canaries);
        return ProcessMemory.Find(Id, canaries);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }
}
