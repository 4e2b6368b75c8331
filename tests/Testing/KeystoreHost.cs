using Keyladder.Keystore;
using Microsoft.AspNetCore.Builder;

namespace Keyladder.Testing;

/// <inheritdoc/>
public sealed class KeystoreHost : ServiceHost
{
    private readonly Func<KeystoreOptions, KeystoreOptions>? _settings;

    private KeystoreHost(
        TestDatabase database, bool ownsDatabase, MovableTime time, RecordingProxy? proxy, Uri? origin, Func<KeystoreOptions, KeystoreOptions>? settings)
        : base(database, ownsDatabase, time, proxy, origin) => _settings = settings;

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

    private protected override ServiceHost Another() => new KeystoreHost(Database, ownsDatabase: false, Time, proxy: null, Origin, _settings);

    private protected override WebApplication Build()
    {
        var options = Settings<KeystoreOptions>();
        return KeystoreService.Build(_settings?.Invoke(options) ?? options, Time, Log);
    }
}

/// <inheritdoc/>
public sealed class Keystores() : ServiceHosts<KeystoreHost>(engine => KeystoreHost.StartAsync(engine));
