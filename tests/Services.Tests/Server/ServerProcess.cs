using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Services.Tests.Server;

/// <summary>keyladder-server as an operator runs it.</summary>
internal sealed partial class ServerProcess : IAsyncDisposable
{
    private readonly Process process;

    private ServerProcess(Process process) => this.process = process;

    public Uri Address { get; private set; } = null!;

    public string FirstLine { get; private set; } = "";

    public static ServerProcess Start(params IEnumerable<string> arguments) => Start([], arguments);

    public static ServerProcess Start(Dictionary<string, string> environment, IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "keyladder-server.dll"), .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Path.GetTempPath(),
        };
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        return new ServerProcess(Process.Start(start)!);
    }

    public static Task<ServerProcess> StartAndListenAsync(params IEnumerable<string> arguments) => StartAndListenAsync([], [.. arguments, "--logging:loglevel:default", "None"]);

    public static async Task<ServerProcess> StartAndListenAsync(Dictionary<string, string> environment, IEnumerable<string> arguments)
    {
        var server = Start(environment, [.. arguments, "--keystore:urls", "http://127.0.0.1:0"]);
        server.FirstLine = await server.process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken) ?? await server.process.StandardError.ReadToEndAsync();
        server.Address = new Uri(AddressIn().Match(server.FirstLine).Value);
        return server;
    }

    public void Kill() => process.Kill();

    public void Terminate() => Process.Start("kill", ["-TERM", $"{process.Id}"]).WaitForExit();

    public async Task<(int Code, string Output, string Error)> EndAsync(bool terminate = false)
    {
        if (terminate)
            Terminate();
        var (output, error) = (process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken), process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken));
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, await output, await error);
    }

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
            process.Kill();
        await process.WaitForExitAsync();
        process.Dispose();
    }

    [GeneratedRegex("http://127\\.0\\.0\\.1:[0-9]+")]
    private static partial Regex AddressIn();
}
