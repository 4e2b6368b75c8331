using Keyladder.Cryptography;
using Keyladder.Keys.Passphrases;
using Keyladder.Keys.Vault;
using Keyladder.Testing;
using static Keyladder.Client.Tests.Person;
using static Keyladder.Client.Tests.Vaults.VaultTests;

namespace Keyladder.Client.Tests.Vaults;

/// <summary>
/// A person with a device that keeps a copy of the Vault, and others that do not. The way to the Vault can be cut; that to the Keystore stays, for the account is
/// unlocked already.
/// </summary>
public sealed class OfflineScene : IAsyncLifetime
{
    private readonly List<IAsyncDisposable> _opened = [];
    private int _devices;

    public HostileKeystore Keystore { get; } = new();

    public HostileVault Hostile { get; } = new();

    public DirectoryInfo Folder { get; } = Directory.CreateTempSubdirectory("keyladder-test-");

    public async ValueTask InitializeAsync()
    {
        await Keystore.InitializeAsync();
        await Hostile.InitializeAsync();
    }

    public void Cut() => Hostile.Proxy.Block = _ => true;

    public void CutBoth() => Keystore.Proxy.Block = Hostile.Proxy.Block = _ => true;

    /// <summary>What is written lands, and nobody hears of it.</summary>
    public void LoseAnswers() => Hostile.Proxy.Lie = answer => answer.Lost = answer is { Method: "POST", Path: "/v1/changes" };

    public void Mend()
    {
        Keystore.TellTheTruth();
        Hostile.TellTheTruth();
    }

    /// <summary>A new person, whose first device has a copy with one item, and is open.</summary>
    public async Task<Owner> StartAsync()
    {
        Mend();
        var person = new Person(Keystore.Proxy.Address);
        _opened.Add(person);
        var (pins, store) = (new MemoryPinStore(), Path.Combine(Folder.FullName, $"device-{++_devices}"));
        var account = await person.SignUpAsync(person.Device(pins, store: new LocalStore(store)));
        var vault = await account.Vaults.CreateAsync(Hostile.Proxy.Address, cancellationToken: Cancellation);
        var item = (await vault.PutAsync(Login("Bank", "first"), Cancellation)).Id;
        return new Owner(this, person, account, pins, store) { Vault = vault, Item = item };
    }

    public async ValueTask DisposeAsync()
    {
        Mend();
        foreach (var opened in _opened)
            await opened.DisposeAsync();
        await Hostile.DisposeAsync();
        await Keystore.DisposeAsync();
        Folder.Delete(recursive: true);
    }

    public sealed class Owner(OfflineScene scene, Person person, UnlockedAccount account, MemoryPinStore pins, string store) : IAsyncDisposable
    {
        private UnlockedAccount _account = account;

        public UnlockedAccount Account => _account;

        public string Folder => store;

        /// <summary>The device starts anew, and knows what it has kept.</summary>
        public KeyladderClient NewDevice() => person.Device(pins, store: new LocalStore(store));

        /// <summary>The device starts anew while nothing can be reached.</summary>
        public async Task<Client.Vault> RestartOfflineAsync(UnlockSecret? secret = null)
        {
            await _account.DisposeAsync();
            _account = person.Keep(await NewDevice().Account().UnlockOfflineAsync(secret ?? person.Secret, Cancellation));
            return Vault = await OpenAsync();
        }

        /// <summary>The device's, with its copy.</summary>
        public required Client.Vault Vault { get; set; }

        public ItemId Item { get; init; }

        public IPinStore Pins => pins;

        public Person Person => person;

        public string File => Path.Combine(store, $"{Vault.Id}.vault");

        /// <summary>The program ends and starts again, with the copy that there is.</summary>
        public async Task<Client.Vault> RestartAsync()
        {
            await Vault.DisposeAsync();
            return Vault = await OpenAsync();
        }

        public Task<Client.Vault> OpenAsync() => _account.Vaults.OpenAsync(scene.Hostile.Proxy.Address, cancellationToken: Cancellation);

        /// <summary>Another device, which is to keep a copy and has none yet; its Vault is to be opened.</summary>
        public async Task<Owner> UnlockWithoutMemoryAsync()
        {
            var (pins, store) = (new MemoryPinStore(), Path.Combine(scene.Folder.FullName, $"device-{++scene._devices}"));
            var account = await person.UnlockAsync(person.Device(pins, store: new LocalStore(store)));
            return new Owner(scene, person, account, pins, store) { Vault = Vault, Item = Item };
        }

        public Task DeleteAsync() => _account.Vaults.DeleteAsync(scene.Hostile.Proxy.Address, cancellationToken: Cancellation);

        /// <summary>Another device: it keeps no copy.</summary>
        public async Task<Client.Vault> OpenElsewhereAsync()
        {
            var vault = await (await person.UnlockAsync()).Vaults.OpenAsync(scene.Hostile.Proxy.Address, cancellationToken: Cancellation);
            scene._opened.Add(vault);
            return vault;
        }

        public async Task<WrittenItem> ChangeAsync(string password, Client.Vault? where = null)
        {
            where ??= Vault;
            return await where.PutAsync((await where.GetAsync(Item, Cancellation)).Edit().With(ItemAttribute.Text("password", password)), Cancellation);
        }

        public async Task<string> PasswordAsync(Client.Vault? where = null) => (await (where ?? Vault).GetAsync(Item, Cancellation)).Find("password")!.GetText();

        public ValueTask DisposeAsync() => Vault.DisposeAsync();
    }
}
