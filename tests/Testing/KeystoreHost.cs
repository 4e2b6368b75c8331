using Keyladder.Hosting.Admissions;
using Keyladder.Keystore;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Logging;

namespace Keyladder.Testing;

/// <summary>The real Keystore on a free loopback port, over a real database.</summary>
public sealed class KeystoreHost : IAsyncDisposable
{
    private const int Many = 1_000_000;

    private readonly bool _ownsDatabase;
    private WebApplication? _service;

    private readonly Uri? _origin;

    private readonly Func<KeystoreOptions, KeystoreOptions>? _settings;

    private KeystoreHost(
        TestDatabase database, bool ownsDatabase, MovableTime time, RecordingProxy? proxy, Uri? origin, Func<KeystoreOptions, KeystoreOptions>? settings) =>
        (Database, _ownsDatabase, Time, Proxy, _origin, _settings) = (database, ownsDatabase, time, proxy, origin, settings);

    public TestDatabase Database { get; }

    /// <summary>The service's clock. Clients have their own.</summary>
    public MovableTime Time { get; }

    public CapturedLogs Logs { get; } = new();

    /// <summary>What went over the wire; null unless asked for.</summary>
    public RecordingProxy? Proxy { get; }

    /// <summary>What a client enters.</summary>
    public Uri Origin => _origin ?? Proxy?.Origin ?? Address;

    /// <summary>Where the service itself listens.</summary>
    public Uri Address => new(_service!.Urls.Single());

    /// <param name="recorded">With a <see cref="RecordingProxy"/> between the clients and the service.</param>
    /// <param name="origin">The address of who stands before the service, if the test has brought somebody.</param>
    /// <param name="settings">What the test wants otherwise: sign-up is open, and nobody is near a limit.</param>
    public static async Task<KeystoreHost> StartAsync(
        Engine engine, bool recorded = false, Uri? origin = null, Func<KeystoreOptions, KeystoreOptions>? settings = null)
    {
        var host = new KeystoreHost(
            await TestDatabase.CreateAsync(engine), ownsDatabase: true, new(), recorded ? await RecordingProxy.StartAsync() : null, origin, settings);
        await host.StartAsync();
        return host;
    }

    /// <summary>One more process over the same database and secret, under the first one's origin, as behind a load balancer. The first host must outlive it.</summary>
    public async Task<KeystoreHost> StartAnotherAsync()
    {
        var host = new KeystoreHost(Database, ownsDatabase: false, Time, proxy: null, Origin, _settings);
        await host.StartAsync();
        return host;
    }

    /// <summary>Stops the service and starts it again over the same data; without a proxy it gets another port, and so another origin.</summary>
    public async Task RestartAsync()
    {
        await _service!.DisposeAsync();
        await StartAsync();
    }

    /// <summary>Everything that the service and an observer of its wire hold, searched. Each line says where something was found, and what.</summary>
    public async Task<IReadOnlyList<string>> FindAsync(Canaries canaries)
    {
        var wire = (Proxy?.Exchanges ?? []).SelectMany(exchange => canaries.FindIn(exchange.Request).Concat(canaries.FindIn(exchange.RequestBody))
            .Concat(canaries.FindIn(exchange.Response)).Concat(canaries.FindIn(exchange.ResponseBody))
            .Select(name => $"{exchange.Request.Split('\n')[0]}: {name}"));
        return
        [
            .. canaries.FindInFiles(await Database.FilesAsync()),
            .. canaries.FindIn(await Database.DumpAsync()).Select(name => $"tables: {name}"),
            .. canaries.FindIn(string.Join('\n', Logs.Lines)).Select(name => $"logs: {name}"),
            .. wire,
        ];
    }

    public async ValueTask DisposeAsync()
    {
        if (_service is not null)
            await _service.DisposeAsync();
        if (Proxy is not null)
            await Proxy.DisposeAsync();
        if (_ownsDatabase)
            await Database.DisposeAsync();
        Logs.Dispose();
    }

    private async Task StartAsync()
    {
        var options = new KeystoreOptions
        {
            Urls = "http://127.0.0.1:0",
            Origin = (_origin ?? Proxy?.Origin)?.GetLeftPart(UriPartial.Authority),
            Data = Database.Folder.FullName,
            Database = Database.Postgres,
            SignUp = SignUpRule.Open,
            Limits = new() { Unsigned = Many, Signed = Many, FailuresPerSlot = Many, FailuresPerAddress = Many, SignUps = Many },
        };
        _service = KeystoreService.Build(_settings?.Invoke(options) ?? options, Time, logging => logging.ClearProviders().AddProvider(Logs).SetMinimumLevel(LogLevel.Trace));
        await _service.StartAsync();
        Proxy?.PassOnTo(Address);
    }
}

/// <summary>A fixture: one Keystore per engine, started when a test first asks for it, shared by the tests of a class.</summary>
public sealed class Keystores : IAsyncDisposable
{
    private readonly Lazy<Task<KeystoreHost>> _sqlite = new(() => KeystoreHost.StartAsync(Engine.Sqlite));
    private readonly Lazy<Task<KeystoreHost>> _postgres = new(() => KeystoreHost.StartAsync(Engine.Postgres));

    public Task<KeystoreHost> On(Engine engine) => (engine == Engine.Sqlite ? _sqlite : _postgres).Value;

    public async ValueTask DisposeAsync()
    {
        foreach (var host in new[] { _sqlite, _postgres }.Where(host => host.IsValueCreated && host.Value.IsCompletedSuccessfully))
            await (await host.Value).DisposeAsync();
    }
}
