using System.Data.Common;
using System.Net;
using Keyladder.Cryptography.Heads;
using Keyladder.Hosting;
using Keyladder.Hosting.Admissions;
using Keyladder.Keystore;
using Keyladder.Protocol;
using Keyladder.Protocol.Keystore;
using Keyladder.Testing;
using Microsoft.Data.Sqlite;
using Services.Tests.Client;
using Services.Tests.Keystore.Admissions;

namespace Services.Tests.Keystore;

public sealed class BackupTests : IDisposable
{
    private static readonly string[] Passing = ["sessions", "spent_nonces", "limits", "invitations", "restores", "guess_total", "schema_versions"];

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("keyladder-test-");

    private string File => Path.Combine(folder.FullName, "backup");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => folder.Delete(recursive: true);

    [Theory, OnBothEngines]
    public async Task A_backup_that_is_made_under_load_is_one_moment_and_is_restored_as_it_was(Engine engine)
    {
        await using var service = await RunningService.StartAsync(engine);
        var people = new[] { await Person.SignedUpAsync(service), await Person.SignedUpAsync(service) };
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var writing = people.Select(person => Task.Run(
            async () =>
            {
                while (!enough.IsCancellationRequested)
                {
                    await person.PutAsync(person.NewKey(), person.NewKey());
                    await person.DeleteAsync(person.Keys.Keys.First(id => id != person.IdentityId.Value));
                }
            },
            Cancellation)).ToList();
        while (people.Any(person => person.Pin.Number < 5) && !writing.Any(write => write.IsCompleted))
            await Task.Delay(1, Cancellation);

        var during = await KeystoreService.Backups.WriteAsync(Options(service.Database), File, service.Time, Cancellation);
        await enough.CancelAsync();
        await Task.WhenAll(writing);
        Assert.Equal(2, during.Accounts);
        Assert.True(during.Heads >= 10);
        Assert.Equal(during, await KeystoreService.Backups.VerifyAsync(File, service.Time, Cancellation));

        await KeystoreService.Backups.RestoreAsync(Options(service.Database), File, replace: true, service.Time, Cancellation);
        var again = Path.Combine(folder.FullName, "again");
        Assert.Equal(during, await KeystoreService.Backups.WriteAsync(Options(service.Database), again, service.Time, Cancellation));
    }

    [Theory, OnBothEngines]
    public async Task What_is_restored_is_every_row_that_was_there_on_either_engine_and_nothing_later(Engine engine)
    {
        await using var service = await RunningService.StartAsync(engine);
        var alice = await Person.SignedUpAsync(service);
        await alice.PutAsync(alice.NewKey(), alice.NewKey());
        await alice.DeleteAsync(alice.Keys.Keys.First(id => id != alice.IdentityId.Value));
        (await alice.SendAsync(Request.PutWitness(7))).Is(HttpStatusCode.OK);
        var yesterday = await service.Database.DumpAsync(Passing);
        await KeystoreService.Backups.WriteAsync(Options(service.Database), File, service.Time, Cancellation);
        await alice.PutAsync(alice.NewKey());
        (await alice.SendAsync(Request.PutWitness(8))).Is(HttpStatusCode.OK);
        await Person.SignedUpAsync(service);

        await KeystoreService.Backups.RestoreAsync(Options(service.Database), File, replace: true, service.Time, Cancellation);
        Assert.Equal(yesterday, await service.Database.DumpAsync(Passing));

        foreach (var other in new[] { Engine.Sqlite, Engine.Postgres }.Where(other => Engines.WhyLeftOut(other) is null))
        {
            await using var machine = await TestDatabase.CreateAsync(other);
            await KeystoreService.Backups.RestoreAsync(Options(machine), File, replace: false, service.Time, Cancellation);
            Assert.Equal(yesterday, await machine.DumpAsync(Passing));
        }
    }

    [Theory, OnBothEngines]
    public async Task A_restore_ends_every_session_gives_back_no_used_invitation_and_raises_its_number(Engine engine)
    {
        await using var service = await RunningService.StartAsync(engine, options => options with { SignUp = SignUpRule.Invitation });
        var (code, _) = await Invitations.CreateAsync(Options(service.Database), 7, service.Time, Cancellation);
        using var used = code;
        var alice = new Person(service);
        await KeystoreService.Backups.WriteAsync(Options(service.Database), Path.Combine(folder.FullName, "empty"), service.Time, Cancellation);
        (await Newcomer.KnockAsync(service, used.DangerousSpan.ToArray(), person: alice)).IsLetIn();
        await alice.SignInAsync();
        await KeystoreService.Backups.WriteAsync(Options(service.Database), File, service.Time, Cancellation);

        await KeystoreService.Backups.RestoreAsync(Options(service.Database), File, replace: true, service.Time, Cancellation);

        (await alice.SendAsync(Request.Get(KeystoreRoutes.Account))).Is(HttpStatusCode.Unauthorized);
        await alice.SignInAsync();
        (await alice.SendAsync(Request.Get(KeystoreRoutes.Account))).Is(HttpStatusCode.OK);
        var first = await service.Database.ScalarAsync<long>("SELECT number FROM restores");

        await KeystoreService.Backups.RestoreAsync(Options(service.Database), Path.Combine(folder.FullName, "empty"), replace: true, service.Time, Cancellation);
        (await Newcomer.KnockAsync(service, used.DangerousSpan.ToArray())).IsProblem(ProblemTypes.SignUpClosed);
        Assert.True(await service.Database.ScalarAsync<long>("SELECT number FROM restores") > first);
    }

    [Theory, OnBothEngines]
    public async Task A_database_that_holds_accounts_is_replaced_only_on_demand_and_wholly_or_not_at_all(Engine engine)
    {
        await using var service = await RunningService.StartAsync(engine);
        await Person.SignedUpAsync(service);
        await KeystoreService.Backups.WriteAsync(Options(service.Database), File, service.Time, Cancellation);
        await Person.SignedUpAsync(service);
        var before = await service.Database.DumpAsync();

        var refusal = await Assert.ThrowsAsync<StartupException>(() => KeystoreService.Backups.RestoreAsync(Options(service.Database), File, replace: false, service.Time, Cancellation));
        Assert.Contains("--replace", refusal.Remedy, StringComparison.Ordinal);
        Assert.Equal(before, await service.Database.DumpAsync());

        // What comes last of all tables does not go in.
        await service.Database.ExecuteAsync(engine == Engine.Sqlite
            ? "CREATE TRIGGER full BEFORE INSERT ON tree_pages BEGIN SELECT RAISE(ABORT, 'full'); END"
            : "ALTER TABLE tree_pages ADD CONSTRAINT full_disk CHECK (false) NOT VALID");
        await Assert.ThrowsAsync<StartupException>(() => KeystoreService.Backups.RestoreAsync(Options(service.Database), File, replace: true, service.Time, Cancellation));
        Assert.Equal(before, await service.Database.DumpAsync());
    }

    [Theory]
    [InlineData("UPDATE keys SET wrapped = zeroblob(201)")]
    [InlineData("DELETE FROM keys WHERE revision = 1")]
    [InlineData("DELETE FROM heads WHERE number = 1")]
    [InlineData("DELETE FROM heads WHERE number = 2")]
    [InlineData("DELETE FROM heads")]
    [InlineData("UPDATE heads SET jws = substr(jws, 1, length(jws) - 3) || 'AAA'")]
    [InlineData("UPDATE slots SET wrapped = zeroblob(201)")]
    [InlineData("DELETE FROM slots")]
    [InlineData("DELETE FROM tree_pages")]
    [InlineData("UPDATE tree_pages SET page = zeroblob(40)")]
    [InlineData("INSERT INTO tombstones SELECT account_id, key_id FROM keys")]
    [InlineData("DELETE FROM audit_events")]
    [InlineData("DELETE FROM audit_events WHERE number = 1")]
    [InlineData("DELETE FROM audit_events WHERE number = (SELECT max(number) FROM audit_events)")]
    [InlineData("UPDATE audit_events SET kind = 'signed-out' WHERE number = 2")]
    [InlineData("UPDATE audit_events SET previous = zeroblob(32)")]
    [InlineData("UPDATE heads SET audited = 0")]
    [InlineData("UPDATE heads SET audited = audited + 1")]
    [InlineData("INSERT INTO witnesses (account_id, sequence, sealed) VALUES ('nobody', 1, zeroblob(585))")]
    [InlineData("DROP TABLE schema_versions")]
    [InlineData("UPDATE schema_versions SET version = version + 1000")]
    public async Task What_is_no_longer_as_it_was_written_is_found_and_not_restored(string damage)
    {
        await using var service = await RunningService.StartAsync(Engine.Sqlite);
        var alice = await Person.SignedUpAsync(service);
        var audit = new Hash256(await service.Database.ScalarAsync<byte[]>("SELECT hash FROM audit_events WHERE number = 1"));
        await alice.LandAsync(alice.Write([alice.NewKey()], [], head => head with { Audit = audit }));
        await KeystoreService.Backups.WriteAsync(Options(service.Database), File, service.Time, Cancellation);
        await ExecuteAsync(await OpenAsync(File), damage);
        await alice.PutAsync(alice.NewKey());
        var before = await service.Database.DumpAsync();

        await Assert.ThrowsAsync<StartupException>(() => KeystoreService.Backups.VerifyAsync(File, service.Time, Cancellation));
        await Assert.ThrowsAsync<StartupException>(() => KeystoreService.Backups.RestoreAsync(Options(service.Database), File, replace: true, service.Time, Cancellation));
        Assert.Equal(before, await service.Database.DumpAsync());
    }

    [Fact]
    public async Task A_file_that_was_cut_or_is_something_else_is_no_backup()
    {
        await using var service = await RunningService.StartAsync(Engine.Sqlite);
        await Person.SignedUpAsync(service);
        await KeystoreService.Backups.WriteAsync(Options(service.Database), File, service.Time, Cancellation);
        var whole = await System.IO.File.ReadAllBytesAsync(File, Cancellation);
        foreach (var bytes in new[] { whole[..(whole.Length / 2)], [], "keys"u8.ToArray() })
        {
            await System.IO.File.WriteAllBytesAsync(File, bytes, Cancellation);
            await Assert.ThrowsAsync<StartupException>(() => KeystoreService.Backups.VerifyAsync(File, service.Time, Cancellation));
        }

        await Assert.ThrowsAsync<StartupException>(() => KeystoreService.Backups.VerifyAsync(Path.Combine(folder.FullName, "nothing"), service.Time, Cancellation));
        await using var inUse = await service.Database.OpenAsync();
        await Person.SignedUpAsync(service);
        await Assert.ThrowsAsync<StartupException>(() => KeystoreService.Backups.VerifyAsync(service.Database.Folder.GetFiles("*.db").Single().FullName, service.Time, Cancellation));
    }

    [Theory, OnBothEngines]
    public async Task H01_H02_a_backup_holds_no_secret_of_the_service_no_session_and_no_invitation(Engine engine)
    {
        await using var service = await RunningService.StartAsync(engine);
        var alice = await Person.SignedUpAsync(service);
        var (code, _) = await Invitations.CreateAsync(Options(service.Database), 7, service.Time, Cancellation);
        var canaries = new Canaries();
        using (code)
            canaries.Plant("hash of an invitation", Keyladder.Cryptography.Secrets.InvitationCode.HashOf(code.DangerousSpan.ToArray()));
        canaries.Plant("the service's secret", (await System.IO.File.ReadAllBytesAsync(Options(service.Database).SecretPath, Cancellation)).AsSpan(1));
        using (var seed = alice.Identity.DangerousExportSeed())
            canaries.Plant("an identity key", seed.DangerousSpan);
        await KeystoreService.Backups.WriteAsync(Options(service.Database), File, service.Time, Cancellation);

        Assert.Empty(canaries.FindInFiles(folder.GetFiles()));
        await using var connection = await OpenAsync(File);
        foreach (var table in Passing[..4])
            Assert.Equal(0L, await ScalarAsync<long>(connection, $"SELECT count(*) FROM {table}"));
        Assert.Equal([Path.GetFileName(File)], folder.GetFiles().Select(file => file.Name));
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, System.IO.File.GetUnixFileMode(File));
    }

    [Fact]
    public async Task A_backup_replaces_no_file_and_is_made_of_nothing_that_is_not_there()
    {
        await using var service = await RunningService.StartAsync(Engine.Sqlite);
        await System.IO.File.WriteAllTextAsync(File, "another", Cancellation);
        await Assert.ThrowsAsync<StartupException>(() => KeystoreService.Backups.WriteAsync(Options(service.Database), File, service.Time, Cancellation));
        Assert.Equal("another", await System.IO.File.ReadAllTextAsync(File, Cancellation));

        var nowhere = new KeystoreOptions { Data = Path.Combine(folder.FullName, "nowhere") };
        await Assert.ThrowsAsync<StartupException>(() => KeystoreService.Backups.WriteAsync(nowhere, Path.Combine(folder.FullName, "other"), service.Time, Cancellation));
        Assert.Equal([Path.GetFileName(File)], folder.GetFileSystemInfos().Select(file => file.Name));
    }

    [Theory, OnBothEngines]
    public async Task A_backup_of_an_older_schema_is_migrated_on_its_way_and_left_as_it_is(Engine engine)
    {
        await using var service = await RunningService.StartAsync(engine);
        await Person.SignedUpAsync(service);
        var before = await service.Database.DumpAsync([.. Passing, "at_rest_secrets"]);
        await KeystoreService.Backups.WriteAsync(Options(service.Database), File, service.Time, Cancellation);
        await ExecuteAsync(await OpenAsync(File), BeforeRestores);
        var bytes = await System.IO.File.ReadAllBytesAsync(File, Cancellation);

        Assert.True((await KeystoreService.Backups.RestoreAsync(Options(service.Database), File, replace: true, service.Time, Cancellation)).Schema < 4);
        Assert.Equal(before, await service.Database.DumpAsync([.. Passing, "at_rest_secrets"]));
        Assert.Equal(bytes, await System.IO.File.ReadAllBytesAsync(File, Cancellation));
    }

    [Fact]
    public async Task Before_SQLite_is_migrated_it_is_backed_up_beside_itself_and_three_of_these_are_kept()
    {
        await using var service = await RunningService.StartAsync(Engine.Sqlite);
        var alice = await Person.SignedUpAsync(service);
        await alice.PutAsync(alice.NewKey());
        var last = "";
        for (var upgrade = 0; upgrade < 5; upgrade++)
        {
            await service.Database.ExecuteAsync(BeforeRestores);
            service.Time.Move(TimeSpan.FromDays(1));
            last = Stamp();
            (await service.StartAnotherInstanceAsync()).Dispose();
            Assert.InRange(service.Database.Folder.GetFiles("*.before-*").Length, 1, 3);
        }

        var kept = service.Database.Folder.GetFiles("keystore.db.before-schema-*").OrderBy(file => file.Name, StringComparer.Ordinal).ToList();
        Assert.Equal(3, kept.Count);
        Assert.InRange(kept[^1].Name.Split('.')[^1], last, Stamp()); // the clock goes on meanwhile
        foreach (var file in kept)
        {
            Assert.Equal(2, (await KeystoreService.Backups.VerifyAsync(file.FullName, service.Time, Cancellation)).Heads);
            if (!OperatingSystem.IsWindows())
                Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, file.UnixFileMode);
        }

        string Stamp() => service.Time.GetUtcNow().ToString("yyyyMMdd'T'HHmmss'Z'", System.Globalization.CultureInfo.InvariantCulture);
    }

    private const string BeforeRestores = "DROP TABLE restores; DROP TABLE witnesses; DROP TABLE guardian_devices; DROP TABLE guardian_records; DROP TABLE guesses; DROP TABLE guess_total; DROP TABLE at_rest_secrets; DELETE FROM schema_versions WHERE version >= 4;";

    private static KeystoreOptions Options(TestDatabase database) => new() { Data = database.Folder.FullName, Database = database.Postgres };

    private static async Task<DbConnection> OpenAsync(string file)
    {
        var connection = new SqliteConnection($"Data Source={file};Pooling=False");
        await connection.OpenAsync(Cancellation);
        return connection;
    }

    private static async Task ExecuteAsync(DbConnection connection, string sql)
    {
        await using var closed = connection;
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync(Cancellation);
    }

    private static async Task<T> ScalarAsync<T>(DbConnection connection, string sql)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        return (T)(await command.ExecuteScalarAsync(Cancellation))!;
    }
}
