using Keyladder.Cryptography.Signing;
using Keyladder.Keystore;
using Keyladder.PassphraseStore;
using Keyladder.Testing;
using Keyladder.Vault;

namespace Services.Tests.Client;

/// <summary>A service and the way to it.</summary>
internal sealed class RunningService : IAsyncDisposable
{
    private readonly ServiceHost? host;
    private readonly bool ownsHost;
    private readonly List<ServiceHost> others = [];

    private RunningService(ServiceHost? host, bool ownsHost, Uri address, Uri origin)
    {
        (this.host, this.ownsHost) = (host, ownsHost);
        Http = new HttpClient { BaseAddress = address };
        Origin = Origin.TryCreate(origin, out var created) ? created : throw new InvalidOperationException();
    }

    public HttpClient Http { get; }

    public Origin Origin { get; }

    public TestDatabase Database => host!.Database;

    public MovableTime Time => host?.Time ?? new();

    public CapturedLogs Logs => host!.Logs;

    /// <summary>Where its mails are.</summary>
    public PassphraseStoreHost PassphraseStore => (PassphraseStoreHost)host!;

    public static async Task<RunningService> StartAsync(Engine engine, Func<KeystoreOptions, KeystoreOptions>? settings = null)
    {
        var host = await KeystoreHost.StartAsync(engine, settings: settings);
        return new(host, ownsHost: true, host.Address, host.Origin);
    }

    public static async Task<RunningService> StartVaultAsync(Engine engine, Func<VaultOptions, VaultOptions>? settings = null)
    {
        var host = await VaultHost.StartAsync(engine, settings: settings);
        return new(host, ownsHost: true, host.Address, host.Origin);
    }

    public static async Task<RunningService> StartPassphraseStoreAsync(Engine engine, Func<PassphraseStoreOptions, PassphraseStoreOptions>? settings = null)
    {
        var host = await PassphraseStoreHost.StartAsync(engine, settings: settings);
        return new(host, ownsHost: true, host.Address, host.Origin);
    }

    /// <summary>The way to the service that all tests of a class share: each of them signs up people of its own.</summary>
    public static async Task<RunningService> BeforeAsync<THost>(ServiceHosts<THost> hosts, Engine engine)
        where THost : ServiceHost
    {
        var host = await hosts.On(engine);
        return new(host, ownsHost: false, host.Address, host.Origin);
    }

    /// <summary>A service in another process.</summary>
    public static RunningService At(Uri address, string origin) => new(null, ownsHost: false, address, new Uri(origin));

    /// <returns>A client of one more instance on the same database.</returns>
    public async Task<HttpClient> StartAnotherInstanceAsync()
    {
        var other = await host!.StartAnotherAsync();
        others.Add(other);
        return new HttpClient { BaseAddress = other.Address };
    }

    /// <summary>Has an instance look for attachments that have ended, as each does when it starts.</summary>
    public async Task SweepAttachmentsAsync()
    {
        await using var other = await host!.StartAnotherAsync();
        while (!other.Logs.Lines.Any(line => line.Contains("Swept the attachments", StringComparison.Ordinal)))
            await Task.Delay(20, TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        foreach (var other in others)
            await other.DisposeAsync();
        if (ownsHost)
            await host!.DisposeAsync();
    }
}
