using System.Data.Common;
using System.Globalization;
using System.Net;
using Keyladder.Cryptography;
using Keyladder.Cryptography.Heads;
using Keyladder.Cryptography.Signing;
using Keyladder.Protocol;
using Keyladder.Protocol.Keystore;
using Keyladder.Testing;
using Services.Tests.Client;

namespace Services.Tests.Keystore;

/// <summary>What a person leaves behind, and what the service tells them that it keeps.</summary>
public sealed class DeletionTests(Keystores keystores) : IClassFixture<Keystores>
{
    [Theory, OnBothEngines]
    public async Task G13_a_deleted_account_leaves_no_row_and_no_trace_in_any_table_and_another_one_stays_as_it_was(Engine engine)
    {
        await using var service = await RunningService.StartAsync(engine, options => options with { SignUp = Keyladder.Hosting.Admissions.SignUpRule.Open });
        var bob = await Person.SignedUpAsync(service);
        await bob.PutAsync(bob.NewKey());
        var before = await service.Database.DumpAsync("limits");
        var alice = await Person.SignedUpAsync(service);
        var keys = new[] { alice.NewKey(), alice.NewKey() };
        await alice.PutAsync(keys);
        await alice.DeleteAsync(keys[0].Id);
        (await alice.SendAsync(Request.PutWitness(1))).Is(HttpStatusCode.OK);
        var (first, second) = (alice.Slot, Slot.Generate());
        var change = await alice.SlotChangeAsync(second, null);
        (await alice.SendAsync(Request.Post(KeystoreRoutes.Slots, change))).Is(HttpStatusCode.NoContent);
        alice.Accept(change.Head);
        await alice.SignInAsync();
        var phone = await alice.AtAnotherDeviceAsync();
        var tables = await AccountTablesAsync(service);
        foreach (var table in tables)
            Assert.True(await CountAsync(service, table, alice.Account) > 0, $"Nothing of the account lies in {table}, so that it would show nothing.");
        var counts = new Dictionary<string, long>();
        foreach (var table in tables)
            counts.Add(table, await CountAsync(service, table, alice.Account));

        var answer = (await SendAsync(alice, await alice.DeletionAsync())).As<DeleteAccountResponse>();

        Assert.Equal(alice.Now.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture), answer.Day);
        counts["spent_nonces"]++; // the proof's own
        Assert.Equal(counts.OrderBy(pair => pair.Key), answer.Rows.Select(row => KeyValuePair.Create(row.Table, row.Count)).OrderBy(pair => pair.Key));
        var after = await service.Database.DumpAsync("limits");
        Assert.Equal(before, after);
        var whole = await service.Database.DumpAsync();
        foreach (var trace in new[] { alice.Account.ToString(), Hex(first.Locator), Hex(second.Locator), Hex(first.Login.PublicKey.Bytes), Hex(second.Login.PublicKey.Bytes), keys[0].Id.ToString(), keys[1].Id.ToString() })
            Assert.DoesNotContain(trace, whole, StringComparison.Ordinal);

        // No session, no way in, and the very answer that a locator gets which never was.
        foreach (var device in new[] { alice, phone })
            (await device.SendAsync(Request.Get(KeystoreRoutes.Account))).IsProblem(ProblemTypes.SignInRequired);
        var refused = await SignInAsync(alice);
        var stranger = await SignInAsync(new Person(service));
        refused.IsProblem(ProblemTypes.SignInFailed);
        Assert.Equal(stranger.Body, refused.Body);
        await bob.PutAsync(bob.NewKey());
    }

    [Theory, OnBothEngines]
    public async Task A_deletion_is_not_told_twice_and_the_same_person_may_sign_up_again(Engine engine)
    {
        await using var service = await RunningService.BeforeAsync(keystores, engine);
        var alice = await Person.SignedUpAsync(service);
        var deletion = await alice.DeletionAsync();
        (await SendAsync(alice, deletion)).As<DeleteAccountResponse>();
        (await SendAsync(alice, deletion)).IsProblem(ProblemTypes.SignInRequired);

        var again = new Person(service) { Account = alice.Account, Slot = alice.Slot };
        await again.SignUpAsync();
        // What deleted the first account deletes no other, though it has the id and the way in.
        (await SendAsync(again, deletion)).IsProblem(ProblemTypes.HeadRejected);
        await again.PutAsync(again.NewKey());
    }

    public static TheoryData<Engine, string, string> Refused() => Engines.With(
        ("no proof", ProblemTypes.SignInFailed), ("proof of the newest head", ProblemTypes.SignInFailed), ("proof by another slot", ProblemTypes.SignInFailed), ("proof for another origin", ProblemTypes.SignInFailed),
        ("old proof", ProblemTypes.SignInFailed), ("used nonce", ProblemTypes.NonceExpired), ("assertion for a proof", ProblemTypes.SignInFailed),
        ("another account", ProblemTypes.HeadRejected), ("another audience", ProblemTypes.HeadRejected), ("signed by another key", ProblemTypes.HeadRejected),
        ("bob's own", ProblemTypes.HeadRejected), ("an older head", ProblemTypes.HeadConflict), ("another number", ProblemTypes.HeadConflict), ("a head", ProblemTypes.MalformedRequest),
        ("a bad signature", ProblemTypes.MalformedRequest));

    [Theory, MemberData(nameof(Refused))]
    public async Task G13_a_deletion_that_is_not_exactly_right_is_refused_and_deletes_nothing(Engine engine, string what, string problem)
    {
        await using var service = await RunningService.BeforeAsync(keystores, engine);
        var (alice, bob) = (await Person.SignedUpAsync(service), await Person.SignedUpAsync(service));
        var old = await alice.DeletionAsync();
        await alice.PutAsync(alice.NewKey());
        var right = await alice.DeletionAsync();
        Assert.True(AccountDeletion.TryVerify<KeystoreHead>(right.Deletion, out var statement));
        using var clientKey = X25519PrivateKey.Generate();
        var proof = new LoginProof(service.Origin, await alice.NonceAsync(), alice.Slot.Locator, alice.Now.ToUnixTimeSeconds(), Jws.SigningInputHash(right.Deletion));
        if (what == "used nonce")
        {
            var assertion = new LoginAssertion(service.Origin, proof.Nonce, alice.Slot.Locator, alice.Now.ToUnixTimeSeconds(), clientKey.PublicKey.ToArray());
            (await alice.SendUnsignedAsync(Request.Post(ServiceRoutes.Sessions, new SignInRequest(assertion.Sign(alice.Slot.Login))))).As<SignInResponse>();
        }

        var request = what switch
        {
            "no proof" => right with { Proof = "" },
            "proof of the newest head" => right with { Proof = await alice.ProofAsync(alice.Head.Jws) },
            "proof by another slot" => right with { Proof = (proof with { Locator = bob.Slot.Locator }).Sign(bob.Slot.Login) },
            "proof for another origin" => right with { Proof = (proof with { Audience = OtherOrigin }).Sign(alice.Slot.Login) },
            "old proof" => right with { Proof = (proof with { IssuedAt = proof.IssuedAt - 70 }).Sign(alice.Slot.Login) },
            "used nonce" => right with { Proof = proof.Sign(alice.Slot.Login) },
            "assertion for a proof" => right with { Proof = await alice.AssertionAsync(clientKey) },
            "another account" => await alice.DeletionAsync(deletion => deletion with { Account = bob.Account }),
            "another audience" => await alice.DeletionAsync(deletion => deletion with { Audience = OtherOrigin }),
            "signed by another key" => await SignedByAsync(statement with { Identity = bob.Identity.PublicKey }, bob.Identity),
            "bob's own" => (await bob.DeletionAsync()) with { Proof = right.Proof },
            "an older head" => old,
            "another number" => await alice.DeletionAsync(deletion => deletion with { Number = deletion.Number + 1 }),
            "a head" => right with { Deletion = alice.Head.Jws },
            _ => right with { Deletion = right.Deletion[..^2] + (right.Deletion.EndsWith("AA", StringComparison.Ordinal) ? "BA" : "AA") },
        };

        var before = await service.Database.DumpAsync();
        var refused = (await SendAsync(alice, request)).IsProblem(problem);
        if (problem == ProblemTypes.HeadConflict)
            Assert.Equal(alice.Head.Jws, refused.Head);
        Assert.Equal(before, await service.Database.DumpAsync());
        (await SendAsync(alice, right)).As<DeleteAccountResponse>();

        async Task<DeleteAccountRequest> SignedByAsync(AccountDeletion deletion, Ed25519PrivateKey key)
        {
            var jws = deletion.Sign<KeystoreHead>(key);
            return new DeleteAccountRequest(jws, await alice.ProofAsync(jws));
        }
    }

    [Theory, OnBothEngines]
    public async Task Writes_and_sign_ins_that_race_with_the_deletion_leave_nothing_behind(Engine engine)
    {
        await using var service = await RunningService.BeforeAsync(keystores, engine);
        for (var round = 0; round < 12; round++)
        {
            var alice = await Person.SignedUpAsync(service);
            var phone = await alice.AtAnotherDeviceAsync();
            var deletion = await alice.DeletionAsync();
            var write = phone.Write([phone.NewKey()], []);
            using var clientKey = X25519PrivateKey.Generate();
            var signIn = new SignInRequest(await alice.AssertionAsync(clientKey));
            var deleting = SendAsync(alice, deletion);
            await Task.WhenAll(
                deleting,
                phone.SendWriteAsync(write),
                alice.SendUnsignedAsync(Request.Post(ServiceRoutes.Sessions, signIn)),
                phone.SendAsync(Request.Delete(ServiceRoutes.CurrentSession)));
            if ((await deleting).Status == HttpStatusCode.OK)
                Assert.DoesNotContain(alice.Account.ToString(), await service.Database.DumpAsync(), StringComparison.Ordinal);
            else
                (await deleting).IsProblem(ProblemTypes.HeadConflict);
        }
    }

    [Theory, OnBothEngines]
    public async Task A_persons_data_is_every_row_that_names_the_account_and_no_other(Engine engine)
    {
        await using var service = await RunningService.BeforeAsync(keystores, engine);
        var (alice, bob) = (await Person.SignedUpAsync(service), await Person.SignedUpAsync(service));
        foreach (var person in new[] { alice, bob })
        {
            var keys = Enumerable.Range(0, 600).Select(_ => person.NewKey()).ToArray();
            await person.PutAsync(keys);
            await person.DeleteAsync(keys[0].Id);
            (await person.SendAsync(Request.PutWitness(1))).Is(HttpStatusCode.OK);
        }

        var listed = new List<string>();
        DataPlaceMessage? place = null;
        do
        {
            var query = place is null ? "" : $"?table={place.Table}&skip={place.Skip}";
            var answer = (await alice.SendAsync(Request.Get(ServiceRoutes.AccountData + query))).As<AccountDataResponse>();
            Assert.InRange(answer.Rows.Length, 0, ServiceRoutes.MaxRows);
            listed.AddRange(answer.Rows.Select(row => Describe(answer.Table, row)));
            place = answer.Next;
        }
        while (place is not null);

        Assert.Equal((await RowsAsync(service, alice.Account)).Order(StringComparer.Ordinal), listed.Order(StringComparer.Ordinal));
        Assert.True(listed.Count > 2 * ServiceRoutes.MaxRows);
        Assert.DoesNotContain(listed, row => row.Contains(bob.Account.ToString(), StringComparison.Ordinal));
        // Where the account's id stands, it stands as the account: no other column names it.
        Assert.Equal(listed.Count, (await service.Database.DumpAsync()).Split('\n').Count(line => line.Contains(alice.Account.ToString(), StringComparison.Ordinal)));
    }

    [Theory, OnBothEngines]
    public async Task Data_is_asked_for_by_the_name_of_a_table_that_holds_accounts(Engine engine)
    {
        await using var service = await RunningService.BeforeAsync(keystores, engine);
        var alice = await Person.SignedUpAsync(service);
        foreach (var query in new[] { "table=limits", "table=invitations", "table=", "table=heads;", "table=heads&table=slots", "table=heads&skip=-1", "table=heads&skip=one", "skip=01" })
            (await alice.SendAsync(Request.Get($"{ServiceRoutes.AccountData}?{query}"))).IsProblem(ProblemTypes.MalformedRequest);
        Assert.Empty((await alice.SendAsync(Request.Get($"{ServiceRoutes.AccountData}?table=heads&skip=5"))).As<AccountDataResponse>().Rows);
    }

    private static Origin OtherOrigin => Origin.TryParse("https://keys.example.org", out var origin) ? origin : throw new InvalidOperationException();

    private static string Hex(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(bytes);

    private static Task<Answer> SendAsync(Person person, DeleteAccountRequest request) => person.SendAsync(Request.Post(ServiceRoutes.AccountDeletion, request));

    private static async Task<Answer> SignInAsync(Person person)
    {
        using var clientKey = X25519PrivateKey.Generate();
        return await person.SendUnsignedAsync(Request.Post(ServiceRoutes.Sessions, new SignInRequest(await person.AssertionAsync(clientKey))));
    }

    // From the database itself, so that a table that comes later is among them.
    private static async Task<List<string>> AccountTablesAsync(RunningService service)
    {
        var sql = service.Database.Engine == Engine.Sqlite
            ? "SELECT s.name FROM sqlite_schema s JOIN pragma_table_info(s.name) c ON c.name = 'account_id' WHERE s.type = 'table'"
            : "SELECT table_name FROM information_schema.columns WHERE table_schema = 'public' AND column_name = 'account_id'";
        return [.. (await ReadAsync(service, sql)).Select(row => row.Values.Single())];
    }

    private static async Task<long> CountAsync(RunningService service, string table, AccountId account) =>
        (await ReadAsync(service, $"SELECT 1 AS one FROM {table} WHERE account_id = '{account}'")).Count;

    private static async Task<List<string>> RowsAsync(RunningService service, AccountId account)
    {
        var rows = new List<string>();
        foreach (var table in await AccountTablesAsync(service))
            rows.AddRange((await ReadAsync(service, $"SELECT * FROM {table} WHERE account_id = '{account}'")).Select(row => Describe(table, row)));
        return rows;
    }

    private static string Describe(string table, Dictionary<string, string> row) =>
        $"{table}: {string.Join(' ', row.OrderBy(column => column.Key, StringComparer.Ordinal).Select(column => $"{column.Key}={column.Value}"))}";

    private static async Task<List<Dictionary<string, string>>> ReadAsync(RunningService service, string sql)
    {
        await using var connection = await service.Database.OpenAsync();
        await using DbCommand command = connection.CreateCommand();
        command.CommandText = sql;
        await using var reader = await command.ExecuteReaderAsync(TestContext.Current.CancellationToken);
        var rows = new List<Dictionary<string, string>>();
        while (await reader.ReadAsync(TestContext.Current.CancellationToken))
        {
            var row = new Dictionary<string, string>();
            for (var column = 0; column < reader.FieldCount; column++)
            {
                if (!reader.IsDBNull(column))
                    row.Add(reader.GetName(column), reader.GetValue(column) is byte[] bytes ? Base64UrlText.Encode(bytes) : Convert.ToString(reader.GetValue(column), CultureInfo.InvariantCulture)!);
            }

            rows.Add(row);
        }

        return rows;
    }
}
