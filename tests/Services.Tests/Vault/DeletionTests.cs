using System.Globalization;
using System.Text;
using Keyladder.Cryptography.Heads;
using Keyladder.Protocol;
using Keyladder.Protocol.Keystore;
using Keyladder.Testing;
using Services.Tests.Client;

namespace Services.Tests.Vault;

/// <summary>What a person leaves behind, and what the service tells them that it keeps.</summary>
public sealed class DeletionTests(Vaults vaults) : IClassFixture<Vaults>
{
    [Theory, OnBothEngines]
    public async Task G13_a_deleted_account_leaves_no_row_and_no_trace_and_another_one_stays_as_it_was(Engine engine)
    {
        await using var service = await RunningService.StartVaultAsync(engine);
        var bob = await FilledAsync(service);
        var before = await service.Database.DumpAsync("limits");
        var alice = await FilledAsync(service);
        var rows = await RowsAsync(service, alice);
        Assert.All(rows, table => Assert.True(table.Value > 0, $"Nothing of the account lies in {table.Key}, so that it would show nothing."));

        var deletion = await alice.DeletionAsync();
        var answer = (await alice.SendAsync(Request.Post(ServiceRoutes.AccountDeletion, deletion))).As<DeleteAccountResponse>();

        rows["spent_nonces"]++; // the proof's own
        Assert.Equal(rows.OrderBy(pair => pair.Key), answer.Rows.ToDictionary(row => row.Table, row => row.Count).OrderBy(pair => pair.Key));
        Assert.Equal(before, await service.Database.DumpAsync("limits"));
        var whole = await service.Database.DumpAsync();
        foreach (var trace in new[] { alice.Account.ToString(), Convert.ToHexStringLower(alice.Locator), alice.Objects.Keys.First().ToString() })
            Assert.DoesNotContain(trace, whole, StringComparison.Ordinal);
        (await alice.SendAsync(Request.Get(ServiceRoutes.Changes))).IsProblem(ProblemTypes.SignInRequired);
        await bob.PutAsync(bob.NextRevision(bob.Objects.Keys.First()));
    }

    [Theory, OnBothEngines]
    public async Task A_deletion_that_does_not_follow_or_is_for_another_service_account_or_key_is_refused(Engine engine)
    {
        await using var service = await RunningService.BeforeAsync(vaults, engine);
        var alice = await FilledAsync(service);
        foreach (var (spoil, type) in new (Func<AccountDeletion, AccountDeletion>, string)[]
        {
            (deletion => deletion with { Number = deletion.Number + 1 }, ProblemTypes.HeadConflict),
            (deletion => deletion with { Head = Hash256.Of([1]) }, ProblemTypes.HeadConflict),
            (deletion => deletion with { Account = Keyladder.Cryptography.AccountId.Generate() }, ProblemTypes.HeadRejected),
        })
            (await alice.SendAsync(Request.Post(ServiceRoutes.AccountDeletion, await alice.DeletionAsync(spoil)))).IsProblem(type);

        // The Keystore's deletion of the same words, by the same key, is another statement.
        var keystores = new AccountDeletion(service.Origin, alice.Account, alice.Pin.Number + 1, alice.Today, alice.Head.Hash, alice.HeadKey.PublicKey).Sign<KeystoreHead>(alice.HeadKey);
        var right = await alice.DeletionAsync();
        (await alice.SendAsync(Request.Post(ServiceRoutes.AccountDeletion, right with { Deletion = keystores }))).IsProblem(ProblemTypes.MalformedRequest);
        Assert.NotEmpty((await alice.ChangesAsync(0)).Objects);
    }

    [Theory, OnBothEngines]
    public async Task A_person_is_told_every_row_that_the_service_keeps_of_them(Engine engine)
    {
        await using var service = await RunningService.BeforeAsync(vaults, engine);
        var (alice, bob) = (await FilledAsync(service), await FilledAsync(service));
        var told = new Dictionary<string, long>();
        var whole = new StringBuilder();
        var target = ServiceRoutes.AccountData;
        while (target is not null)
        {
            var page = (await alice.SendAsync(Request.Get(target))).As<AccountDataResponse>();
            told[page.Table] = told.GetValueOrDefault(page.Table) + page.Rows.Length;
            Assert.All(page.Rows, row => Assert.Equal(alice.Account.ToString(), row["account_id"]));
            whole.AppendJoin('\n', page.Rows.SelectMany(row => row.Values));
            target = page.Next is { } next ? string.Create(CultureInfo.InvariantCulture, $"{ServiceRoutes.AccountData}?table={next.Table}&skip={next.Skip}") : null;
        }

        Assert.Equal((await RowsAsync(service, alice)).OrderBy(pair => pair.Key), told.OrderBy(pair => pair.Key));
        Assert.DoesNotContain(bob.Account.ToString(), whole.ToString(), StringComparison.Ordinal);
    }

    // With a row in each table.
    private static async Task<VaultPerson> FilledAsync(RunningService service)
    {
        var person = await VaultPerson.SignedUpAsync(service);
        var (item, gone) = (VaultPerson.NewItem(), VaultPerson.NewAttribute(attachment: await person.UploadAsync(new byte[10])));
        await person.PutAsync(item, gone);
        await person.PutAsync(person.NextRevision(item.Id));
        await person.DeleteAsync(gone.Id);
        var guest = await person.InviteAsync();
        await person.GiveAsync(guest, attachments: await person.UploadAsync(new byte[10]));
        (await guest.LeaveAsync(Guid.NewGuid(), [1])).Is(System.Net.HttpStatusCode.Created);
        (await person.SendAsync(Request.PutWitness(1))).Is(System.Net.HttpStatusCode.OK);
        return person;
    }

    // From the database itself, so that a table that comes later is among them.
    private static async Task<Dictionary<string, long>> RowsAsync(RunningService service, VaultPerson person) => (await service.Database.TablesAsync())
        .Where(table => table.Columns.Contains("account_id"))
        .ToDictionary(table => table.Table, table => (long)table.Rows.Count(row => row[Array.IndexOf(table.Columns, "account_id")] == person.Account.ToString()));
}
