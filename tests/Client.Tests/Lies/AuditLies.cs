using System.Buffers.Text;
using System.Text.Json.Nodes;
using Keyladder.Cryptography;
using Keyladder.Cryptography.Heads;
using Keyladder.Protocol.Keystore;
using Keyladder.Protocol;
using Keyladder.Testing;
using static Keyladder.Client.Tests.Person;

namespace Keyladder.Client.Tests.Lies;

/// <summary>What an operator can do to the list of an account's events: each lie but the plainest is told with numbers that fit.</summary>
public sealed class AuditLies(AuditLies.Scene scene) : IClassFixture<AuditLies.Scene>
{
    private const string Audit = "GET /v1/audit";

    // Numbers in the scene: 1 sign-up, 2 tablet signs in, 3 key, 4 key, 5 phone signs in, 6 key, 7 key, 8 laptop signs in.
    // Changes 2, 3, 4, 5 are events 3, 4, 6, 7; the newest head, 5, signs up to 6, and 4, which is on its chain, up to 5.
    private const int Last = 8;

    [Fact]
    public async Task The_truth_is_read_with_what_is_signed_and_what_is_not()
    {
        var events = await scene.Me.ReadAuditAsync(Cancellation);
        Assert.Equal(
            ["account-created", "signed-in", "key-added", "key-added", "signed-in", "key-added", "key-added", "signed-in"], events.Select(known => known.Kind));
        Assert.Equal([1, null, 2, 3, null, 4, 5, null], events.Select(known => known.Change));
        Assert.Equal(6, events.Count(known => known.IsSigned));
        Assert.All(events, known => Assert.Equal((0, 0), (known.Hour.Minute, known.Hour.Second)));
    }

    [Theory, InlineData(2), InlineData(3), InlineData(5), InlineData(6)]
    public Task H11_an_event_dropped_is_missed(int number) =>
        LieAsync($"event {number}", list => list.RemoveAt(number - 1));

    [Theory, InlineData(1), InlineData(2), InlineData(3), InlineData(5)]
    public Task H11_an_event_dropped_and_the_rest_renumbered_is_noticed(int number) =>
        LieAsync(Noticed(number), list =>
        {
            list.RemoveAt(number - 1);
            Renumber(list);
        });

    [Theory]
    [InlineData("kind", "signed-in", 3), InlineData("kind", "key-deleted", 4), InlineData("session", "00000000-0000-4000-8000-000000000001", 2)]
    [InlineData("subject", "00000000-0000-4000-8000-000000000001", 6), InlineData("hour", null, 5)]
    public Task H11_an_event_altered_is_noticed(string member, string? value, int number) =>
        LieAsync(Noticed(number), list => list[number - 1]![member] = value is null ? 0 : value);

    [Theory, InlineData(1, 2), InlineData(2, 5), InlineData(5, 6)]
    public Task H11_events_in_another_order_are_noticed(int one, int other) =>
        LieAsync(Noticed(one), list =>
        {
            var (first, second) = (list[one - 1]!.DeepClone(), list[other - 1]!.DeepClone());
            (list[one - 1], list[other - 1]) = (second, first);
            Renumber(list);
        });

    [Fact]
    public Task H11_events_in_another_order_as_they_are_numbered_are_noticed() =>
        LieAsync("event 2", list => (list[1], list[2]) = (list[2]!.DeepClone(), list[1]!.DeepClone()));

    [Theory, InlineData(1), InlineData(3), InlineData(6)]
    public Task H11_an_event_inserted_is_noticed(int before) =>
        LieAsync(Noticed(before), list =>
        {
            list.Insert(before - 1, list[1]!.DeepClone());
            Renumber(list);
        });

    [Theory, InlineData(0), InlineData(2), InlineData(5)]
    public Task H11_a_tail_cut_off_below_what_is_signed_is_noticed(int left) =>
        LieAsync(Noticed(left + 1), list => Keep(list, left));

    [Fact]
    public Task H11_a_change_cut_off_before_a_head_signed_for_its_event_is_missed() => LieAsync("event 7", list => Keep(list, 6));

    [Fact]
    public Task H11_a_change_replaced_before_a_head_signed_for_its_event_is_missed() => LieAsync("event 9", list =>
    {
        list[6]!["kind"] = "signed-in";
        list[6]!.AsObject().Remove("head");
    });

    [Fact]
    public Task H11_a_change_told_twice_is_noticed() => LieAsync("event 8", list => list[7]!["head"] = 5);

    [Fact]
    public Task H11_a_chain_replaced_by_another_accounts_is_noticed() => LieAsync(Noticed(1), list =>
    {
        list.Clear();
        foreach (var foreign in scene.Bobs["events"]!.AsArray())
            list.Add(foreign!.DeepClone());
    });

    [Fact]
    public async Task H11_a_beginning_cut_off_is_missed()
    {
        // With the hash that the rest continues, so that the chain itself fits.
        await LieInAllAsync("event 2", json =>
        {
            json["previous"] = Base64Url.EncodeToString(Hashes(json, scene.Me.Id)[2].ToArray());
            json["events"]!.AsArray().RemoveRange(0, 2);
        });
        await LieInAllAsync("event 1", json => json["previous"] = Base64Url.EncodeToString(Hash256.Of([1]).ToArray()));
    }

    [Fact]
    public async Task H11_a_list_that_does_not_end_is_not_read_on_for_ever()
    {
        var number = 0L;
        scene.Hostile.Proxy.Lie = answer =>
        {
            if (Call(answer) != Audit || number > 100_000) // so that a client that reads on fails here, and does not run for ever
                return;
            answer.Edit(json => json["events"] = new JsonArray([.. Enumerable.Range(0, ServiceRoutes.MaxEvents).Select(_ => Event(++number))]));
        };
        await Expect.FailureAsync(FailureReason.InvalidAnswer, () => scene.Me.ReadAuditAsync(Cancellation));
        scene.Hostile.TellTheTruth();
        Assert.InRange(number, ServiceRoutes.KeptEvents, 50_000);
    }

    [Fact]
    public async Task H11_a_history_invented_behind_the_hash_that_is_signed_for_is_noticed()
    {
        await using var hostile = new HostileKeystore();
        await hostile.InitializeAsync();
        await using var person = new Person(hostile.Proxy.Address);
        var me = await person.SignUpAsync();
        await me.Keys.GeneratePersonalAsync(cancellationToken: Cancellation);
        var signed = (await me.ReadAuditAsync(Cancellation)).Count(known => known.IsSigned);
        Assert.True(signed > 0);

        // No head but the newest is read, and the hash that it signs for is given as what came before the first event.
        hostile.Proxy.Lie = answer =>
        {
            if (Call(answer) == Audit && answer.Json["events"]!.AsArray().Count > 0)
                answer.Edit(json =>
                {
                    json["previous"] = Base64Url.EncodeToString(Hashes(json, me.Id)[signed].ToArray());
                    json["events"]![0]!["hour"] = 0;
                });
        };
        await Expect.AlarmAsync(Alarm.AuditInvalid, () => me.ReadAuditAsync(Cancellation));
    }

    [Theory, InlineData("number"), InlineData("head")]
    public async Task H11_events_that_do_not_follow_one_another_are_not_signed_for(string member)
    {
        scene.Hostile.Proxy.Lie = answer =>
        {
            if (Call(answer) == "POST /v1/keys/fetch")
                answer.Edit(json => json["events"]![0]![member] = 0);
        };
        await Expect.AlarmAsync(Alarm.AuditInvalid, () => scene.Me.Keys.GeneratePersonalAsync(cancellationToken: Cancellation));
        scene.Hostile.TellTheTruth();
    }

    [Fact]
    public async Task H11_what_is_dropped_from_the_database_with_all_hashes_made_anew_is_noticed()
    {
        await using var hostile = new HostileKeystore();
        await hostile.InitializeAsync();
        await using var person = new Person(hostile.Proxy.Address);
        var me = await person.SignUpAsync();
        await person.UnlockAsync();
        await me.Keys.GeneratePersonalAsync(cancellationToken: Cancellation);
        await me.Keys.GeneratePersonalAsync(cancellationToken: Cancellation);

        // The operator drops a sign-in that is signed for, and has all the hashes computed anew.
        await using (var connection = await hostile.Real.Database.OpenAsync())
        {
            await using var command = connection.CreateCommand();
            var events = (await me.ReadAuditAsync(Cancellation)).Where(known => known.Number != 2).ToList();
            command.CommandText = "DELETE FROM audit_events; UPDATE heads SET audited = 0;";
            var previous = Hash256.Zero;
            foreach (var (index, next) in events.Index())
            {
                var (hour, number) = (next.Hour.ToUnixTimeMilliseconds(), index + 1);
                var hash = AuditChain.Keystore.Next(previous, me.Id, number, hour, next.Kind, next.Session, next.Subject, next.Change);
                command.CommandText += FormattableString.Invariant($"""
                    INSERT INTO audit_events VALUES ('{me.Id}', {number}, {hour}, '{next.Kind}', '{next.Session}', '{next.Subject}', {(next.Change is { } change ? change : "NULL")},
                        X'{Convert.ToHexString(previous.ToArray())}', X'{Convert.ToHexString(hash.ToArray())}');
                    """);
                previous = hash;
            }

            await command.ExecuteNonQueryAsync(Cancellation);
        }

        await Expect.AlarmAsync(Alarm.AuditInvalid, () => me.ReadAuditAsync(Cancellation));
    }

    private static string Noticed(int number) => number switch
    {
        // The heads that are read sign up to 5 and up to 6: what is wrong lies after the last that still fits.
        <= 5 => "event 1",
        _ => "event 6",
    };

    private static void Renumber(JsonArray list)
    {
        foreach (var (index, entry) in list.Index())
            entry!["number"] = index + 1;
    }

    private static void Keep(JsonArray list, int count) => list.RemoveRange(count, list.Count - count);

    private static JsonObject Event(long number) => new()
    {
        ["number"] = number, ["hour"] = 0, ["kind"] = "signed-in", ["session"] = "00000000-0000-4000-8000-000000000001",
    };

    private static string Call(ProxiedAnswer answer) => $"{answer.Method} {answer.Path}";

    private static List<Hash256> Hashes(JsonObject json, AccountId account)
    {
        List<Hash256> hashes = [Hash256.Zero];
        foreach (var entry in json["events"]!.AsArray())
        {
            hashes.Add(AuditChain.Keystore.Next(
                hashes[^1],
                account,
                entry!["number"]!.GetValue<long>(),
                entry["hour"]!.GetValue<long>(),
                entry["kind"]!.GetValue<string>(),
                new SessionId(Guid.Parse(entry["session"]!.GetValue<string>())),
                entry["subject"] is { } subject ? Guid.Parse(subject.GetValue<string>()) : null,
                entry["head"]?.GetValue<long>()));
        }

        return hashes;
    }

    private Task LieAsync(string @object, Action<JsonArray> lie) => LieInAllAsync(@object, json => lie(json["events"]!.AsArray()));

    private async Task LieInAllAsync(string @object, Action<JsonObject> lie)
    {
        scene.Hostile.Proxy.Lie = answer =>
        {
            if (Call(answer) == Audit && answer.Json["events"]!.AsArray().Count == Last)
                answer.Edit(lie);
            else if (Call(answer) == Audit)
                answer.Edit(json => json["events"] = new JsonArray());
        };
        var alarm = await Assert.ThrowsAsync<IntegrityException>(() => scene.Me.ReadAuditAsync(Cancellation));
        scene.Hostile.TellTheTruth();
        Assert.Equal((Alarm.AuditInvalid, @object), (alarm.Alarm, alarm.Object));
        Assert.Equal(Last, (await scene.Me.ReadAuditAsync(Cancellation)).Count);
    }

    public sealed class Scene : IAsyncLifetime
    {
        private Person _alice = null!;

        public HostileKeystore Hostile { get; } = new();

        public UnlockedAccount Me { get; private set; } = null!;

        public JsonObject Bobs { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            await Hostile.InitializeAsync();
            await using var bob = new Person(Hostile.Proxy.Address);
            var bobs = await bob.SignUpAsync();
            await bobs.Keys.GeneratePersonalAsync(cancellationToken: Cancellation);
            Bobs = null!;
            Hostile.Proxy.Lie = answer => Bobs = Call(answer) == Audit && answer.Json["events"]!.AsArray().Count > 0 ? answer.Json : Bobs;
            await bobs.ReadAuditAsync(Cancellation);
            Hostile.TellTheTruth();

            _alice = new Person(Hostile.Proxy.Address);
            Me = await _alice.SignUpAsync();
            await _alice.UnlockAsync();
            await Me.Keys.GeneratePersonalAsync(cancellationToken: Cancellation);
            await Me.Keys.GeneratePersonalAsync(cancellationToken: Cancellation);
            await _alice.UnlockAsync();
            await Me.Keys.GeneratePersonalAsync(cancellationToken: Cancellation);
            await Me.Keys.GeneratePersonalAsync(cancellationToken: Cancellation);
            await _alice.UnlockAsync();
        }

        public async ValueTask DisposeAsync()
        {
            await _alice.DisposeAsync();
            await Hostile.DisposeAsync();
        }
    }
}
