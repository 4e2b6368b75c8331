using Keyladder.Cryptography.Signing;
using Keyladder.Keystore;
using Keyladder.Testing;

namespace Services.Tests.Client;

/// <summary>A Keystore and the way to it.</summary>
internal sealed class RunningService : IAsyncDisposable
{
    private readonly KeystoreHost? host;
    private readonly List<KeystoreHost> others = [];

    private RunningService(KeystoreHost? host, Uri address, Uri origin)
    {
        this.host = host;
        Http = new HttpClient { BaseAddress = address };
        Origin = Origin.TryCreate(origin, out var created) ? created : throw new InvalidOperationException();
    }

    public HttpClient Http { get; }

    public Origin Origin { get; }

    public TestDatabase Database => host!.Database;

    public MovableTime Time => host?.Time ?? new();

    public CapturedLogs Logs => host!.Logs;

    public static async Task<RunningService> StartAsync(Engine engine, Func<KeystoreOptions, KeystoreOptions>? settings = null)
    {
        var host = await KeystoreHost.StartAsync(engine, settings: settings);
        return new(host, host.Address, host.Origin);
    }

    /// <summary>A service in another process.</summary>
    public static RunningService At(Uri address, string origin) => new(null, address, new Uri(origin));

    /// <returns>A client of one more instance on the same database.</returns>
    public async Task<HttpClient> StartAnotherInstanceAsync()
    {
        var other = await host!.StartAnotherAsync();
        others.Add(other);
        return new HttpClient { BaseAddress = other.Address };
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        foreach (var other in others)
            await other.DisposeAsync();
        if (host is not null)
            await host.DisposeAsync();
    }
}

/// <summary>One service per engine for all tests of a class: each test signs up people of its own.</summary>
public sealed class KeystoreFixture : IAsyncDisposable
{
    private readonly Dictionary<Engine, RunningService> services = [];

    internal async Task<RunningService> OnAsync(Engine engine) =>
        services.TryGetValue(engine, out var running) ? running : services[engine] = await RunningService.StartAsync(engine);

    public async ValueTask DisposeAsync()
    {
        foreach (var service in services.Values)
            await service.DisposeAsync();
    }
}
