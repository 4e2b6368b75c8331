using static Keyladder.Client.Tests.Person;

namespace Keyladder.Client.Tests.Vaults;

/// <summary>A person with an account at a Keystore and a Vault somewhere else; further devices know the secret and nothing else.</summary>
public sealed class VaultOwner(Uri keystore, Uri vault) : IAsyncDisposable
{
    private readonly Person _person = new(keystore);
    private readonly List<Client.Vault> _opened = [];

    public async Task<Client.Vault> CreateAsync(IPinStore? pins = null) =>
        Keep(await (await _person.SignUpAsync(pins)).Vaults.CreateAsync(vault, cancellationToken: Cancellation));

    public async Task<Client.Vault> OpenAsync(IPinStore? pins = null) =>
        Keep(await (await _person.UnlockAsync(pins)).Vaults.OpenAsync(vault, cancellationToken: Cancellation));

    public Task<UnlockedAccount> UnlockAsync(IPinStore? pins = null) => _person.UnlockAsync(pins);

    public Task<UnlockedAccount> SignUpAsync(IPinStore? pins = null) => _person.SignUpAsync(pins);

    public async ValueTask DisposeAsync()
    {
        foreach (var opened in _opened)
            await opened.DisposeAsync();
        await _person.DisposeAsync();
    }

    private Client.Vault Keep(Client.Vault opened)
    {
        _opened.Add(opened);
        return opened;
    }
}
