using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Keyladder.Testing;

namespace Keyladder.Cli.Tests;

/// <summary>
/// Plain HTTP is allowed to a service on this machine because it does not leave the machine. A proxy of the environment would carry it away,
/// in clear.
/// </summary>
public sealed class ProxyTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("keyladder-story-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task A_service_on_this_machine_is_reached_without_the_proxy_of_the_environment()
    {
        await using var service = await KeystoreHost.StartAsync(Engine.Sqlite);
        using var proxy = new ListeningProxy();
        var address = service.Origin.GetLeftPart(UriPartial.Authority);

        Assert.Equal(0, await RunAsync(proxy, "sign-up", "--server", address, "--kit", "kit.txt"));
        Assert.Equal(0, await RunAsync(proxy, "key", "list"));
        Assert.Equal(0, await RunAsync(proxy, "lock"));
        Assert.Equal(0, proxy.Connections);

        // The same program with the same environment does hear of the proxy.
        Assert.NotEqual(0, await RunAsync(proxy, "sign-up", "--server", "https://keys.example.org", "--kit", "other.txt", "--profile", "other"));
        Assert.NotEqual(0, proxy.Connections);
    }

    private async Task<int> RunAsync(ListeningProxy proxy, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "keyladder.dll"), .. arguments])
        {
            WorkingDirectory = _folder.FullName,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["KEYLADDER_PROFILE"] = Path.Combine(_folder.FullName, "profile");
        foreach (var name in new[] { "http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY" })
            start.Environment[name] = proxy.Address;
        foreach (var name in new[] { "no_proxy", "NO_PROXY" })
            start.Environment.Remove(name);
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        TestContext.Current.TestOutputHelper?.WriteLine($"{string.Join(' ', arguments)}: {process.ExitCode}\n{await output}{await errors}");
        return process.ExitCode;
    }

    /// <summary>Counts who comes and lets nobody through.</summary>
    private sealed class ListeningProxy : IDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
        private int _connections;

        public ListeningProxy()
        {
            _listener.Start();
            _ = AcceptAsync();
        }

        public string Address => $"http://{_listener.LocalEndpoint}";

        public int Connections => Volatile.Read(ref _connections);

        public void Dispose() => _listener.Dispose();

        private async Task AcceptAsync()
        {
            try
            {
                while (true)
                {
                    using var client = await _listener.AcceptTcpClientAsync();
                    Interlocked.Increment(ref _connections);
                }
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                // The test is over.
            }
        }
    }
}
