using Keyladder.Cryptography;
using Keyladder.Cryptography.Heads;
using Keyladder.Keys.Envelopes;
using Keyladder.Keys.Vault;
using Keyladder.Testing;
using static Keyladder.Client.Tests.Person;
using static Keyladder.Client.Tests.Vaults.VaultTests;

namespace Keyladder.Client.Tests.Vaults;

/// <summary>Devices that run while another one replaces the DEK of their Vault (docs/spec/vault.md section 1).</summary>
public sealed class ReplacedKeyTests(OfflineScene scene) : IClassFixture<OfflineScene>
{
    private const string Write = "POST /v1/changes";

    private Uri Address => scene.Hostile.Proxy.Address;

    /// <summary>Without a copy it seals as it sends; with one it has sealed on its disk before it sends.</summary>
    [Theory, InlineData(false), InlineData(true)]
    public async Task J07_a_device_that_runs_seals_by_the_new_key_as_soon_as_its_write_reaches_the_Vault(bool keepsCopy)
    {
        await using var alice = await scene.StartAsync();
        var running = keepsCopy ? alice.Vault : await alice.OpenElsewhereAsync();
        var other = await alice.OpenElsewhereAsync();
        var bank = await running.GetAsync(alice.Item, Cancellation);
        var old = bank.Item.Stored.Dek;
        await (await alice.Person.UnlockAsync()).Vaults.ReplaceKeyAsync(Address, cancellationToken: Cancellation);

        ItemId added = default;
        var seen = await scene.Hostile.Proxy.RecordAsync(async () => added = (await running.PutAsync(Login("New", "new"), Cancellation)).Id);
        var changed = await running.PutAsync(bank.Edit().With(ItemAttribute.Text("password", "changed")), Cancellation);

        Assert.Equal(2, seen.Calls.Count(call => call == Write));
        Assert.Null(changed.Conflict);
        var items = await other.GetManyAsync([added, alice.Item], Cancellation);
        var sealing = items[0].Item.Stored.Dek;
        Assert.NotEqual(old, sealing);
        Assert.All(items, item => Assert.Equal(sealing, item.Item.Stored.Dek));
        Assert.Equal(["new", "changed"], items.Select(item => item.Find("password")!.GetText()));
        Assert.Equal(await NamesOfNewAsync(other, old), await NamesOfNewAsync(running, old));
        Assert.Empty(running.Queued);
    }

    [Fact]
    public async Task J07_a_device_that_runs_goes_on_with_what_the_new_key_has_sealed()
    {
        await using var alice = await scene.StartAsync();
        var running = await alice.OpenElsewhereAsync();
        var bank = await running.GetAsync(alice.Item, Cancellation);
        await alice.Account.Vaults.ReplaceKeyAsync(Address, cancellationToken: Cancellation);
        await alice.Vault.PutAsync((await alice.Vault.GetAsync(alice.Item, Cancellation)).Edit().With(ItemAttribute.Text("user", "alice@new")), Cancellation);

        var written = await running.PutAsync(bank.Edit().With(ItemAttribute.Text("password", "changed")), Cancellation);

        Assert.Null(written.Conflict);
        var merged = await alice.Vault.GetAsync(alice.Item, Cancellation);
        Assert.Equal(("alice@new", "changed"), (merged.Find("user")!.GetText(), merged.Find("password")!.GetText()));
    }

    [Fact]
    public async Task J07_what_was_cut_off_before_the_Vault_heard_of_it_is_named_by_the_next_write_of_whoever_knows()
    {
        await using var alice = await scene.StartAsync();
        var running = await alice.OpenElsewhereAsync();
        var old = (await running.GetAsync(alice.Item, Cancellation)).Item.Stored.Dek;
        var account = await alice.Person.UnlockAsync();
        var service = (await account.Keys.ListAsync(Cancellation)).First(key => key.Purpose == KeyPurpose.VaultHead).Overview.Service!;
        await account.Keys.ReplaceVaultDekAsync(service, Cancellation);
        await using (var vault = await account.Vaults.OpenAsync(Address, cancellationToken: Cancellation))
            await vault.PutAsync(Login("Elsewhere", "x"), Cancellation);

        var added = await running.PutAsync(Login("New", "new"), Cancellation);

        Assert.NotEqual(old, (await running.GetAsync(added.Id, Cancellation)).Item.Stored.Dek);
    }

    [Fact]
    public async Task J07_while_the_Keystore_withholds_the_new_key_nothing_is_written()
    {
        await using var alice = await scene.StartAsync();
        var running = await alice.OpenElsewhereAsync();
        var old = (await running.GetAsync(alice.Item, Cancellation)).Item.Stored.Dek;
        var before = await scene.Keystore.KeepAsync();
        await alice.Account.Vaults.ReplaceKeyAsync(Address, cancellationToken: Cancellation);

        scene.Keystore.Proxy.StandBefore(before);
        await Lies.Expect.FailureAsync(FailureReason.NotAllowed, () => running.PutAsync(Login("New", "new"), Cancellation));

        scene.Mend();
        Assert.Equal(["Bank"], (await alice.Vault.ListAsync(Cancellation)).Select(item => item.Name));
        var added = (await running.PutAsync(Login("New", "new"), Cancellation)).Id;
        Assert.NotEqual(old, (await running.GetAsync(added, Cancellation)).Item.Stored.Dek);
    }

    [Fact]
    public async Task J07_where_the_new_key_was_deleted_nothing_is_written_until_it_is_replaced_again()
    {
        await using var alice = await scene.StartAsync();
        var running = await alice.OpenElsewhereAsync();
        var account = await alice.Person.UnlockAsync();
        await account.Vaults.ReplaceKeyAsync(Address, cancellationToken: Cancellation);
        var made = (await account.Keys.ListAsync(Cancellation)).Single(key => key is { Purpose: KeyPurpose.PersonalDek, State: KeyState.Active });
        await account.Keys.DeleteAsync(made.Id, Cancellation);

        await Lies.Expect.FailureAsync(FailureReason.NotAllowed, () => running.PutAsync(Login("New", "new"), Cancellation));
        Assert.DoesNotContain(await running.ListAsync(Cancellation), item => item.Name == "New");

        await account.Vaults.ReplaceKeyAsync(Address, cancellationToken: Cancellation);
        await running.PutAsync(Login("New", "new"), Cancellation);
        Assert.Contains(await alice.Vault.ListAsync(Cancellation), item => item.Name == "New");
    }

    /// <summary>The limit: a Vault that withholds the replacement gets what a device seals meanwhile, in a history that meets the others' never again.</summary>
    [Fact]
    public async Task J07_a_Vault_that_withholds_the_replacement_has_to_keep_two_histories_and_is_found_out()
    {
        await using var alice = await scene.StartAsync();
        var running = await alice.OpenElsewhereAsync();
        var honest = await alice.OpenElsewhereAsync();
        await running.ListAsync(Cancellation);
        var before = await scene.Hostile.KeepAsync();
        await alice.Account.Vaults.ReplaceKeyAsync(Address, cancellationToken: Cancellation);
        await honest.PutAsync(Login("Theirs", "x"), Cancellation);

        scene.Hostile.Proxy.StandBefore(before);
        await running.PutAsync(Login("Fooled", "x"), Cancellation);
        await running.PutAsync(Login("Fooled again", "x"), Cancellation);
        await Lies.Expect.AlarmAsync(Alarm.Forked, () => honest.ListAsync(Cancellation));

        scene.Hostile.TellTheTruth();
        await Lies.Expect.AlarmAsync(Alarm.Forked, () => running.ListAsync(Cancellation));
        Assert.DoesNotContain(await honest.ListAsync(Cancellation), item => item.Name.StartsWith("Fooled", StringComparison.Ordinal));
    }

    [Fact]
    public async Task J07_a_key_that_was_replaced_since_a_backup_stays_replaced_after_its_restore()
    {
        await using var scene = await RestoreScene.StartAsync(Engine.Sqlite);
        var phone = await scene.SignUpAsync();
        var bank = await phone.PutAsync("Bank", "first");
        var tablet = await scene.UnlockAsync();
        var old = (await tablet.Vault.GetAsync(bank, Cancellation)).Item.Stored.Dek;
        await scene.BackUpAsync();
        await (await scene.Alice.UnlockAsync()).Vaults.ReplaceKeyAsync(scene.Proxy.Address, cancellationToken: Cancellation);
        await phone.Vault.ListAsync(Cancellation);
        await scene.RestoreAsync();
        await phone.OpenAsync(await Assert.ThrowsAsync<RestoredException>(() => phone.OpenAsync()));

        var added = await tablet.PutAsync("New", "new");

        Assert.NotEqual(old, (await phone.Vault.GetAsync(added, Cancellation)).Item.Stored.Dek);
    }

    [Fact]
    public async Task With_a_Vault_that_does_not_answer_no_key_is_replaced()
    {
        await using var alice = await scene.StartAsync();
        var before = (await alice.Account.Keys.ListAsync(Cancellation)).Count;
        scene.Cut();
        await Lies.Expect.FailureAsync(FailureReason.Unreachable, () => alice.Account.Vaults.ReplaceKeyAsync(Address, cancellationToken: Cancellation));
        Assert.Equal(before, (await alice.Account.Keys.ListAsync(Cancellation)).Count);
    }

    private static async Task<IReadOnlyList<Hash256>> NamesOfNewAsync(Client.Vault vault, Hash256 old) =>
        [.. (await vault.ListAsync(Cancellation)).Select(item => item.Stored.Dek).Where(dek => dek != old)];
}
