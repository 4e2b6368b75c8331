using Keyladder.Soak.Load;
using Keyladder.Testing;

namespace Keyladder.Soak.Devices;

/// <summary>A Keystore and a Vault, a process each, which are killed and started again on the same data.</summary>
internal sealed class TwoServices : IAsyncDisposable
{
    private const string Many = "1000000";

    private readonly DirectoryInfo folder;
    private readonly string? keystoreDatabase;
    private readonly string? vaultDatabase;
    private readonly List<string> endedLogs = [];
    private ServerProcess? keystore;
    private ServerProcess? vault;

    private TwoServices(DirectoryInfo folder, string? keystoreDatabase, string? vaultDatabase) =>
        (this.folder, this.keystoreDatabase, this.vaultDatabase) = (folder, keystoreDatabase, vaultDatabase);

    public static Uri KeystoreOrigin => Instances.Origin;

    /// <summary>Nothing listens behind it either.</summary>
    public static Uri VaultOrigin { get; } = new("http://127.0.0.1:5420");

    /// <summary>0 while it does not run.</summary>
    public int KeystorePort => keystore?.Address.Port ?? 0;

    public int VaultPort => vault?.Address.Port ?? 0;

    public IEnumerable<string> Log => [.. endedLogs, .. keystore?.Log ?? [], .. vault?.Log ?? []];

    /// <param name="keystoreDatabase">Connection string; null for SQLite.</param>
    /// <param name="vaultDatabase">Likewise.</param>
    public static async Task<TwoServices> StartAsync(DirectoryInfo folder, string? keystoreDatabase, string? vaultDatabase)
    {
        var services = new TwoServices(folder, keystoreDatabase, vaultDatabase);
        await services.StartKeystoreAsync();
        await services.StartVaultAsync();
        return services;
    }

    public async Task KillAsync(bool isVault)
    {
        var killed = (isVault ? vault : keystore)!;
        if (isVault)
            vault = null;
        else
            keystore = null;
        await killed.KillAsync();
        endedLogs.AddRange(killed.Log);
        await killed.DisposeAsync();
    }

    public async Task StartKeystoreAsync() => keystore = await StartAsync("keystore", KeystoreOrigin, keystoreDatabase, "--keystore:maxheads", Many);

    public async Task StartVaultAsync() => vault = await StartAsync("vault", VaultOrigin, vaultDatabase, "--vault:urls", "http://127.0.0.1:0", "--vault:maxheads", Many);

    public async ValueTask DisposeAsync()
    {
        foreach (var process in new[] { keystore, vault })
        {
            if (process is not null)
                await process.DisposeAsync();
        }
    }

    private Task<ServerProcess> StartAsync(string name, Uri origin, string? database, params string[] more) => ServerProcess.ListenAsync(
        [
            "--services", name, $"--{name}:origin", origin.GetLeftPart(UriPartial.Authority), $"--{name}:data", Path.Combine(folder.FullName, name), $"--{name}:signup", "open",
            $"--{name}:limits:unsigned", Many, $"--{name}:limits:signed", Many, $"--{name}:limits:signups", Many, "--logging:loglevel:default", "Warning", .. more,
        ],
        database is null ? null : new Dictionary<string, string> { [$"KEYLADDER_{name.ToUpperInvariant()}__DATABASE"] = database });
}
