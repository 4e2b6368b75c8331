using Xunit;

namespace Keyladder.Testing;

/// <summary>A Vault whose operator lies: the real one behind a <see cref="LyingProxy"/>.</summary>
public sealed class HostileVault : IAsyncLifetime
{
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

    public async ValueTask DisposeAsync()
    {
        await Proxy.DisposeAsync();
        await Real.DisposeAsync();
    }
}
