using System.Text.Json.Nodes;
using Keyladder.Client.Tests.Integrity;
using Keyladder.Cryptography;
using Keyladder.Testing;
using static Keyladder.Client.Tests.Person;
using static Keyladder.Client.Tests.Vaults.VaultTests;
using static Keyladder.Client.Tests.Vaults.WitnessScene;

namespace Keyladder.Client.Tests.Vaults;

/// <summary>The table of docs/spec/witness.md section 3, row by row, against a Keystore or a Vault that lies.</summary>
public sealed class WitnessLies(WitnessScene scene) : IClassFixture<WitnessScene>
{
    private const string Keystore = "the Keystore";
    private const string Vault = "the Vault";

    [Fact]
    public async Task D08_a_Keystore_that_goes_back_is_found_by_a_device_that_remembers_nothing()
    {
        await using var alice = new Person(scene.Keystore.Proxy.Address);
        var me = await scene.StartAsync(alice);
        var past = await scene.Keystore.KeepAsync();
        await me.Account.Keys.GeneratePersonalAsync("photos", Cancellation);
        await me.Vault.DisposeAsync();

        scene.Keystore.Proxy.StandBefore(past);
        var told = await UnprovenAsync(() => scene.OpenAsync(alice));
        Assert.Equal(Keystore, told.Object);
        Assert.Contains("The Vault has seen change 3, and change 2 is shown as the newest of the Keystore.", told.Message, StringComparison.Ordinal);
        scene.TellTheTruth();
        await (await scene.OpenAsync(alice)).Vault.DisposeAsync();
    }

    [Fact]
    public async Task D08_a_Vault_that_goes_back_is_found_by_a_device_that_remembers_nothing()
    {
        await using var alice = new Person(scene.Keystore.Proxy.Address);
        var me = await scene.StartAsync(alice);
        var past = await scene.Vault.KeepAsync();
        await me.Vault.PutAsync(Login("Mail", "m4il"), Cancellation);
        await me.Vault.DisposeAsync();

        scene.Vault.Proxy.StandBefore(past);
        var told = await UnprovenAsync(() => scene.OpenAsync(alice));
        Assert.Equal(Vault, told.Object);
        Assert.Contains("The Keystore has seen change 3, and change 2 is shown as the newest of the Vault.", told.Message, StringComparison.Ordinal);
        scene.TellTheTruth();
        Assert.Equal(2, (await (await scene.OpenAsync(alice)).Vault.ListAsync(Cancellation)).Count);
    }

    [Fact]
    public async Task D01_the_account_from_before_a_change_of_words_is_found_by_a_device_that_knows_the_old_ones_alone()
    {
        await using var alice = new Person(scene.Keystore.Proxy.Address) { Secret = NewWords() };
        var me = await scene.StartAsync(alice);
        var past = await scene.Keystore.KeepAsync();
        using var next = NewWords();
        await me.Account.ChangePassphraseAsync(next, next, Cancellation);
        await me.Vault.DisposeAsync();

        scene.Keystore.Proxy.StandBefore(past);
        Assert.Equal(Keystore, (await UnprovenAsync(() => scene.OpenAsync(alice))).Object);
        scene.TellTheTruth();
    }

    [Theory, InlineData(1), InlineData(3)]
    public async Task D09_a_fork_of_the_Keystore_is_found_where_the_second_device_opens_the_Vault(int changes)
    {
        await using var alice = new Person(scene.Keystore.Proxy.Address);
        var me = await scene.StartAsync(alice);
        var other = await scene.Keystore.KeepAsync();
        await me.Account.Keys.GeneratePersonalAsync("here", Cancellation);
        await me.Vault.DisposeAsync();

        scene.Keystore.Proxy.StandBefore(other);
        var there = await alice.UnlockAsync();
        for (var change = 0; change < changes; change++)
            await there.Keys.GeneratePersonalAsync("there", Cancellation);
        var told = await UnprovenAsync(() => there.Vaults.OpenAsync(scene.Vault.Proxy.Address, cancellationToken: Cancellation));
        Assert.Equal(Keystore, told.Object);
        Assert.Contains("The Vault has seen a change 3 that is not in the history now shown of the Keystore.", told.Message, StringComparison.Ordinal);
        scene.TellTheTruth();
    }

    [Theory, InlineData(1), InlineData(3)]
    public async Task D09_a_fork_of_the_Vault_is_found_by_the_second_device(int changes)
    {
        await using var alice = new Person(scene.Keystore.Proxy.Address);
        var me = await scene.StartAsync(alice);
        var other = await scene.Vault.KeepAsync();
        scene.Vault.Proxy.StandBefore(other);
        var there = (await scene.OpenAsync(alice)).Vault;
        for (var change = 0; change < changes; change++)
            await there.PutAsync(Login($"There {change}", "there"), Cancellation);
        scene.Vault.TellTheTruth();
        await me.Vault.PutAsync(Login("Here", "here"), Cancellation);
        await me.Vault.DisposeAsync();

        scene.Vault.Proxy.StandBefore(other);
        Assert.Equal(Vault, (await UnprovenAsync(() => scene.OpenAsync(alice))).Object);
        scene.TellTheTruth();
    }

    [Fact]
    public async Task J09_a_device_whose_memory_was_set_back_with_the_Keystore_finds_it()
    {
        await using var alice = new Person(scene.Keystore.Proxy.Address);
        var pins = new MemoryPinStore();
        var me = await scene.StartAsync(alice, pins);
        var past = await scene.Keystore.KeepAsync();
        var old = new MemoryPinStore();
        foreach (var account in new[] { me.Account.Id, me.Vault.Id })
            Assert.True(await old.TryReplaceAsync(account, Cryptography.Heads.HeadPin.None, (await pins.GetAsync(account, Cancellation))!, Cancellation));
        await me.Account.Keys.GeneratePersonalAsync("photos", Cancellation);
        await me.Vault.DisposeAsync();

        scene.Keystore.Proxy.StandBefore(past);
        for (var again = 0; again < 2; again++)
            Assert.Equal(Keystore, (await UnprovenAsync(() => scene.OpenAsync(alice, old))).Object);
        scene.TellTheTruth();
    }

    public static TheoryData<string, bool> Useless() => new(
        from what in new[] { "none", "altered", "another person's", "from the other service", "empty", "no answer", "an answer of another form", "failed" }
        from atVault in new[] { true, false }
        select (what, atVault));

    [Theory, MemberData(nameof(Useless))]
    public async Task D08_what_is_missing_does_not_open_or_is_not_shown_proves_nothing_and_the_person_may_go_on(string what, bool atVault)
    {
        await using var alice = new Person(scene.Keystore.Proxy.Address);
        await using var bob = new Person(scene.Keystore.Proxy.Address);
        var me = await scene.StartAsync(alice);
        await scene.StartAsync(bob);
        var bobs = await WitnessesAsync(bob);
        await me.Vault.DisposeAsync();
        var (own, others) = (await WitnessesAsync(alice), atVault ? bobs.AtVault : bobs.AtKeystore);
        var elsewhere = atVault ? own.AtKeystore : own.AtVault;
        var proxy = atVault ? scene.Vault.Proxy : scene.Keystore.Proxy;
        var isAnswered = false;
        proxy.Lie = answer =>
        {
            if ($"{answer.Method} {answer.Path}" != Get || isAnswered)
                return;
            switch (what)
            {
                case "none": answer.Json = new JsonObject { ["sequence"] = 0 }; break;
                case "altered": answer.Edit(json => json["sealed"] = Altered(json["sealed"]!.GetValue<string>())); break;
                case "another person's": answer.Json = others.DeepClone().AsObject(); break;
                case "from the other service": answer.Json = elsewhere.DeepClone().AsObject(); break;
                case "empty": answer.Edit(json => json["sealed"] = ""); break;
                case "no answer": answer.Lost = true; break;
                case "an answer of another form": answer.Edit(json => json["more"] = 1); break;
                default: answer.Status = 500; break;
            }
        };

        var account = await alice.UnlockAsync();
        var told = await UnprovenAsync(() => account.Vaults.OpenAsync(scene.Vault.Proxy.Address, cancellationToken: Cancellation));
        Assert.Equal(atVault ? Keystore : Vault, told.Object);
        Assert.Contains(
            what switch
            {
                "none" => "has no witness of",
                "no answer" or "an answer of another form" or "failed" => "did not give its witness of",
                _ => "shows what does not open as its witness of",
            },
            told.Message,
            StringComparison.Ordinal);

        // As often as it is asked, and with whatever is brought but what was told.
        await UnprovenAsync(() => account.Vaults.OpenUnprovenAsync(scene.Vault.Proxy.Address, "000000000000", cancellationToken: Cancellation));
        await using (var vault = await account.Vaults.OpenUnprovenAsync(scene.Vault.Proxy.Address, told.Choice!, cancellationToken: Cancellation))
            Assert.Single(await vault.ListAsync(Cancellation));

        // Who went on left a witness, as far as the service takes one.
        isAnswered = true;
        await (await scene.OpenAsync(alice)).Vault.DisposeAsync();
        scene.TellTheTruth();
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task A_service_that_is_down_when_it_is_asked_for_its_witness_locks_nobody_out_of_the_Vault(bool atVault)
    {
        await using var alice = new Person(scene.Keystore.Proxy.Address);
        await (await scene.StartAsync(alice)).Vault.DisposeAsync();
        (atVault ? scene.Vault.Proxy : scene.Keystore.Proxy).Block = call => call is Get or Put;
        Assert.Equal(atVault ? Keystore : Vault, (await scene.GoOnAsync(alice)).Object);
        scene.TellTheTruth();
        await (await scene.OpenAsync(alice)).Vault.DisposeAsync();
    }

    [Fact]
    public async Task Both_services_without_a_witness_are_no_alarm_for_a_Vault_that_was_just_made_and_for_no_other()
    {
        await using var alice = new Person(scene.Keystore.Proxy.Address);
        scene.TellTheTruth();
        Action<ProxiedAnswer> none = answer =>
        {
            if ($"{answer.Method} {answer.Path}" == Get)
                answer.Json = new JsonObject { ["sequence"] = 0 };
        };
        var account = await alice.SignUpAsync();
        var vault = await account.Vaults.CreateAsync(scene.Vault.Proxy.Address, cancellationToken: Cancellation);
        (scene.Keystore.Proxy.Lie, scene.Vault.Proxy.Lie) = (none, none);
        await (await scene.OpenAsync(alice)).Vault.DisposeAsync();
        scene.Vault.TellTheTruth();
        Assert.Equal(Vault, (await UnprovenAsync(() => scene.OpenAsync(alice))).Object);
        scene.TellTheTruth();

        await vault.PutAsync(Login("Bank", "s3cret"), Cancellation);
        (scene.Keystore.Proxy.Lie, scene.Vault.Proxy.Lie) = (none, none);
        var told = await UnprovenAsync(() => scene.OpenAsync(alice));
        Assert.Equal("the Keystore and the Vault", told.Object);
        scene.TellTheTruth();
    }

    [Fact]
    public async Task D08_a_choice_is_for_what_was_told_and_for_nothing_else()
    {
        await using var alice = new Person(scene.Keystore.Proxy.Address);
        var me = await scene.StartAsync(alice);
        var past = await scene.Keystore.KeepAsync();
        await me.Account.Keys.GeneratePersonalAsync("photos", Cancellation);
        await me.Vault.DisposeAsync();
        scene.Keystore.Proxy.StandBefore(past);
        var account = await alice.UnlockAsync();
        Task<Client.Vault> GoOnAsync(IntegrityException told) => account.Vaults.OpenUnprovenAsync(scene.Vault.Proxy.Address, told.Choice!, cancellationToken: Cancellation);
        var older = await UnprovenAsync(() => account.Vaults.OpenAsync(scene.Vault.Proxy.Address, cancellationToken: Cancellation));

        scene.Vault.Proxy.Lie = answer =>
        {
            if ($"{answer.Method} {answer.Path}" == Get)
                answer.Json = new JsonObject { ["sequence"] = 0 };
        };
        var missing = await UnprovenAsync(() => GoOnAsync(older));
        scene.Vault.TellTheTruth();
        Assert.Equal(older.Choice, (await UnprovenAsync(() => GoOnAsync(missing))).Choice);
        await account.Keys.GeneratePersonalAsync("more", Cancellation);
        Assert.NotEqual(older.Choice, (await UnprovenAsync(() => GoOnAsync(older))).Choice);
        scene.TellTheTruth();
    }

    [Theory, InlineData(1), InlineData(6)]
    public async Task A_witness_that_is_older_than_the_head_is_proof_if_the_service_leads_there_and_none_if_it_does_not(int changes)
    {
        await using var alice = new Person(scene.Keystore.Proxy.Address);
        var me = await scene.StartAsync(alice);
        await me.Vault.DisposeAsync();
        for (var change = 0; change < changes; change++)
            await me.Account.Keys.GeneratePersonalAsync("later", Cancellation);

        scene.Keystore.Proxy.Lie = answer =>
        {
            if (answer.Path == "/v1/account" && answer.Target.EndsWith("since=2", StringComparison.Ordinal))
                answer.Edit(json => json["chain"] = changes > 1 ? new JsonArray() : new JsonArray(json["head"]!.DeepClone()));
        };
        Assert.Equal(Keystore, (await UnprovenAsync(() => scene.OpenAsync(alice))).Object);
        scene.TellTheTruth();
        await (await scene.OpenAsync(alice)).Vault.DisposeAsync();
    }

    [Fact]
    public async Task What_the_person_gave_up_after_a_restore_is_no_alarm_on_any_device()
    {
        using var backup = new YesterdaysBackup();
        await using var keystore = await KeystoreHost.StartAsync(Engine.Sqlite, recorded: true);
        scene.TellTheTruth();
        await using var alice = new Person(keystore.Origin);
        var pins = new MemoryPinStore();
        var account = await alice.SignUpAsync(pins);
        await using (await account.Vaults.CreateAsync(scene.Vault.Proxy.Address, cancellationToken: Cancellation))
            await backup.WriteAsync(keystore);
        await account.Keys.GeneratePersonalAsync("photos", Cancellation);
        await (await scene.OpenAsync(alice)).Vault.DisposeAsync();

        await backup.RestoreAsync(keystore);
        Assert.Equal(Keystore, (await UnprovenAsync(() => scene.OpenAsync(alice))).Object);
        var told = await Assert.ThrowsAsync<RestoredException>(() => alice.UnlockAsync(pins));
        alice.Keep(await alice.Device(pins).Account().UnlockRestoredAsync(alice.Secret, told, Cancellation));
        foreach (var device in new[] { pins, new MemoryPinStore() })
            await (await scene.OpenAsync(alice, device)).Vault.DisposeAsync();
    }

    private static string Altered(string @sealed)
    {
        var bytes = Base64UrlText.TryDecode(@sealed, out var decoded) ? decoded : throw new InvalidOperationException();
        bytes[100] ^= 1;
        return Base64UrlText.Encode(bytes);
    }

    private async Task<(JsonObject AtKeystore, JsonObject AtVault)> WitnessesAsync(Person person)
    {
        await (await scene.OpenAsync(person)).Vault.DisposeAsync();
        return (scene.Keystore.Proxy.Last(Get), scene.Vault.Proxy.Last(Get));
    }
}
