using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using Keyladder.Cryptography;
using Keyladder.Cryptography.Heads;
using Keyladder.Protocol;
using Keyladder.Protocol.Keystore;
using Keyladder.Testing;
using Services.Tests.Client;

namespace Services.Tests.Keystore;

public sealed class AuditTests(Keystores keystores) : IClassFixture<Keystores>
{
    [Theory, OnBothEngines]
    public async Task Every_act_is_told_once_in_order_and_to_nobody_else(Engine engine)
    {
        await using var service = await RunningService.BeforeAsync(keystores, engine);
        var (alice, bob) = (await Person.SignedUpAsync(service), await Person.SignedUpAsync(service));
        var (first, created) = (alice.Session.KeyId.Session.Value, alice.Slot.Id.Value);
        var phone = await alice.AtAnotherDeviceAsync();
        var (key, other) = (alice.NewKey(), alice.NewKey());
        await alice.PutAsync(key);
        await alice.PutAsync(alice.NextRevision(key.Id));
        await alice.PutAsync(alice.NextRevision(key.Id), other);
        await alice.DeleteAsync(key.Id);
        await alice.SendAsync(Request.Delete($"/v1/sessions/{phone.Session.KeyId.Session}"));
        var recovery = Slot.Generate();
        await ChangeSlotsAsync(alice, recovery, null);
        await ChangeSlotsAsync(alice, null, recovery.Id);
        var next = Slot.Generate();
        await ChangeSlotsAsync(alice, next, alice.Slot.Id);
        var second = alice.Session.KeyId.Session.Value;
        alice.Slot = next;
        await alice.SignInAsync();

        var told = await ReadAsync(alice);
        Assert.Equal(
            [
                new(AuditEventKinds.AccountCreated, created, 1),
                new(AuditEventKinds.SignedIn, created, null),
                new(AuditEventKinds.KeyAdded, key.Id, 2),
                new(AuditEventKinds.KeyChanged, key.Id, 3),
                new(AuditEventKinds.KeysChanged, null, 4),
                new(AuditEventKinds.KeyDeleted, key.Id, 5),
                new(AuditEventKinds.SessionEnded, phone.Session.KeyId.Session.Value, null),
                new(AuditEventKinds.SlotAdded, recovery.Id.Value, 6),
                new(AuditEventKinds.SignedIn, created, null),
                new(AuditEventKinds.SlotRemoved, recovery.Id.Value, 7),
                new(AuditEventKinds.SignedIn, created, null),
                new(AuditEventKinds.SlotReplaced, next.Id.Value, 8),
                new(AuditEventKinds.SignedIn, next.Id.Value, null),
            ],
            told.Select(known => new Told(known.Kind, known.Subject, known.Head)));
        Assert.Equal(Enumerable.Range(1, told.Count).Select(number => (long)number), told.Select(known => known.Number));
        Assert.Equal((first, phone.Session.KeyId.Session.Value, second), (told[0].Session, told[1].Session, told[^2].Session));
        Assert.All(told, known => Assert.Equal(0, known.Hour % 3_600_000));
        Assert.Equal(AuditEventKinds.AccountCreated, Assert.Single(await ReadAsync(bob)).Kind);
    }

    [Theory, OnBothEngines]
    public async Task What_is_refused_or_sent_again_is_told_no_more_than_once(Engine engine)
    {
        await using var service = await RunningService.BeforeAsync(keystores, engine);
        var alice = await Person.SignedUpAsync(service);
        var write = alice.Write([alice.NewKey()], []);
        await alice.SendWriteAsync(write);
        await alice.SendWriteAsync(write);
        (await alice.SendWriteAsync(alice.Write([alice.NewKey()], []))).IsProblem(ProblemTypes.HeadConflict);
        (await alice.SendAsync(Request.Delete($"/v1/sessions/{SessionId.Generate()}"))).IsProblem(ProblemTypes.NotFound);
        Assert.Equal([AuditEventKinds.AccountCreated, AuditEventKinds.KeyAdded], (await ReadAsync(alice)).Select(known => known.Kind));
    }

    [Theory, OnBothEngines]
    public async Task A_head_signs_for_the_events_that_came_with_the_answer_and_for_no_others(Engine engine)
    {
        await using var service = await RunningService.BeforeAsync(keystores, engine);
        var alice = await Person.SignedUpAsync(service);
        await alice.AtAnotherDeviceAsync();
        var unsigned = (await alice.SendAsync(Request.Get(KeystoreRoutes.Account))).As<AccountResponse>().Events;
        Assert.Equal([1, 2], unsigned.Select(known => known.Number));
        var hashes = Hashes(alice, Hash256.Zero, unsigned);

        // Somebody signs in before the head arrives: it signs for what was there.
        await alice.AtAnotherDeviceAsync();
        var write = alice.Write([alice.NewKey()], [], head => head with { Audit = hashes[2] });
        (await alice.SendWriteAsync(write)).As<WriteResponse>();
        alice.Accept(write);
        var rest = (await alice.SendAsync(Request.Post(KeystoreRoutes.KeysFetch, new FetchKeysRequest([], 2)))).As<KeysResponse>().Events;
        Assert.Equal([3, 4], rest.Select(known => known.Number));

        Task<Answer> SendAsync(Hash256 audit) => alice.SendWriteAsync(alice.Write([alice.NewKey()], [], head => head with { Audit = audit }));
        (await SendAsync(Hash256.Zero)).IsProblem(ProblemTypes.HeadRejected);
        (await SendAsync(hashes[1])).IsProblem(ProblemTypes.HeadRejected);
        (await SendAsync(Hash256.Of(hashes[2].ToArray()))).IsProblem(ProblemTypes.HeadRejected);

        var change = await alice.SlotChangeAsync(Slot.Generate(), null);
        (await alice.SendAsync(Request.Post(KeystoreRoutes.Slots, change))).Is(HttpStatusCode.NoContent);
        alice.Accept(change.Head);
        await alice.SignInAsync();

        // The answer to a conflict holds what the second try needs.
        var late = await alice.AtAnotherDeviceAsync();
        await alice.PutAsync(alice.NewKey());
        var shown = (await late.SendWriteAsync(late.Write([late.NewKey()], []))).IsProblem(ProblemTypes.HeadConflict);
        Assert.Equal(3, shown.Events![0].Number);
        var end = Hashes(alice, hashes[2], shown.Events)[^1];
        (await SendAsync(end)).As<WriteResponse>();
    }

    [Theory, OnBothEngines]
    public async Task The_first_head_signs_for_nothing(Engine engine)
    {
        await using var service = await RunningService.BeforeAsync(keystores, engine);
        var alice = new Person(service);
        using var clientKey = Keyladder.Cryptography.Signing.X25519PrivateKey.Generate();
        var request = await alice.SignUpRequestAsync(clientKey);
        var head = (Person.Read(request.Head).Head with { Audit = Hash256.Of([]) }).Sign(alice.Identity).Jws;
        (await alice.SendUnsignedAsync(Request.Post(ServiceRoutes.Accounts, request with { Head = head }))).IsProblem(ProblemTypes.HeadRejected);
    }

    [Theory, OnBothEngines]
    public async Task Sign_ins_alone_do_not_make_it_grow_without_end_and_what_no_head_signed_for_stays(Engine engine)
    {
        await using var service = await RunningService.StartAsync(engine);
        var alice = await Person.SignedUpAsync(service);
        await FillAsync(service, ServiceRoutes.KeptEvents);
        await alice.SignInAsync();
        Assert.Empty((await PageAsync(alice, ServiceRoutes.KeptEvents)).Events);
        await alice.PutAsync(alice.NewKey());
        var end = await PageAsync(alice, ServiceRoutes.KeptEvents);
        Assert.Equal(2, Assert.Single(end.Events).Head);
        Assert.Equal(1, (await PageAsync(alice, 0)).Events[0].Number);

        // A head signs: room again, and with the next event the oldest go.
        var audit = Hashes(alice, new Hash256(end.Previous), end.Events)[^1];
        var write = alice.Write([alice.NewKey()], [], head => head with { Audit = audit });
        (await alice.SendWriteAsync(write)).As<WriteResponse>();
        alice.Accept(write);
        await alice.SignInAsync();
        var first = await PageAsync(alice, 0);
        Assert.Equal((4, ServiceRoutes.MaxEvents), (first.Events[0].Number, first.Events.Length));
        Assert.NotEqual(new byte[32], first.Previous);
        Assert.Equal(ServiceRoutes.KeptEvents, (await ReadAsync(alice)).Count);
    }

    [Theory, OnBothEngines]
    public async Task Many_devices_at_once_at_two_instances_leave_one_chain(Engine engine)
    {
        await using var service = await RunningService.StartAsync(engine);
        using var otherInstance = await service.StartAnotherInstanceAsync();
        var alice = await Person.SignedUpAsync(service);
        const int Devices = 6;
        var landed = new ConcurrentDictionary<long, bool>();
        await Task.WhenAll(Enumerable.Range(0, Devices).Select(async number =>
        {
            var http = number % 2 == 0 ? service.Http : otherInstance;
            var device = await alice.AtAnotherDeviceAsync();
            for (var written = 0; written < 2;)
            {
                await device.SignInAsync(http);
                var seen = (await device.SendAsync(Request.Get($"{KeystoreRoutes.Account}?since={device.Pin.Number}"), http)).As<AccountResponse>();
                device.Accept(seen.Head, seen.Chain);
                var root = device.Head.Head;
                var audit = Hashes(device, root.Audit, seen.Events)[^1];
                var head = device.Pin.Next(device.Head, root.Day, root.Root, root.Count) with { Audit = audit };
                var answer = await device.SendAsync(Request.Post(ServiceRoutes.Changes, new WriteRequest(head.Sign(device.Identity).Jws, [], [])), http);
                if (answer.Status == HttpStatusCode.OK)
                    written += landed.TryAdd(answer.As<WriteResponse>().Number, true) ? 1 : 0; // Two may sign the very same head.
                else
                    answer.IsProblem(ProblemTypes.HeadConflict);
            }
        }));

        var told = await ReadAsync(alice);
        Assert.Equal(Enumerable.Range(1, told.Count).Select(number => (long)number), told.Select(known => known.Number));
        Assert.Equal(Enumerable.Range(1, 1 + (Devices * 2)).Select(number => (long?)number), told.Select(known => known.Head).Where(head => head is not null));
        var newest = (await alice.SendAsync(Request.Get(KeystoreRoutes.Account))).As<AccountResponse>();
        Assert.Contains(Person.Read(newest.Head).Head.Audit, Hashes(alice, Hash256.Zero, told));
    }

    private static Task<AuditResponse> PageAsync(Person person, long after) => PageAsync(person, $"{ServiceRoutes.Audit}?after={after}");

    private static async Task<AuditResponse> PageAsync(Person person, string target) => (await person.SendAsync(Request.Get(target))).As<AuditResponse>();

    private static async Task<List<AuditEventMessage>> ReadAsync(Person person)
    {
        var events = new List<AuditEventMessage>();
        for (var page = await PageAsync(person, ServiceRoutes.Audit); page.Events.Length > 0; page = await PageAsync(person, events[^1].Number))
            events.AddRange(page.Events);
        return events;
    }

    /// <summary>The hash before the first event, then that of each.</summary>
    private static List<Hash256> Hashes(Person person, Hash256 previous, IEnumerable<AuditEventMessage> events)
    {
        List<Hash256> hashes = [previous];
        foreach (var next in events)
            hashes.Add(AuditChain.Keystore.Next(hashes[^1], person.Account, next.Number, next.Hour, next.Kind, new SessionId(next.Session), next.Subject, next.Head));
        return hashes;
    }

    private static async Task ChangeSlotsAsync(Person person, Slot? add, SlotId? remove)
    {
        var change = await person.SlotChangeAsync(add, remove);
        (await person.SendAsync(Request.Post(KeystoreRoutes.Slots, change))).Is(HttpStatusCode.NoContent);
        person.Accept(change.Head);
        if (remove != person.Slot.Id)
            await person.SignInAsync();
    }

    // As many events as a service would take months to see, after the one of the sign-up.
    private static async Task FillAsync(RunningService service, int last)
    {
        await using var connection = await service.Database.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = string.Create(CultureInfo.InvariantCulture, $"""
            WITH RECURSIVE numbers (number) AS (SELECT 2 UNION ALL SELECT number + 1 FROM numbers WHERE number < {last})
            INSERT INTO audit_events (account_id, number, hour, kind, session_id, subject, head, previous, hash)
            SELECT account_id, numbers.number, hour, 'signed-in', session_id, subject, NULL, hash, hash FROM audit_events, numbers WHERE audit_events.number = 1;
            """);
        await command.ExecuteNonQueryAsync();
    }

    private sealed record Told(string Kind, Guid? Subject, long? Head);
}
