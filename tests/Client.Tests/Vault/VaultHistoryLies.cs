using System.Text;
using Keyladder.Testing;
using static Keyladder.Client.Tests.Person;
using static Keyladder.Client.Tests.Vaults.VaultTests;

namespace Keyladder.Client.Tests.Vaults;

/// <summary>What a hostile Vault can do with two answers of two moments.</summary>
public sealed class VaultHistoryLies(WitnessScene scene) : IClassFixture<WitnessScene>
{
    [Fact]
    public async Task D08_who_has_shown_a_later_head_where_objects_are_fetched_cannot_go_back_on_it()
    {
        await using var alice = new Person(scene.Keystore.Proxy.Address);
        var me = await scene.StartAsync(alice);
        var there = (await scene.OpenAsync(alice)).Vault;
        var bank = (await there.ListAsync(Cancellation))[0].Id;
        var unchanged = scene.Vault.Proxy.Last(VaultScene.Changes);
        await me.Vault.PutAsync(Login("Mail", "m4il"), Cancellation);

        // Nothing has changed, says the list; and what is fetched is of a later head.
        scene.Vault.Proxy.Lie = answer =>
        {
            if ($"{answer.Method} {answer.Path}" == VaultScene.Changes)
                answer.Body = Encoding.UTF8.GetBytes(unchanged.ToJsonString());
        };
        var refusal = await Assert.ThrowsAsync<IntegrityException>(() => there.GetAsync(bank, Cancellation));
        scene.TellTheTruth();
        Assert.Equal(Alarm.RolledBack, refusal.Alarm);
        Assert.Equal("s3cret", (await there.GetAsync(bank, Cancellation)).Find("password")!.GetText());
    }

    /// <summary>The chain that proves a witness must lead from the head that counts: one from another branch, signed as well, proves nothing about it.</summary>
    [Fact]
    public async Task D09_a_chain_of_the_other_branch_proves_no_witness()
    {
        await using var alice = new Person(scene.Keystore.Proxy.Address);
        var me = await scene.StartAsync(alice);
        var branch = await scene.Keystore.KeepAsync();
        await me.Account.Keys.GeneratePersonalAsync("witnessed", Cancellation);
        await me.Vault.DisposeAsync();
        await me.Account.Keys.GeneratePersonalAsync("later", Cancellation);
        byte[]? proof = null;
        scene.Keystore.Proxy.Lie = answer => proof = IsAboutTheWitness(answer) ? answer.Body : proof;
        scene.Vault.Proxy.Block = call => call == WitnessScene.Put;
        await (await scene.OpenAsync(alice)).Vault.DisposeAsync();
        scene.TellTheTruth();
        Assert.NotNull(proof);

        scene.Keystore.Proxy.StandBefore(branch);
        var there = await alice.UnlockAsync();
        for (var change = 0; change < 3; change++)
            await there.Keys.GeneratePersonalAsync("there", Cancellation);
        scene.Keystore.Proxy.Lie = answer => answer.Body = IsAboutTheWitness(answer) ? proof : answer.Body;
        await Assert.ThrowsAnyAsync<KeyladderException>(() => there.Vaults.OpenAsync(scene.Vault.Proxy.Address, cancellationToken: Cancellation));
        scene.Keystore.Proxy.Lie = null;
        Assert.Equal("the Keystore", (await WitnessScene.UnprovenAsync(() => there.Vaults.OpenAsync(scene.Vault.Proxy.Address, cancellationToken: Cancellation))).Object);
        scene.TellTheTruth();

        static bool IsAboutTheWitness(ProxiedAnswer answer) => answer.Path == "/v1/account" && answer.Target.EndsWith("since=3", StringComparison.Ordinal);
    }

    [Fact]
    public async Task D08_a_Keystore_that_goes_back_while_a_Vault_is_open_is_told_where_the_witness_is_looked_at_again()
    {
        await using var alice = new Person(scene.Keystore.Proxy.Address);
        using var time = new LongWaits();
        var me = await scene.StartAsync(alice, time: time);
        var past = await scene.Keystore.KeepAsync();
        await me.Account.Keys.GeneratePersonalAsync("here", Cancellation);
        var there = await scene.OpenAsync(alice);
        await there.Account.Keys.GeneratePersonalAsync("there", Cancellation);
        await there.Vault.DisposeAsync();

        // The other device's witness came first, and so it is compared: with a Keystore that shows less than this one has seen.
        scene.Keystore.Proxy.StandBefore(past);
        var puts = scene.Vault.Proxy.Calls.Count(call => call == WitnessScene.Put);
        await me.Vault.ListAsync(Cancellation);
        await time.PassAsync(() => scene.Vault.Proxy.Calls.Count(call => call == WitnessScene.Put) > puts);
        IntegrityException? told = null;
        for (var tries = 0; told is null && tries < 1_000; tries++)
            told = await Record.ExceptionAsync(() => me.Vault.ListAsync(Cancellation)) as IntegrityException;
        scene.TellTheTruth();
        Assert.Equal(Alarm.RolledBack, told?.Alarm);
    }

    [Fact]
    public async Task A_witness_that_cannot_be_looked_at_again_takes_nobody_the_Vault_that_is_open()
    {
        await using var alice = new Person(scene.Keystore.Proxy.Address);
        using var time = new LongWaits();
        var me = await scene.StartAsync(alice, time: time);
        var there = await scene.OpenAsync(alice);
        await there.Account.Keys.GeneratePersonalAsync("there", Cancellation);
        await there.Vault.DisposeAsync();
        await me.Account.Keys.GeneratePersonalAsync("here", Cancellation);

        scene.Vault.Proxy.Block = call => call == WitnessScene.Get;
        var gets = Gets();
        await me.Vault.ListAsync(Cancellation);
        await time.PassAsync(() => Gets() == gets + 3); // as often as a call is tried
        for (var tries = 0; tries < 50; tries++)
            Assert.Single(await me.Vault.ListAsync(Cancellation));
        scene.TellTheTruth();

        int Gets() => scene.Vault.Proxy.Calls.Count(call => call == WitnessScene.Get);
    }
}
