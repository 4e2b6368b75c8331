using Keyladder.Cryptography;
using Keyladder.Keys.Vault;
using Keyladder.Testing;
using Keyladder.Vault;
using static Keyladder.Client.Tests.Person;

namespace Keyladder.Client.Tests.Vaults;

/// <summary>
/// A Keystore, a Vault that may lie, and the operator who makes backups of it and restores them, with the attachments' folder as it is then. Devices keep a copy, or do not.
/// </summary>
public sealed class RestoreScene : IAsyncDisposable
{
    private readonly List<Client.Vault> _opened = [];
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("keyladder-test-");
    private KeystoreHost _keystore = null!;

    public VaultHost Vault { get; private set; } = null!;

    public LyingProxy Proxy { get; private set; } = null!;

    public Person Alice { get; private set; } = null!;

    public static async Task<RestoreScene> StartAsync(Engine engine)
    {
        var scene = new RestoreScene { Proxy = await LyingProxy.StartAsync(), _keystore = await KeystoreHost.StartAsync(engine) };
        scene.Vault = await VaultHost.StartAsync(engine, origin: scene.Proxy.Address);
        scene.Proxy.StandBefore(scene.Vault.Address);
        scene.Alice = new Person(scene._keystore.Origin);
        return scene;
    }

    public async Task<Device> SignUpAsync(bool keepsCopy = false)
    {
        var device = new Device(this, keepsCopy);
        var account = await Alice.SignUpAsync(device.Client);
        Keep(device.Vault = await account.Vaults.CreateAsync(Proxy.Address, cancellationToken: Cancellation));
        return device;
    }

    /// <summary>Another device that knows the secret and nothing else.</summary>
    public async Task<Device> UnlockAsync(bool keepsCopy = false)
    {
        var device = new Device(this, keepsCopy);
        await device.OpenAsync();
        return device;
    }

    /// <summary>Another device, whose person goes on although the witness at the Keystore may have seen more.</summary>
    public async Task<Device> GoOnAsync()
    {
        var device = new Device(this, keepsCopy: false);
        var account = await Alice.UnlockAsync(device.Client);
        try
        {
            Keep(device.Vault = await account.Vaults.OpenAsync(Proxy.Address, cancellationToken: Cancellation));
        }
        catch (IntegrityException e) when (e.Alarm == Alarm.FreshnessUnproven)
        {
            Keep(device.Vault = await account.Vaults.OpenUnprovenAsync(Proxy.Address, e.Choice!, cancellationToken: Cancellation));
        }

        return device;
    }

    public Task BackUpAsync(string name = "yesterday") => VaultService.Backups.WriteAsync(Options, File(name), Vault.Time, Cancellation);

    /// <summary>Puts a backup in the place of what the Vault holds, and starts it again.</summary>
    /// <param name="name">Of the backup.</param>
    /// <param name="saysSo">Whether the number is raised; else it is what the Vault had shown before.</param>
    public async Task RestoreAsync(string name = "yesterday", bool saysSo = true)
    {
        // Each restore has a number of its own, though a test takes less than a second from one to the next.
        Vault.Time.Move(TimeSpan.FromSeconds(2));
        await VaultService.Backups.RestoreAsync(Options, File(name), replace: true, Vault.Time, Cancellation);
        if (!saysSo)
            await Vault.Database.ExecuteAsync("DELETE FROM restores");
        await Vault.RestartAsync();
        Proxy.StandBefore(Vault.Address);
    }

    /// <summary>Restores the Vault after its next answer of a kind, before that arrives.</summary>
    public void RestoreBehind(string call)
    {
        Proxy.Lie = answer =>
        {
            if ($"{answer.Method} {answer.Path}" != call)
                return;
            Proxy.Lie = null;
            Task.Run(() => RestoreAsync()).Wait(Cancellation);
        };
    }

    public async ValueTask DisposeAsync()
    {
        (Proxy.Lie, Proxy.Block) = (null, null);
        foreach (var vault in _opened)
            await vault.DisposeAsync();
        await Alice.DisposeAsync();
        await Vault.DisposeAsync();
        await Proxy.DisposeAsync();
        await _keystore.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    /// <summary>What changed, by name.</summary>
    public static IEnumerable<string> Name(IEnumerable<ItemDifference> differences) => differences.Select(each => $"{each.Change} {(each.Held ?? each.Shown)!.Name}").Order(StringComparer.Ordinal);

    /// <summary>Each item by name, with its password.</summary>
    public static async Task<IEnumerable<string>> ReadAsync(Client.Vault vault)
    {
        var items = await vault.GetManyAsync([.. (await vault.ListAsync(Cancellation)).Select(item => item.Id)], Cancellation);
        return items.Select(item => $"{item.Name} {item.Find("password")?.GetText()}").Order(StringComparer.Ordinal);
    }

    private VaultOptions Options => new() { Data = Vault.Database.Folder.FullName, Database = Vault.Database.Postgres };

    private string File(string name) => Path.Combine(_folder.FullName, name);

    private Client.Vault Keep(Client.Vault opened)
    {
        _opened.Add(opened);
        return opened;
    }

    public sealed class Device
    {
        private readonly RestoreScene _scene;
        private readonly string _store;

        public Device(RestoreScene scene, bool keepsCopy)
        {
            _scene = scene;
            _store = Path.Combine(scene._folder.FullName, $"{Guid.NewGuid():N}");
            Client = scene.Alice.Device(Pins, store: keepsCopy ? new LocalStore(_store) : null);
        }

        public KeyladderClient Client { get; private set; }

        public MemoryPinStore Pins { get; private set; } = new();

        public Client.Vault Vault { get; set; } = null!;

        public Task<Cryptography.Heads.HeadPin?> PinAsync() => Pins.GetAsync(Vault.Id, Cancellation);

        /// <summary>Has this device know nothing of the Vault but what its copy says.</summary>
        public void ForgetPins() => Client = _scene.Alice.Device(Pins = new(), store: new LocalStore(_store));

        /// <summary>The copy on its disk.</summary>
        public byte[] Copy() => System.IO.File.ReadAllBytes(CopyPath);

        public void PutCopy(byte[] copy) => System.IO.File.WriteAllBytes(CopyPath, copy);

        private string CopyPath => Path.Combine(_store, $"{Vault.Id}.vault");

        /// <summary>The program ends, and starts again.</summary>
        public async Task<Client.Vault> OpenAsync(RestoredException? chosen = null, bool putBack = false)
        {
            if (Vault is not null)
                await Vault.DisposeAsync();
            var account = await _scene.Alice.UnlockAsync(Client);
            return Vault = _scene.Keep(chosen is null
                ? await account.Vaults.OpenAsync(_scene.Proxy.Address, cancellationToken: Cancellation)
                : await account.Vaults.OpenRestoredAsync(_scene.Proxy.Address, chosen, putBack, cancellationToken: Cancellation));
        }

        public async Task<ItemId> PutAsync(string name, string password) => (await Vault.PutAsync(VaultTests.Login(name, password), Cancellation)).Id;

        public async Task<WrittenItem> ChangeAsync(ItemId id, string password) =>
            await Vault.PutAsync((await Vault.GetAsync(id, Cancellation)).Edit().With(ItemAttribute.Text("password", password)), Cancellation);

        public async Task DeleteAsync(ItemId id) => await Vault.DeleteManyAsync([(await Vault.GetAsync(id, Cancellation)).Item], Cancellation);
    }
}
