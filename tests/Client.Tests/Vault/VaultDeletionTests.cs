using System.Text;
using Keyladder.Cryptography.Heads;
using Keyladder.Keys.Envelopes;
using Keyladder.Testing;
using static Keyladder.Client.Tests.Person;
using static Keyladder.Client.Tests.Vaults.VaultTests;

namespace Keyladder.Client.Tests.Vaults;

/// <summary>Docs/spec/heads.md section 7, at a Vault: the account at the Keystore goes on.</summary>
public sealed class VaultDeletionTests
{
    [Theory, OnBothEngines]
    public async Task A_deleted_Vault_opens_nowhere_and_then_its_keys_go(Engine engine)
    {
        await using var keystore = await KeystoreHost.StartAsync(engine);
        await using var host = await VaultHost.StartAsync(engine);
        await using var alice = new VaultOwner(keystore.Origin, host.Origin);
        var pins = new MemoryPinStore();
        var here = await alice.CreateAsync(pins);
        var (mine, elsewhere) = (await alice.UnlockAsync(pins), await alice.UnlockAsync());
        await here.PutAsync(Login("Bank", "gone"), Cancellation);
        var there = await elsewhere.Vaults.OpenAsync(host.Origin, cancellationToken: Cancellation);
        var open = await mine.Vaults.OpenAsync(host.Origin, cancellationToken: Cancellation);
        using var kept = await mine.Keys.GeneratePersonalAsync("photos", Cancellation);
        await Lies.Expect.FailureAsync(FailureReason.NotAllowed, () => mine.Vaults.ForgetAsync(host.Origin, cancellationToken: Cancellation));

        var deleted = (await mine.Vaults.DeleteAsync(host.Origin, cancellationToken: Cancellation))!;

        Assert.True(AccountDeletion.TryVerify<VaultHead>(deleted.Statement, out var statement));
        Assert.Equal((here.Id, here.Change + 1, deleted.Day), (statement.Account, statement.Number, (DateOnly?)statement.Day));
        Assert.Equal((here.Id, 3L), (deleted.Id, deleted.Rows["objects"]));
        Assert.True((await pins.GetAsync(here.Id, Cancellation))!.IsDeleted);
        Assert.DoesNotContain(here.Id.ToString(), await host.Database.DumpAsync(), StringComparison.Ordinal);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => open.ListAsync(Cancellation));
        await Lies.Expect.FailureAsync(FailureReason.SessionEnded, () => there.ListAsync(Cancellation));
        await Lies.Expect.FailureAsync(FailureReason.SignInFailed, () => mine.Vaults.OpenAsync(host.Origin, cancellationToken: Cancellation));

        // Only who has seen it go believes that it is gone, and lets go of its keys.
        Assert.Null(await mine.Vaults.DeleteAsync(host.Origin, cancellationToken: Cancellation));
        await Lies.Expect.FailureAsync(FailureReason.SignInFailed, () => elsewhere.Vaults.DeleteAsync(host.Origin, cancellationToken: Cancellation));
        await Lies.Expect.FailureAsync(FailureReason.NotAllowed, () => elsewhere.Vaults.ForgetAsync(host.Origin, cancellationToken: Cancellation));
        Assert.Equal(4, (await elsewhere.Keys.ListAsync(Cancellation)).Count);
        await mine.Vaults.ForgetAsync(host.Origin, cancellationToken: Cancellation);

        Assert.Equal(kept.Id, Assert.Single(await elsewhere.Keys.ListAsync(Cancellation)).Id);
        Assert.Empty(await elsewhere.Vaults.ListAsync(Cancellation));
        await Lies.Expect.FailureAsync(FailureReason.NotFound, () => mine.Vaults.ForgetAsync(host.Origin, cancellationToken: Cancellation));
        await using var anew = await mine.Vaults.CreateAsync(host.Origin, cancellationToken: Cancellation);
        Assert.NotEqual(here.Id, anew.Id);
        Assert.Empty(await anew.ListAsync(Cancellation));
        Assert.Equal(4, (await mine.Keys.ListAsync(Cancellation)).Count(key => key.Purpose != KeyPurpose.Signing));
    }

    [Fact]
    public async Task An_address_that_is_no_Vaults_leaves_no_keys_behind()
    {
        await using var keystore = await KeystoreHost.StartAsync(Engine.Sqlite);
        await using var host = await VaultHost.StartAsync(Engine.Sqlite);
        await using var alice = new VaultOwner(keystore.Origin, host.Origin);
        var account = await alice.SignUpAsync();
        var alias = new UriBuilder(host.Origin) { Host = host.Origin.Host == "localhost" ? "127.0.0.1" : "localhost" }.Uri;
        foreach (var slip in new[] { keystore.Origin, alias })
        {
            await Lies.Expect.FailureAsync(FailureReason.NotFound, () => account.Vaults.CreateAsync(slip, cancellationToken: Cancellation));
            Assert.Empty(await account.Vaults.ListAsync(Cancellation));
        }

        await using var vault = await account.Vaults.CreateAsync(host.Origin, cancellationToken: Cancellation);
        Assert.Equal(host.Origin, Assert.Single(await account.Vaults.ListAsync(Cancellation)));
    }

    [Fact]
    public async Task The_keys_of_a_Vault_that_is_gone_go_where_the_person_says_so()
    {
        await using var keystore = await KeystoreHost.StartAsync(Engine.Sqlite);
        await using var host = await VaultHost.StartAsync(Engine.Sqlite);
        await using var alice = new VaultOwner(keystore.Origin, host.Origin);
        await using var vault = await alice.CreateAsync();
        var account = await alice.UnlockAsync();
        var address = host.Origin;
        await host.StopAsync();

        await Lies.Expect.FailureAsync(FailureReason.NotAllowed, () => account.Vaults.ForgetAsync(address, cancellationToken: Cancellation));
        await account.Vaults.ForgetAsync(address, unproven: true, Cancellation);

        Assert.Empty(await account.Vaults.ListAsync(Cancellation));
    }

    [Fact]
    public async Task A_Vault_that_shows_the_account_again_is_noticed()
    {
        await using var keystore = await KeystoreHost.StartAsync(Engine.Sqlite);
        await using var hostile = new HostileVault();
        await hostile.InitializeAsync();
        var address = hostile.Proxy.Address;
        await using var alice = new VaultOwner(keystore.Origin, address);
        var pins = new MemoryPinStore();
        await (await alice.CreateAsync(pins)).PutAsync(Login("Bank", "kept"), Cancellation);
        var account = await alice.UnlockAsync(pins);

        // It says that it has, and keeps everything.
        hostile.Proxy.Invent = (call, _) => call == "POST /v1/account/deletion" ? Encoding.UTF8.GetBytes("""{"day":"2026-01-02","rows":[]}""") : null;
        Assert.NotNull(await account.Vaults.DeleteAsync(address, cancellationToken: Cancellation));
        hostile.TellTheTruth();

        foreach (var call in new Func<Task>[]
        {
            () => account.Vaults.OpenAsync(address, cancellationToken: Cancellation),
            () => account.Vaults.CreateAsync(address, cancellationToken: Cancellation),
            () => account.Vaults.DeleteAsync(address, cancellationToken: Cancellation),
        })
        {
            var refusal = await Assert.ThrowsAsync<IntegrityException>(call);
            Assert.Equal(Alarm.RolledBack, refusal.Alarm);
            Assert.Contains("has deleted the account", refusal.Message, StringComparison.Ordinal);
        }
    }
}
