using System.Text.RegularExpressions;
using Keyladder.Client;
using Keyladder.Keys.Passphrases;
using Keyladder.Keys.Vault;
using Keyladder.Testing;

namespace Keyladder.Benchmarks.Vault;

/// <summary>keyladder-server with both services on one engine, in a process of its own, with room for what is measured; and people with many items there.</summary>
internal sealed partial class MeasuredVault : IAsyncDisposable
{
    private const int ObjectsInWrite = 1_000;

    private readonly TestDatabase[] _databases;

    private MeasuredVault(TestDatabase[] databases, ServerProcess server, Uri address) => (_databases, Server, Address) = (databases, server, address);

    public ServerProcess Server { get; }

    public Uri Address { get; }

    public static async Task<MeasuredVault> StartAsync(Engine engine)
    {
        TestDatabase[] databases = [await TestDatabase.CreateAsync(engine), await TestDatabase.CreateAsync(engine, "vault")];
        var server = await ServerProcess.ListenAsync(
        [
            "--services", "keystore,vault", .. databases[0].Settings, .. databases[1].Settings,
            "--keystore:signup=open", "--vault:signup=open", "--vault:urls=http://127.0.0.1:0", "--vault:maxobjects=1000000", "--vault:maxbytes=10000000000", "--vault:maxheads=100000000",
            "--vault:limits:signed=100000000", "--vault:limits:unsigned=100000000", .. ServerProcess.Silent,
        ]);
        return new MeasuredVault(databases, server, new Uri(AddressIn().Match((await server.ReadLineAsync())!).Value));
    }

    /// <returns>A person with so many items of so many attributes each, and the secret.</returns>
    public async Task<UnlockSecret> FillAsync(int items, int attributes)
    {
        using var random = DeviceSecret.Generate();
        var secret = UnlockSecret.FromDevice(random);
        using var client = new KeyladderClient(Server.Address, new MemoryPinStore());
        await using var account = await client.SignUpAsync(secret);
        await using var vault = await account.Vaults.CreateAsync(Address);
        foreach (var page in Enumerable.Range(0, items).Chunk(ObjectsInWrite / (attributes + 1)))
            await vault.PutManyAsync([.. page.Select(number => Item(number, attributes))]);
        return secret;
    }

    public static ItemDraft Item(int number, int attributes) => Enumerable.Range(0, attributes).Aggregate(
        ItemDraft.New($"Item {number}", "login"), (draft, attribute) => draft.With(ItemAttribute.Text($"attribute {attribute}", $"value {number} of {attribute}")));

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        foreach (var database in _databases)
            await database.DisposeAsync();
    }

    [GeneratedRegex("http://127\\.0\\.0\\.1:[0-9]+")]
    private static partial Regex AddressIn();
}
