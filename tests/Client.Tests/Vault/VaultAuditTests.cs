using System.Text.Json.Nodes;
using Keyladder.Testing;
using static Keyladder.Client.Tests.Person;
using static Keyladder.Client.Tests.Vaults.VaultTests;

namespace Keyladder.Client.Tests.Vaults;

/// <summary>The list of events at a Vault; what its construction stands for is tried at the Keystore, in <see cref="Lies.AuditLies"/>.</summary>
public sealed class VaultAuditTests(VaultAuditTests.Scene scene) : IClassFixture<VaultAuditTests.Scene>
{
    private const string Audit = "GET /v1/audit";

    [Fact]
    public async Task Every_write_is_told_and_all_but_the_last_are_signed_for()
    {
        var events = await scene.Mine.ReadAuditAsync(Cancellation);

        Assert.Equal(["account-created", "objects-changed", "signed-in", "objects-changed", "objects-changed"], events.Select(known => known.Kind));
        Assert.Equal([1, 2, null, 3, 4], events.Select(known => known.Change));
        Assert.Equal(4, events.Count(known => known.IsSigned));
    }

    [Theory]
    [InlineData("dropped", 1)]
    [InlineData("altered", 1)]
    [InlineData("inserted", 1)]
    [InlineData("another account's", 1)]
    [InlineData("the last change is missing", 5)]
    public async Task H11_a_list_that_the_account_did_not_sign_for_is_noticed(string lie, int from)
    {
        scene.Hostile.Proxy.Lie = answer =>
        {
            // What follows the last event is an empty list.
            if ($"{answer.Method} {answer.Path}" == Audit && answer.Json["events"]!.AsArray().Count > 0)
                answer.Edit(json => Tell(lie, json["events"]!.AsArray()));
        };
        var refusal = await Assert.ThrowsAsync<IntegrityException>(() => scene.Mine.ReadAuditAsync(Cancellation));
        scene.Hostile.TellTheTruth();

        Assert.Equal((Alarm.AuditInvalid, $"event {from}"), (refusal.Alarm, refusal.Object));
    }

    private void Tell(string lie, JsonArray events)
    {
        switch (lie)
        {
            case "dropped" when events.Count == 1: // what the list goes on with, where four are left of it
                return;
            case "dropped":
                events.RemoveAt(2);
                break;
            case "altered":
                events[2]!["kind"] = "session-ended";
                break;
            case "inserted":
                events.Insert(2, events[2]!.DeepClone());
                break;
            case "another account's":
                var others = scene.Bobs["events"]!.DeepClone().AsArray().ToList();
                events.Clear();
                others.ForEach(other => events.Add(other!.DeepClone()));
                break;
            default:
                events.RemoveAt(events.Count - 1);
                return;
        }

        for (var index = 0; index < events.Count; index++)
            events[index]!["number"] = index + 1;
    }

    /// <summary>Two devices of Alice's, three writes; and what Bob's list of as many events looked like.</summary>
    public sealed class Scene : IAsyncLifetime
    {
        private KeystoreHost _keystore = null!;
        private VaultOwner _alice = null!;
        private VaultOwner _bob = null!;

        public HostileVault Hostile { get; } = new();

        public Client.Vault Mine { get; private set; } = null!;

        public JsonObject Bobs { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            _keystore = await KeystoreHost.StartAsync(Engine.Sqlite);
            await Hostile.InitializeAsync();
            (_alice, _bob) = (new(_keystore.Origin, Hostile.Proxy.Address), new(_keystore.Origin, Hostile.Proxy.Address));
            var bobs = await ThreeWritesAsync(_bob);
            Bobs = (await Hostile.Proxy.RecordAsync(() => bobs.ReadAuditAsync(Cancellation))).Answers(Audit).First();
            Mine = await ThreeWritesAsync(_alice);
        }

        public async ValueTask DisposeAsync()
        {
            await _alice.DisposeAsync();
            await _bob.DisposeAsync();
            await Hostile.DisposeAsync();
            await _keystore.DisposeAsync();
        }

        private static async Task<Client.Vault> ThreeWritesAsync(VaultOwner owner)
        {
            var here = await owner.CreateAsync();
            await here.PutAsync(Login("Bank", "1"), Cancellation);
            await owner.OpenAsync();
            await here.PutAsync(Login("Mail", "2"), Cancellation);
            await here.PutAsync(Login("Shop", "3"), Cancellation);
            return here;
        }
    }
}
