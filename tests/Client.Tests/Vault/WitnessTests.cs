using Keyladder.Testing;
using static Keyladder.Client.Tests.Person;
using static Keyladder.Client.Tests.Vaults.VaultTests;
using static Keyladder.Client.Tests.Vaults.WitnessScene;

namespace Keyladder.Client.Tests.Vaults;

/// <summary>When a client leaves its witnesses, and what lies at the services then (docs/spec/witness.md section 4).</summary>
public sealed class WitnessTests(WitnessScene scene) : IClassFixture<WitnessScene>
{
    [Fact]
    public async Task They_are_left_when_the_Vault_is_opened_and_closed_and_once_a_minute_in_between()
    {
        await using var alice = new Person(scene.Keystore.Proxy.Address);
        using var time = new LongWaits();
        var calls = Count();
        var me = await scene.StartAsync(alice, time: time);
        Assert.Equal((1, 1), Count() - calls); // by the Vault just made

        await me.Vault.PutAsync(Login("Mail", "m4il"), Cancellation);
        await me.Account.Keys.GeneratePersonalAsync("photos", Cancellation);
        await me.Vault.ListAsync(Cancellation);
        Assert.Equal((1, 1), Count() - calls);

        await time.PassAsync(() => Count() == calls + (2, 2));
        await me.Vault.PutAsync(Login("More", "m0re"), Cancellation);
        await time.PassAsync(() => Count() == calls + (3, 2)); // nothing new at the Keystore
        await me.Vault.ListAsync(Cancellation);
        await me.Vault.DisposeAsync();
        Assert.Equal((3, 2), Count() - calls); // nothing new at all

        await using (var again = (await scene.OpenAsync(alice)).Vault)
            await again.PutAsync(Login("Last", "l4st"), Cancellation);
        Assert.Equal((4, 2), Count() - calls);
    }

    [Fact]
    public async Task Locking_the_account_leaves_them_and_erases_what_sealed_them()
    {
        await using var alice = new Person(scene.Keystore.Proxy.Address);
        var me = await scene.StartAsync(alice);
        await me.Account.Keys.GeneratePersonalAsync("photos", Cancellation);
        var calls = Count();
        var seen = await scene.Keystore.Proxy.RecordAsync(() => me.Account.LockAsync(Cancellation));
        Assert.Equal((1, 1), Count() - calls);
        Assert.Equal([Put, "DELETE /v1/sessions/current"], seen.Calls);
    }

    [Fact]
    public async Task Two_devices_that_are_open_at_once_leave_what_both_have_written()
    {
        await using var alice = new Person(scene.Keystore.Proxy.Address);
        var me = await scene.StartAsync(alice);
        var there = await scene.OpenAsync(alice);
        for (var round = 0; round < 2; round++)
        {
            await me.Vault.PutAsync(Login($"Here {round}", "h3re"), Cancellation);
            await there.Vault.PutAsync(Login($"There {round}", "th3re"), Cancellation);
            await there.Account.Keys.GeneratePersonalAsync("there", Cancellation);
        }

        await there.Vault.DisposeAsync();
        await me.Vault.DisposeAsync();
        var calls = Count();
        await (await scene.OpenAsync(alice)).Vault.DisposeAsync();
        Assert.Equal((0, 0), Count() - calls);
    }

    [Fact]
    public async Task D09_a_fork_that_another_device_witnessed_meanwhile_is_told_by_the_Vault_that_is_open()
    {
        await using var alice = new Person(scene.Keystore.Proxy.Address);
        using var time = new LongWaits();
        var me = await scene.StartAsync(alice, time: time);
        var other = await scene.Keystore.KeepAsync();
        await me.Account.Keys.GeneratePersonalAsync("here", Cancellation);
        await me.Vault.ListAsync(Cancellation);

        scene.Keystore.Proxy.StandBefore(other);
        var there = await alice.UnlockAsync();
        await there.Keys.GeneratePersonalAsync("there", Cancellation);
        await (await there.Vaults.OpenAsync(scene.Vault.Proxy.Address, cancellationToken: Cancellation)).DisposeAsync();
        scene.TellTheTruth();
        await time.PassAsync(() => scene.Vault.Proxy.Calls.Count(call => call == Put) >= 3);

        // The comparison goes on in the background; each call tells what is known by then.
        IntegrityException? told = null;
        for (var tries = 0; told is null && tries < 1_000; tries++)
            told = await Record.ExceptionAsync(() => me.Vault.ListAsync(Cancellation)) as IntegrityException;
        Assert.Equal((Alarm.FreshnessUnproven, "the Keystore"), (told?.Alarm, told?.Object));
        Assert.Equal("the Keystore", (await UnprovenAsync(() => me.Account.Vaults.OpenAsync(scene.Vault.Proxy.Address, cancellationToken: Cancellation))).Object);
    }

    /// <summary>Before the Keystore is asked for its witness, or the Vault for its own: what was accepted a moment ago is behind then, and the account is read once more.</summary>
    [Theory, InlineData("POST /v1/sessions"), InlineData(Get)]
    public async Task What_another_device_writes_while_the_Vault_is_opened_is_no_alarm(string meanwhile)
    {
        await using var alice = new Person(scene.Keystore.Proxy.Address);
        var me = await scene.StartAsync(alice);
        var late = await alice.UnlockAsync();
        var hasWritten = false;
        scene.Vault.Proxy.Lie = answer =>
        {
            if (hasWritten || $"{answer.Method} {answer.Path}" != meanwhile)
                return;
            hasWritten = true;
            Task.Run(async () =>
            {
                await me.Account.Keys.GeneratePersonalAsync("photos", Cancellation);
                await me.Vault.PutAsync(Login("Mail", "m4il"), Cancellation);
                await me.Vault.DisposeAsync();
            }).GetAwaiter().GetResult();
        };
        await using var vault = await late.Vaults.OpenAsync(scene.Vault.Proxy.Address, cancellationToken: Cancellation);
        scene.TellTheTruth();
        Assert.True(hasWritten);
        Assert.Equal(2, (await vault.ListAsync(Cancellation)).Count);
    }

    [Fact]
    public async Task The_Keystore_keeps_one_for_each_Vault()
    {
        await using var another = await VaultHost.StartAsync(Engine.Sqlite);
        await using var alice = new Person(scene.Keystore.Proxy.Address);
        var me = await scene.StartAsync(alice);
        var second = await me.Account.Vaults.CreateAsync(another.Origin, cancellationToken: Cancellation);
        await second.PutAsync(Login("Work", "w0rk"), Cancellation);
        await second.DisposeAsync();
        await me.Vault.PutAsync(Login("Mail", "m4il"), Cancellation);
        await me.Vault.DisposeAsync();

        var account = await alice.UnlockAsync();
        foreach (var address in new[] { scene.Vault.Proxy.Address, another.Origin })
            await (await account.Vaults.OpenAsync(address, cancellationToken: Cancellation)).DisposeAsync();
    }

    [Fact]
    public async Task With_a_ninth_Vault_the_one_that_was_witnessed_longest_ago_is_told_to_have_no_witness()
    {
        await using var alice = new Person(scene.Keystore.Proxy.Address);
        scene.TellTheTruth();
        var account = await alice.SignUpAsync();
        var hosts = new List<VaultHost>();
        for (var number = 0; number < 9; number++)
        {
            hosts.Add(await VaultHost.StartAsync(Engine.Sqlite));
            await using var made = await account.Vaults.CreateAsync(hosts[number].Origin, cancellationToken: Cancellation);
            await made.PutAsync(Login("Bank", "s3cret"), Cancellation);
        }

        await (await account.Vaults.OpenAsync(hosts[8].Origin, cancellationToken: Cancellation)).DisposeAsync();
        var told = await UnprovenAsync(() => account.Vaults.OpenAsync(hosts[0].Origin, cancellationToken: Cancellation));
        Assert.Contains("The Keystore has no witness of the Vault.", told.Message, StringComparison.Ordinal);
        await (await account.Vaults.OpenUnprovenAsync(hosts[0].Origin, told.Choice!, cancellationToken: Cancellation)).DisposeAsync();
        await (await account.Vaults.OpenAsync(hosts[0].Origin, cancellationToken: Cancellation)).DisposeAsync();
        foreach (var host in hosts)
            await host.DisposeAsync();
    }

    [Fact]
    public async Task What_the_two_services_keep_of_one_person_has_nothing_in_common()
    {
        await using var alice = new Person(scene.Keystore.Proxy.Address);
        var me = await scene.StartAsync(alice);
        await me.Account.Keys.GeneratePersonalAsync("photos", Cancellation);
        await me.Vault.DisposeAsync();
        var (here, there) = (await ValuesAsync(scene.Keystore.Real.Database, me.Account.Id), await ValuesAsync(scene.Vault.Real.Database, me.Vault.Id));
        Assert.Equal((3, 3), (here.Length, there.Length));
        Assert.Empty(here.Intersect(there));
        Assert.All(here.Zip(there), pair => Assert.Equal(pair.First.Length > 100, pair.Second.Length > 100));
        // Neither is the number of a head.
        Assert.DoesNotContain($"{me.Vault.Change}", here);
        Assert.DoesNotContain("3", there);
    }

    private static async Task<string[]> ValuesAsync(TestDatabase database, Cryptography.AccountId account) =>
        [.. (await database.TablesAsync()).Single(table => table.Table == "witnesses").Rows.Single(row => row[0] == account.ToString())];

    private Calls Count() => new(
        scene.Keystore.Proxy.Calls.Count(call => call == Put), scene.Vault.Proxy.Calls.Count(call => call == Put));

    private readonly record struct Calls(int AtKeystore, int AtVault)
    {
        public static implicit operator Calls((int AtKeystore, int AtVault) calls) => new(calls.AtKeystore, calls.AtVault);

        public static Calls operator -(Calls one, Calls other) => new(one.AtKeystore - other.AtKeystore, one.AtVault - other.AtVault);

        public static Calls operator +(Calls one, Calls other) => new(one.AtKeystore + other.AtKeystore, one.AtVault + other.AtVault);
    }
}
