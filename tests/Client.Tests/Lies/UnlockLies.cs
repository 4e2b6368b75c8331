using System.Buffers.Text;
using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using Keyladder.Testing;
using static Keyladder.Client.Tests.Person;

namespace Keyladder.Client.Tests.Lies;

/// <summary>What a hostile service can show to somebody who unlocks an account.</summary>
public sealed class UnlockLies(UnlockLies.Scene scene) : IClassFixture<UnlockLies.Scene>
{
    private const string Account = "GET /v1/account";

    public static TheoryData<string> Names => [.. All(null!).Select(lie => lie.Name)];

    [Theory, MemberData(nameof(Names))]
    public async Task A17_B02_G07_no_lie_unlocks(string name)
    {
        var lie = All(scene).Single(lie => lie.Name == name);
        var device = scene.Alice.Device(scene.Pins);
        var before = await scene.Pins.GetAsync(scene.AccountId, Cancellation);
        var calls = scene.Hostile.Proxy.Calls.Count;
        var told = new StrongBox<int>();

        scene.Hostile.Proxy.Lie = lie.In(told);
        await lie.ExpectAsync(() => device.Account(scene.AccountId).UnlockAsync(scene.Alice.Secret, Cancellation));
        scene.Hostile.TellTheTruth();

        Assert.NotEqual(0, told.Value);
        Assert.Equal(before, await scene.Pins.GetAsync(scene.AccountId, Cancellation));
        // After the lie nothing more was sent: it was the last call, as often as it may be sent.
        Assert.Equal(lie.Call, scene.Hostile.Proxy.Calls.Skip(calls).Last());
    }

    [Fact]
    public async Task The_truth_unlocks()
    {
        await using var me = await scene.Alice.Device(scene.Pins).Account(scene.AccountId).UnlockAsync(scene.Alice.Secret, Cancellation);

        Assert.Equal(scene.AccountId, me.Id);
    }

    private static IEnumerable<Lie> All(Scene scene) =>
    [
        Lie.Raises(Alarm.DoesNotOpen, "another account's wrapped KEK", Account, answer => answer.Edit(json => json["slot"]!["wrapped"] = Text(scene.Bob, "slot", "wrapped"))),
        Lie.Raises(Alarm.DoesNotOpen, "another account", Account, answer => answer.Json = scene.Bob),
        Lie.Raises(Alarm.DoesNotOpen, "another slot", Account, answer => answer.Edit(json => json["slot"]!["id"] = Text(scene.Bob, "slot", "id"))),
        Lie.Raises(Alarm.DoesNotOpen, "another KEK", Account, answer => answer.Edit(json => json["identity"]!["kek"] = Text(scene.Bob, "identity", "kek"))),
        Lie.Raises(Alarm.DoesNotOpen, "another account's identity keypair", Account, answer => answer.Edit(json => json["identity"] = Clone(scene.Bob["identity"]))),
        Lie.Raises(Alarm.DoesNotOpen, "a signing keypair as the identity keypair", Account, answer => answer.Edit(json => json["identity"] = Clone(scene.SigningKey))),
        Lie.Raises(Alarm.DoesNotOpen, "the overview of another key", Account, answer => answer.Edit(json => json["identity"]!["overview"] = scene.SigningKey["overview"]!.GetValue<string>())),
        Lie.Raises(Alarm.DoesNotOpen, "the envelope of another key", Account, answer => answer.Edit(json => json["identity"]!["wrapped"] = scene.SigningKey["wrapped"]!.GetValue<string>())),
        Lie.Raises(Alarm.DoesNotOpen, "a changed bit of the wrapped KEK", Account, answer => answer.Edit(json => Flip(json["slot"]!, "wrapped", 60))),
        Lie.Raises(Alarm.DoesNotOpen, "a wrapped KEK cut short", Account, answer => answer.Edit(json => json["slot"]!["wrapped"] = Text(json, "slot", "wrapped")[..40])),
        Lie.Raises(Alarm.HeadInvalid, "a head that another account signed", Account, answer => answer.Edit(json => json["head"] = scene.Bob["head"]!.GetValue<string>())),
        Lie.Raises(Alarm.HeadInvalid, "a head with the signature of another", Account, answer => answer.Edit(json =>
            json["head"] = Signed(json).Text + Signed(scene.Older).Signature)),
        Lie.Raises(Alarm.HeadInvalid, "no head", Account, answer => answer.Edit(json => json["head"] = "")),
        Lie.Raises(Alarm.RolledBack, "a head from before", Account, answer => answer.Json = scene.Older),
        Lie.Raises(Alarm.Forked, "a chain that leads too far", Account, answer => answer.Edit(json => json["chain"] = new JsonArray(scene.Older["head"]!.GetValue<string>()))),
        Lie.Raises(Alarm.HeadInvalid, "a chain of nothing", Account, answer => answer.Edit(json => json["chain"] = new JsonArray(""))),
        Lie.Fails(FailureReason.InvalidAnswer, "a null in the chain", Account, answer => answer.Edit(json => json["chain"] = new JsonArray((JsonNode?)null))),
        Lie.Raises(Alarm.ProofInvalid, "an empty proof", Account, answer => answer.Edit(json => json["proof"] = "")),
        Lie.Raises(Alarm.ProofInvalid, "a proof that there is nothing else", Account, answer => answer.Edit(json => json["proof"] = "AA")),
        Lie.Raises(Alarm.ProofInvalid, "another account's proof", Account, answer => answer.Edit(json => json["proof"] = scene.Bob["proof"]!.GetValue<string>())),
        Lie.Raises(Alarm.ProofInvalid, "a proof with a byte more", Account, answer => answer.Edit(json => json["proof"] = Base64Url.EncodeToString([.. Bytes(json, "proof"), 0]))),
        Lie.Raises(Alarm.ObjectInvalid, "a revision that there is not", Account, answer => answer.Edit(json => json["identity"]!["revision"] = 0)),
        Lie.Raises(Alarm.DoesNotOpen, "another revision", Account, answer => answer.Edit(json => json["identity"]!["revision"] = 2)),
        Lie.Fails(FailureReason.InvalidAnswer, "an id in capitals", Account, answer => answer.Edit(json => json["identity"]!["id"] = Text(json, "identity", "id").ToUpperInvariant())),
    ];

    private static string Text(JsonObject json, string member, string inner) => json[member]![inner]!.GetValue<string>();

    private static byte[] Bytes(JsonNode json, string member) => Base64Url.DecodeFromChars(json[member]!.GetValue<string>());

    private static JsonNode Clone(JsonNode? node) => node!.DeepClone();

    private static void Flip(JsonNode json, string member, int at)
    {
        var bytes = Bytes(json, member);
        bytes[at] ^= 1;
        json[member] = Base64Url.EncodeToString(bytes);
    }

    private static (string Text, string Signature) Signed(JsonObject answer)
    {
        var head = answer["head"]!.GetValue<string>();
        var end = head.LastIndexOf('.') + 1;
        return (head[..end], head[end..]);
    }

    /// <summary>Alice, who has seen four heads, and Bob, who helps the service with all that is his.</summary>
    public sealed class Scene : IAsyncLifetime
    {
        public HostileKeystore Hostile { get; } = new();

        public Person Alice { get; private set; } = null!;

        public MemoryPinStore Pins { get; } = new();

        public Cryptography.AccountId AccountId { get; private set; }

        /// <summary>Bob's genuine account.</summary>
        public JsonObject Bob { get; private set; } = null!;

        /// <summary>Alice's genuine account, before her last change.</summary>
        public JsonObject Older { get; private set; } = null!;

        public JsonObject SigningKey { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            await Hostile.InitializeAsync();
            await using var bob = new Person(Hostile.Proxy.Address);
            await bob.SignUpAsync();
            await (await bob.UnlockAsync()).Keys.GeneratePersonalAsync(cancellationToken: Cancellation);
            await bob.UnlockAsync();
            Bob = Hostile.Proxy.Last(Account);

            Alice = new Person(Hostile.Proxy.Address);
            await using var me = await Alice.SignUpAsync(Pins);
            AccountId = me.Id;
            using var desk = await me.Keys.GenerateSigningAsync("desk", Cancellation);
            await me.Keys.GetAsync(desk.Id, Cancellation);
            SigningKey = Hostile.Proxy.Last("POST /v1/keys/fetch")["keys"]![0]!.AsObject();
            await me.UnlockMethods.ListAsync(Cancellation);
            Older = Hostile.Proxy.Last(Account);
            await me.Keys.GeneratePersonalAsync("photos", Cancellation);
        }

        public async ValueTask DisposeAsync()
        {
            await Alice.DisposeAsync();
            await Hostile.DisposeAsync();
        }
    }
}
