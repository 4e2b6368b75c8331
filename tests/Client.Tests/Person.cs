using Keyladder.Keys.Passphrases;

namespace Keyladder.Client.Tests;

/// <summary>A person with a secret and a first device; further devices know the secret and nothing else.</summary>
/// <remarks>
/// The secret is a device's: it costs none of the KDF's third of a second, and what follows from it is the same. Where the subject is what is
/// typed, or where a device's secret may not do it, the person has <see cref="NewWords"/>.
/// </remarks>
public sealed class Person(Uri address) : IAsyncDisposable
{
    private readonly List<IAsyncDisposable> _unlocked = [];
    private readonly List<KeyladderClient> _clients = [];

    public UnlockSecret Secret { get; init; } = NewDevice();

    public static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static UnlockSecret NewWords()
    {
        using var words = Words.Generate();
        return UnlockSecret.FromWords(words);
    }

    public static UnlockSecret NewDevice()
    {
        using var secret = DeviceSecret.Generate();
        return UnlockSecret.FromDevice(secret);
    }

    public KeyladderClient Device(IPinStore? pins = null, HttpClient? http = null, TimeProvider? time = null, LocalStore? store = null)
    {
        var client = new KeyladderClient(address, pins ?? new MemoryPinStore(), http, time) { Store = store };
        _clients.Add(client);
        return client;
    }

    public Task<UnlockedAccount> SignUpAsync(IPinStore? pins = null) => SignUpAsync(Device(pins));

    public async Task<UnlockedAccount> SignUpAsync(KeyladderClient client) => Keep(await client.SignUpAsync(Secret, Cancellation));

    public Task<UnlockedAccount> UnlockAsync(IPinStore? pins = null) => UnlockAsync(Device(pins));

    public async Task<UnlockedAccount> UnlockAsync(KeyladderClient client) => Keep(await client.Account().UnlockAsync(Secret, Cancellation));

    public UnlockedAccount Keep(UnlockedAccount account)
    {
        _unlocked.Add(account);
        return account;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var account in _unlocked)
            await account.DisposeAsync();
        _clients.ForEach(client => client.Dispose());
        Secret.Dispose();
    }
}
