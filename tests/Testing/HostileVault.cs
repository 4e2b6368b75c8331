using Keyladder.Vault;
using Microsoft.Extensions.Logging;
using Xunit;

namespace Keyladder.Testing;

/// <summary>A Vault whose operator lies: the real one behind a <see cref="LyingProxy"/>, and copies of it from the past.</summary>
public sealed class HostileVault : IAsyncLifetime
{
    private readonly PastServices _past = new();

    public LyingProxy Proxy { get; private set; } = null!;

    public VaultHost Real { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Proxy = await LyingProxy.StartAsync();
        Real = await VaultHost.StartAsync(Engine.Sqlite, origin: Proxy.Address);
        TellTheTruth();
    }

    public void TellTheTruth()
    {
        (Proxy.Lie, Proxy.Block, Proxy.Invent) = (null, null, null);
        Proxy.StandBefore(Real.Address);
    }

    /// <summary>The service as it is now, kept: the same data, secret and origin, running beside the real one.</summary>
    public Task<Uri> KeepAsync() => _past.KeepAsync(Real, folder => VaultService.Build(
        new VaultOptions { Urls = "http://127.0.0.1:0", Origin = Proxy.Address.GetLeftPart(UriPartial.Authority), Data = folder },
        Real.Time,
        logging => logging.ClearProviders()));

    public async ValueTask DisposeAsync()
    {
        await _past.DisposeAsync();
        await Proxy.DisposeAsync();
        await Real.DisposeAsync();
    }
}
