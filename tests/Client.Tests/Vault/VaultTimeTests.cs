using Keyladder.Testing;
using static Keyladder.Client.Tests.Person;
using static Keyladder.Client.Tests.Vaults.VaultTests;
using static Keyladder.Client.Tests.Vaults.WitnessScene;

namespace Keyladder.Client.Tests.Vaults;

/// <summary>What a client of a Vault makes of time: how old what it is shown is, and that nothing else hangs on its clock.</summary>
public sealed class VaultTimeTests(WitnessScene scene) : IClassFixture<WitnessScene>
{
    [Fact]
    public async Task D14_a_Vault_that_stands_still_shows_how_old_it_is()
    {
        await using var alice = new Person(scene.Keystore.Proxy.Address);
        var clock = new MovableTime();
        clock.Move(TimeSpan.FromDays(-91));
        var then = DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime);
        var me = await scene.StartAsync(alice, time: clock);
        await me.Vault.DisposeAsync();
        var frozen = await scene.Vault.KeepAsync();
        var there = await scene.OpenAsync(alice);
        Assert.Equal((then, true), (there.Vault.LastChanged, there.Vault.IsStale));
        await there.Vault.PutAsync(Login("Mail", "m4il"), Cancellation);
        Assert.False(there.Vault.IsStale);
        Assert.Equal(DateOnly.FromDateTime(DateTime.UtcNow), there.Vault.LastChanged);

        // Whoever has not heard of the change yet, and is not told of it: it looks like a Vault that nobody has written to for three months, and says so.
        scene.Vault.Proxy.StandBefore(frozen);
        await using (var device = (await scene.OpenAsync(alice)).Vault)
            Assert.Equal((then, true, 1), (device.LastChanged, device.IsStale, (await device.ListAsync(Cancellation)).Count));
        scene.TellTheTruth();
        // The witness bounds it: once the change was witnessed, no device is shown what was before.
        await there.Vault.DisposeAsync();
        scene.Vault.Proxy.StandBefore(frozen);
        Assert.Equal("the Vault", (await UnprovenAsync(() => scene.OpenAsync(alice))).Object);
        scene.TellTheTruth();
    }

    [Theory, InlineData(-1_100), InlineData(1_100)]
    public async Task J06_a_clock_that_is_years_off_decides_nothing(int days)
    {
        await using var alice = new Person(scene.Keystore.Proxy.Address);
        var (pins, clock) = (new MemoryPinStore(), new MovableTime());
        var me = await scene.StartAsync(alice);
        await me.Vault.PutAsync(Login("Mail", "m4il"), Cancellation);
        await me.Vault.DisposeAsync();
        var past = await scene.Vault.KeepAsync();

        clock.Move(TimeSpan.FromDays(days));
        var account = await alice.UnlockAsync(alice.Device(pins, time: clock));
        await using (var off = await account.Vaults.OpenAsync(scene.Vault.Proxy.Address, cancellationToken: Cancellation))
        {
            var bank = (await off.ListAsync(Cancellation)).Single(item => item.Name == "Bank");
            await off.PutAsync((await off.GetAsync(bank.Id, Cancellation)).Edit() with { Name = "My bank" }, Cancellation);
            clock.Move(TimeSpan.FromDays(-days));
            await off.DeleteManyAsync([.. (await off.ListAsync(Cancellation)).Where(item => item.Name == "Mail")], Cancellation);
            Assert.Equal([2L, 1L], (await off.GetVersionsAsync(bank.Id, Cancellation)).Select(version => version.Revision));
        }

        await using (var there = (await scene.OpenAsync(alice)).Vault)
            Assert.Equal(["My bank"], (await there.ListAsync(Cancellation)).Select(item => item.Name));
        clock.Move(TimeSpan.FromDays(days));
        scene.Vault.Proxy.StandBefore(past);
        var refusal = await Assert.ThrowsAsync<IntegrityException>(() => account.Vaults.OpenAsync(scene.Vault.Proxy.Address, cancellationToken: Cancellation));
        Assert.Equal(Alarm.RolledBack, refusal.Alarm);
        scene.TellTheTruth();
    }

    [Fact]
    public async Task J09_a_device_whose_memory_was_set_back_with_the_Vault_finds_it()
    {
        await using var alice = new Person(scene.Keystore.Proxy.Address);
        var (pins, old) = (new MemoryPinStore(), new MemoryPinStore());
        var me = await scene.StartAsync(alice, pins);
        var past = await scene.Vault.KeepAsync();
        foreach (var account in new[] { me.Account.Id, me.Vault.Id })
            Assert.True(await old.TryReplaceAsync(account, Cryptography.Heads.HeadPin.None, (await pins.GetAsync(account, Cancellation))!, Cancellation));
        await me.Vault.PutAsync(Login("Mail", "m4il"), Cancellation);
        await me.Vault.DisposeAsync();

        scene.Vault.Proxy.StandBefore(past);
        for (var again = 0; again < 2; again++)
            Assert.Equal("the Vault", (await UnprovenAsync(() => scene.OpenAsync(alice, old))).Object);
        scene.TellTheTruth();
    }
}
