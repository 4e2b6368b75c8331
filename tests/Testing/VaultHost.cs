using Keyladder.Vault;
using Microsoft.AspNetCore.Builder;

namespace Keyladder.Testing;

/// <inheritdoc/>
public sealed class VaultHost : ServiceHost
{
    private readonly Func<VaultOptions, VaultOptions>? _settings;

    private VaultHost(TestDatabase database, bool ownsDatabase, MovableTime time, RecordingProxy? proxy, Uri? origin, Func<VaultOptions, VaultOptions>? settings)
        : base(database, ownsDatabase, time, proxy, origin) => _settings = settings;

    /// <inheritdoc cref="KeystoreHost.StartAsync"/>
    public static async Task<VaultHost> StartAsync(
        Engine engine, bool recorded = false, Uri? origin = null, Func<VaultOptions, VaultOptions>? settings = null)
    {
        var host = new VaultHost(
            await TestDatabase.CreateAsync(engine, "vault"), ownsDatabase: true, new(), recorded ? await RecordingProxy.StartAsync() : null, origin, settings);
        await host.StartAsync();
        return host;
    }

    private protected override ServiceHost Another() => new VaultHost(Database, ownsDatabase: false, Time, proxy: null, Origin, _settings);

    private protected override WebApplication Build()
    {
        var options = Settings<VaultOptions>();
        return VaultService.Build(_settings?.Invoke(options) ?? options, Time, Log);
    }
}

/// <inheritdoc/>
public sealed class Vaults() : ServiceHosts<VaultHost>(engine => VaultHost.StartAsync(engine));
