using Keyladder.Hosting;
using Keyladder.Protocol;
using Keyladder.Protocol.Vault;
using Keyladder.Testing;
using Keyladder.Vault;
using Services.Tests.Client;

namespace Services.Tests.Vault;

public sealed class BackupTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("keyladder-test-");

    private string File => Path.Combine(folder.FullName, "backup");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => folder.Delete(recursive: true);

    [Theory, OnBothEngines]
    public async Task A_backup_is_checked_and_restored_as_it_was_into_the_other_engine_too(Engine engine)
    {
        await using var service = await RunningService.StartVaultAsync(engine);
        var (alice, item) = await FilledAsync(service);
        await FilledAsync(service);
        var written = await VaultService.Backups.WriteAsync(Options(service.Database), File, service.Time, Cancellation);
        Assert.Equal((2, 12L, 2L, "objects"), (written.Accounts, written.Heads, written.Objects, written.What));
        Assert.Equal(written, await VaultService.Backups.VerifyAsync(File, service.Time, Cancellation));
        string[] passing = ["sessions", "spent_nonces", "limits", "restores", "schema_versions"];
        var before = await service.Database.DumpAsync(passing);

        await alice.PutAsync(alice.NextRevision(item));
        (await alice.SendAsync(Request.PutWitness(8))).Is(System.Net.HttpStatusCode.OK);
        await VaultService.Backups.RestoreAsync(Options(service.Database), File, replace: true, service.Time, Cancellation);
        Assert.Equal(before, await service.Database.DumpAsync(passing));
        (await alice.SendAsync(Request.Get(ServiceRoutes.Changes))).IsProblem(ProblemTypes.SignInRequired);
        await alice.SignInAsync();
        Assert.Single((await alice.VersionsAsync(item)).As<VersionsResponse>().Objects);

        var other = engine == Engine.Sqlite ? Engine.Postgres : Engine.Sqlite;
        if (Engines.WhyLeftOut(other) is null)
        {
            await using var machine = await TestDatabase.CreateAsync(other, "vault");
            await VaultService.Backups.RestoreAsync(Options(machine), File, replace: false, service.Time, Cancellation);
            Assert.Equal(before, await machine.DumpAsync(passing));
        }
    }

    public static TheoryData<Engine, string> Damages() => Engines.With(
        "UPDATE objects SET revision = revision + 1",
        "DELETE FROM objects",
        "UPDATE objects SET kind = 'attribute'",
        "DELETE FROM tree_pages",
        "DELETE FROM heads WHERE number = 2",
        "DELETE FROM audit_events WHERE number = 2",
        "INSERT INTO tombstones (account_id, object_id) SELECT account_id, object_id FROM objects",
        "UPDATE slots SET login = audit_events.hash FROM audit_events WHERE audit_events.number = 1",
        "UPDATE versions SET revision = revision + 1",
        "UPDATE versions SET kind = 'attribute'",
        "UPDATE versions SET dek = audit_events.hash FROM audit_events WHERE audit_events.number = 1",
        "UPDATE versions SET object_id = session_id FROM sessions",
        "DELETE FROM versions",
        "UPDATE usage SET bytes = bytes + 1",
        "DELETE FROM usage",
        "UPDATE usage SET given = given + 1",
        "UPDATE usage SET received = 0",
        "DELETE FROM given_letters",
        "UPDATE channels SET number = 0",
        "UPDATE channels SET guest_key = NULL",
        "UPDATE given_letters SET channel_id = letter_id",
        "UPDATE received_letters SET channel_id = letter_id");

    [Theory, MemberData(nameof(Damages))]
    public async Task What_the_account_did_not_write_is_no_good_backup(Engine engine, string damage)
    {
        await using var service = await RunningService.StartVaultAsync(engine);
        await FilledAsync(service);
        await service.Database.ExecuteAsync(damage);
        await Assert.ThrowsAsync<StartupException>(() => VaultService.Backups.WriteAsync(Options(service.Database), File, service.Time, Cancellation));
        Assert.Empty(folder.GetFiles());
    }

    [Theory]
    [InlineData("UPDATE attachments SET expires = 1")]
    [InlineData("UPDATE attachments SET complete = 0")]
    [InlineData("DELETE FROM attachments")]
    [InlineData("DELETE FROM letter_attachments")] // counted
    public async Task A_backup_without_what_a_letter_names_is_none(string damage)
    {
        await using var service = await RunningService.StartVaultAsync(Engine.Sqlite);
        var (person, _) = await FilledAsync(service);
        var guest = await person.InviteAsync();
        await person.LandAsync(person.WriteChannels(letters: [new(guest.Channel, Guid.NewGuid(), new byte[10], [await person.UploadAsync(new byte[10])])]));
        await VaultService.Backups.WriteAsync(Options(service.Database), File, service.Time, Cancellation);
        folder.GetFiles().Single().Delete();
        await service.Database.ExecuteAsync(damage);
        await Assert.ThrowsAsync<StartupException>(() => VaultService.Backups.WriteAsync(Options(service.Database), File, service.Time, Cancellation));
    }

    private static VaultOptions Options(TestDatabase database) => new() { Data = database.Folder.FullName, Database = database.Postgres };

    // One object with one version, one that is gone, an attachment that nothing names yet, and a channel with a letter each way.
    private static async Task<(VaultPerson Person, Guid Item)> FilledAsync(RunningService service)
    {
        var person = await VaultPerson.SignedUpAsync(service);
        var (item, gone) = (VaultPerson.NewItem(), VaultPerson.NewAttribute());
        await person.PutAsync(item, gone);
        await person.PutAsync(person.NextRevision(item.Id));
        await person.DeleteAsync(gone.Id);
        await person.UploadAsync(new byte[10]);
        var guest = await person.InviteAsync();
        await person.GiveAsync(guest);
        (await guest.LeaveAsync(Guid.NewGuid(), [1])).Is(System.Net.HttpStatusCode.Created);
        (await person.SendAsync(Request.PutWitness(7))).Is(System.Net.HttpStatusCode.OK);
        return (person, item.Id);
    }
}
