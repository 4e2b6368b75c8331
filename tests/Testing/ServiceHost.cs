using Keyladder.Hosting;
using Keyladder.Hosting.Admissions;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Logging;

namespace Keyladder.Testing;

/// <summary>A real service on a free loopback port, over a real database.</summary>
public abstract class ServiceHost : IAsyncDisposable
{
    private protected const int Many = 1_000_000;

    private readonly bool _ownsDatabase;
    private readonly Uri? _origin;
    private WebApplication? _service;

    private protected ServiceHost(TestDatabase database, bool ownsDatabase, MovableTime time, RecordingProxy? proxy, Uri? origin) =>
        (Database, _ownsDatabase, Time, Proxy, _origin) = (database, ownsDatabase, time, proxy, origin);

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

    /// <summary>One more process over the same database and secret, under the first one's origin, as behind a load balancer. The first host must outlive it.</summary>
    public async Task<ServiceHost> StartAnotherAsync()
    {
        var host = Another();
        await host.StartAsync();
        return host;
    }

    /// <summary>Stops the service and starts it again over the same data; without a proxy it gets another port, and so another origin.</summary>
    public async Task RestartAsync()
    {
        if (_service is not null)
            await _service.DisposeAsync();
        await StartAsync();
    }

    /// <summary>Stops the service for good; its data stays.</summary>
    public async Task StopAsync()
    {
        await _service!.DisposeAsync();
        _service = null;
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

    /// <summary>The same over <see cref="Database"/>, which it does not own.</summary>
    private protected abstract ServiceHost Another();

    private protected abstract WebApplication Build();

    private protected async Task StartAsync()
    {
        _service = Build();
        await _service.StartAsync();
        Proxy?.PassOnTo(Address);
    }

    /// <summary>Sign-up is open, and nobody is near a limit.</summary>
    private protected TOptions Settings<TOptions>()
        where TOptions : ServiceOptions, new() => new TOptions() with
        {
            Urls = "http://127.0.0.1:0",
            Origin = (_origin ?? Proxy?.Origin)?.GetLeftPart(UriPartial.Authority),
            Data = Database.Folder.FullName,
            Database = Database.Postgres,
            SignUp = SignUpRule.Open,
            Limits = new() { Unsigned = Many, Signed = Many, Guest = Many, FailuresPerSlot = Many, FailuresPerAddress = Many, SignUps = Many, RecoveryRecords = Many },
        };

    private protected void Log(ILoggingBuilder logging) => logging.ClearProviders().AddProvider(Logs).SetMinimumLevel(LogLevel.Trace);
}

/// <summary>A fixture: one service per engine, started when a test first asks for it, shared by the tests of a class.</summary>
public abstract class ServiceHosts<THost>(Func<Engine, Task<THost>> start) : IAsyncDisposable
    where THost : ServiceHost
{
    private readonly Lazy<Task<THost>> _sqlite = new(() => start(Engine.Sqlite));
    private readonly Lazy<Task<THost>> _postgres = new(() => start(Engine.Postgres));

    public Task<THost> On(Engine engine) => (engine == Engine.Sqlite ? _sqlite : _postgres).Value;

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        foreach (var host in new[] { _sqlite, _postgres }.Where(host => host.IsValueCreated && host.Value.IsCompletedSuccessfully))
            await (await host.Value).DisposeAsync();
    }
}
