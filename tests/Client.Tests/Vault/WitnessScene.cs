using Keyladder.Testing;
using static Keyladder.Client.Tests.Person;
using static Keyladder.Client.Tests.Vaults.VaultTests;

namespace Keyladder.Client.Tests.Vaults;

/// <summary>A Keystore and a Vault, either of which may be hostile, and people who use both.</summary>
public sealed class WitnessScene : IAsyncLifetime
{
    public const string Get = "GET /v1/witness";
    public const string Put = "PUT /v1/witness";

    public HostileKeystore Keystore { get; } = new();

    public HostileVault Vault { get; } = new();

    public async ValueTask InitializeAsync()
    {
        await Keystore.InitializeAsync();
        await Vault.InitializeAsync();
    }

    public void TellTheTruth()
    {
        Keystore.TellTheTruth();
        Vault.TellTheTruth();
    }

    /// <summary>A person with an item in a Vault, open on the device that made it.</summary>
    public async Task<Open> StartAsync(Person person, IPinStore? pins = null, TimeProvider? time = null)
    {
        TellTheTruth();
        var account = await person.SignUpAsync(person.Device(pins, time: time));
        var vault = await account.Vaults.CreateAsync(Vault.Proxy.Address, cancellationToken: Cancellation);
        await vault.PutAsync(Login("Bank", "s3cret"), Cancellation);
        return new Open(account, vault);
    }

    /// <summary>On a device that remembers nothing, unless it is given pins.</summary>
    public async Task<Open> OpenAsync(Person person, IPinStore? pins = null)
    {
        var account = await person.UnlockAsync(pins);
        return new Open(account, await account.Vaults.OpenAsync(Vault.Proxy.Address, cancellationToken: Cancellation));
    }

    /// <summary>Opens, is told, goes on all the same, and closes.</summary>
    public async Task<IntegrityException> GoOnAsync(Person person)
    {
        var account = await person.UnlockAsync();
        var told = await UnprovenAsync(() => account.Vaults.OpenAsync(Vault.Proxy.Address, cancellationToken: Cancellation));
        await using var vault = await account.Vaults.OpenUnprovenAsync(Vault.Proxy.Address, told.Choice!, cancellationToken: Cancellation);
        await vault.ListAsync(Cancellation);
        return told;
    }

    public static async Task<IntegrityException> UnprovenAsync(Func<Task> open)
    {
        var told = await Assert.ThrowsAsync<IntegrityException>(open);
        Assert.Equal(Alarm.FreshnessUnproven, told.Alarm);
        Assert.NotNull(told.Choice);
        return told;
    }

    public async ValueTask DisposeAsync()
    {
        await Keystore.DisposeAsync();
        await Vault.DisposeAsync();
    }

    public sealed record Open(UnlockedAccount Account, Client.Vault Vault);
}
