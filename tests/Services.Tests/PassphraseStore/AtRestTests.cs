using System.Buffers.Text;
using System.Text;
using Keyladder.Hosting;
using Keyladder.PassphraseStore;
using Keyladder.Protocol.PassphraseStore;
using Keyladder.Testing;
using Services.Tests.Client;

namespace Services.Tests.PassphraseStore;

/// <summary>docs/spec/passphrase-store.md section 5: what a database, a log and a backup show of a person.</summary>
public sealed class AtRestTests
{
    [Theory, OnBothEngines]
    public async Task F12_I13_the_database_and_the_log_hold_no_username_no_handle_no_share_and_no_code(Engine engine)
    {
        await using var service = await RunningService.StartPassphraseStoreAsync(engine);
        var alice = await Registrant.RegisteredAsync(service);
        var device = await alice.AddDeviceAsync();
        await alice.NextMailAsync();
        await alice.AttemptAsync();
        await Registrant.SendDeviceAttemptAsync(device);
        var code = (await alice.CodeAsync(CodePurposes.Reset))!;
        var nobody = new Registrant(service);
        await nobody.AttemptAsync();
        Assert.Null(await nobody.CodeAsync(CodePurposes.Reset));

        var (dump, log) = (await service.Database.DumpAsync(), string.Join('\n', service.Logs.Lines));
        Assert.Contains(alice.Id.ToString(), dump, StringComparison.Ordinal); // else this would be a dump of something else
        Assert.Contains("Attempt answered 200", log, StringComparison.Ordinal);
        foreach (var username in new[] { alice.Username, nobody.Username, alice.Username.Split('@')[0], nobody.Username.Split('@')[0] })
        {
            Assert.DoesNotContain(username, dump + log, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain(Convert.ToHexStringLower(Encoding.UTF8.GetBytes(username)), dump, StringComparison.Ordinal);
            foreach (var hash in new[] { System.Security.Cryptography.SHA256.HashData(Encoding.UTF8.GetBytes(username)), System.Security.Cryptography.SHA512.HashData(Encoding.UTF8.GetBytes(username)) })
                Assert.DoesNotContain(Convert.ToHexStringLower(hash), dump, StringComparison.Ordinal);
        }

        Assert.DoesNotContain(alice.Record.Handle.ToString(), dump + log, StringComparison.Ordinal);
        foreach (var secret in new[] { alice.Record.Share, alice.Record.Handle.ToByteArray(bigEndian: true), Encoding.ASCII.GetBytes(code) })
            Assert.DoesNotContain(Convert.ToHexStringLower(secret), dump, StringComparison.Ordinal);
        Assert.DoesNotContain(code, log, StringComparison.Ordinal);
        Assert.DoesNotContain(alice.Id.ToString(), log, StringComparison.Ordinal);
        Assert.DoesNotContain(Base64Url.EncodeToString(alice.Record.Share), log, StringComparison.Ordinal);

        // The same at every length of a username.
        var other = new Registrant(service) { Username = $"{new string('b', 220)}{alice.Username}"[^254..] };
        await other.RegisterAsync();
        var records = (await service.Database.TablesAsync()).Single(table => table.Table == "records").Rows;
        Assert.All(records[0].Zip(records[1]).Index().Where(column => column.Index is not 12), column => Assert.Equal(column.Item.First.Length, column.Item.Second.Length));
    }

    [Theory, OnBothEngines]
    public async Task I13_two_stores_have_no_value_in_common_of_one_person(Engine engine)
    {
        await using var service = await RunningService.StartPassphraseStoreAsync(engine);
        await using var other = await RunningService.StartPassphraseStoreAsync(engine);
        var alice = await Registrant.RegisteredAsync(service);
        var there = new Registrant(other) { Username = alice.Username };
        await there.RegisterAsync();
        await alice.AttemptAsync();
        await there.AttemptAsync();
        var values = await BytesOf(service);
        Assert.NotEmpty(values);
        Assert.Empty(values.Intersect(await BytesOf(other)));

        static async Task<HashSet<string>> BytesOf(RunningService one) =>
            [.. (await one.Database.TablesAsync("schema_versions")).SelectMany(table => table.Rows).SelectMany(row => row).Where(value => value.Length >= 32 && value != PassphraseStoreHost.Guardian)];
    }

    [Theory, OnBothEngines]
    public async Task A_backup_brings_back_records_with_the_at_rest_secret_alone_and_no_code(Engine engine)
    {
        await using var service = await RunningService.StartPassphraseStoreAsync(engine);
        var alice = await Registrant.RegisteredAsync(service);
        var code = (await alice.CodeAsync(CodePurposes.Reset))!;
        var options = new PassphraseStoreOptions { Data = service.Database.Folder.FullName, Database = service.Database.Postgres };
        var file = Path.Combine(service.Database.Folder.FullName, "backup");
        var written = await PassphraseStoreService.Backups.WriteAsync(options, file, service.Time, TestContext.Current.CancellationToken);
        Assert.Equal((1, "devices"), (written.Accounts, written.What));

        await using var target = await TestDatabase.CreateAsync(engine, "passphrase-store");
        var elsewhere = options with { Data = target.Folder.FullName, Database = target.Postgres };
        await PassphraseStoreService.Backups.RestoreAsync(elsewhere, file, replace: false, service.Time, TestContext.Current.CancellationToken);
        Assert.DoesNotContain((await target.TablesAsync()).Single(table => table.Table == "codes").Rows, _ => true);
        var running = elsewhere with
        {
            Urls = "http://127.0.0.1:0", Guardian = PassphraseStoreHost.Guardian, Mail = new() { Folder = Path.Combine(target.Folder.FullName, "mails"), From = "recovery@example.org" },
        };
        await using (var without = PassphraseStoreService.Build(running, service.Time))
            await Assert.ThrowsAsync<StartupException>(() => without.StartAsync(TestContext.Current.CancellationToken));

        File.Copy(options.AtRestSecretPath, elsewhere.AtRestSecretPath);
        await using var restored = PassphraseStoreService.Build(running, service.Time);
        await restored.StartAsync(TestContext.Current.CancellationToken);
        await using var at = RunningService.At(new Uri(restored.Urls.Single()), restored.Urls.Single());

        // Guesses are used up by the restore; a code of before is none.
        (await new Registrant(at) { Username = alice.Username }.SendAttemptAsync()).IsProblem(Keyladder.Protocol.ProblemTypes.TooManyRequests);
        (await new Registrant(at) { Username = alice.Username }.SendReleaseAsync(code)).IsProblem(Keyladder.Protocol.ProblemTypes.SignInFailed);
    }
}
