using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using Keyladder.Cryptography;
using Keyladder.Testing;
using static Keyladder.Client.Tests.Person;

namespace Keyladder.Client.Tests.Lies;

/// <summary>What a hostile service can answer to a write: false acknowledgements, and conflicts with what never was.</summary>
public sealed class WriteLies(WriteLies.Scene scene) : IClassFixture<WriteLies.Scene>
{
    private const string Changes = "POST /v1/changes";

    public static TheoryData<string> Names => [.. All(null!).Select(lie => lie.Name)];

    [Theory, MemberData(nameof(Names))]
    public async Task B14_B15_no_lie_is_taken_for_a_write(string name)
    {
        var lie = All(scene).Single(lie => lie.Name == name);
        var before = await scene.Pins.GetAsync(scene.Me.Id, Cancellation);
        var told = new StrongBox<int>();

        // The service does nothing of what it is asked, so that each lie finds the same account.
        scene.Hostile.Proxy.Invent = (call, _) => call == Changes ? """{"number":1}"""u8.ToArray() : null;
        scene.Hostile.Proxy.Lie = lie.In(told);
        await lie.ExpectAsync(() => scene.Me.Keys.GeneratePersonalAsync("photos", Cancellation));
        scene.Hostile.TellTheTruth();

        Assert.NotEqual(0, told.Value);
        Assert.Equal(before, await scene.Pins.GetAsync(scene.Me.Id, Cancellation));
        Assert.Single(await scene.Me.Keys.ListAsync(Cancellation));
    }

    private static IEnumerable<Lie> All(Scene scene) =>
    [
        .. Lie.AboutForm(Changes, "number"),
        Lie.Fails(FailureReason.InvalidAnswer, "another head is acknowledged", Changes, answer => answer.Edit(json => json["number"] = 99)),
        Conflict(scene, "nothing is shown", json => json.Remove("head"), FailureReason.InvalidAnswer),
        Conflict(scene, "no chain is shown", json => json.Remove("chain"), FailureReason.InvalidAnswer),
        Conflict(scene, "no keys are shown", json => json.Remove("keys"), FailureReason.InvalidAnswer),
        Conflict(scene, "no proof is shown", json => json.Remove("proof"), FailureReason.InvalidAnswer),
        Conflict(scene, "nothing is in the chain", json => json["chain"] = new JsonArray((JsonNode?)null), FailureReason.InvalidAnswer),
        Conflict(scene, "another account's head came first", json => json["head"] = scene.Bob["head"]!.GetValue<string>(), Alarm.HeadInvalid),
        Conflict(scene, "a head from before came first", json => json["head"] = scene.Older["head"]!.GetValue<string>(), Alarm.RolledBack),
        Conflict(scene, "the proof is another's", json => json["proof"] = scene.Bob["proof"]!.GetValue<string>(), Alarm.ProofInvalid),
        Conflict(scene, "a key is there that was not written", json => json["keys"] = new JsonArray(scene.Key.DeepClone()), Alarm.ObjectInvalid),

        // Nothing came first, and nothing false is shown: the client tries again, but not for ever.
        Conflict(scene, "the head that it had came first", _ => { }, FailureReason.Conflict),
        Lie.Fails(FailureReason.SessionEnded, "the session has ended, always", Changes, answer => Problem(answer, 401, "sign-in-required")),
        Lie.Fails(FailureReason.Unreachable, "the clock is wrong, always", Changes, answer => Problem(answer, 401, "clock-skew", json => json["time"] = 1_000_000_000_000)),
        Lie.Fails(FailureReason.InvalidAnswer, "the clock is beyond all time", Changes, answer => Problem(answer, 401, "clock-skew", json => json["time"] = 1L << 52)),
        Lie.Fails(FailureReason.Rejected, "the head is rejected", Changes, answer => Problem(answer, 422, "head-rejected")),
        Lie.Fails(FailureReason.ServiceFailed, "it failed", Changes, answer => Problem(answer, 500, "internal")),
        Lie.Fails(FailureReason.Unreachable, "it is down", Changes, answer => Problem(answer, 503, "unavailable")),
        Lie.Fails(FailureReason.InvalidAnswer, "a problem that there is not", Changes, answer => Problem(answer, 409, "moon")),
        Lie.Fails(FailureReason.InvalidAnswer, "a problem with a secret wish", Changes, answer => Problem(answer, 409, "head-conflict", json => json["passphrase"] = "please")),
    ];

    private static Lie Conflict(Scene scene, string name, Action<JsonObject> edit, Alarm alarm) => Lie.Raises(alarm, name, Changes, answer => Conflict(answer, scene, edit));

    private static Lie Conflict(Scene scene, string name, Action<JsonObject> edit, FailureReason reason) => Lie.Fails(reason, name, Changes, answer => Conflict(answer, scene, edit));

    // What the client was shown before the write, as though it were what came first.
    private static void Conflict(ProxiedAnswer answer, Scene scene, Action<JsonObject> edit) => Problem(answer, 409, "head-conflict", json =>
    {
        foreach (var (name, value) in scene.Hostile.Proxy.Last("POST /v1/keys/fetch"))
            json[name] = value!.DeepClone();
        edit(json);
    });

    private static void Problem(ProxiedAnswer answer, int status, string name, Action<JsonObject>? edit = null)
    {
        var json = new JsonObject { ["type"] = "urn:keyladder:problem:" + name };
        edit?.Invoke(json);
        (answer.Status, answer.Json) = (status, json);
    }

    public sealed class Scene : IAsyncLifetime
    {
        private Person _alice = null!;

        public HostileKeystore Hostile { get; } = new();

        public MemoryPinStore Pins { get; } = new();

        public UnlockedAccount Me { get; private set; } = null!;

        public JsonObject Bob { get; private set; } = null!;

        public JsonObject Older { get; private set; } = null!;

        public JsonObject Key { get; private set; } = null!;

        public KeyId Photos { get; private set; }

        public async ValueTask InitializeAsync()
        {
            await Hostile.InitializeAsync();
            await using var bob = new Person(Hostile.Proxy.Address);
            await (await bob.SignUpAsync()).UnlockMethods.ListAsync(Cancellation);
            Bob = Hostile.Proxy.Last("GET /v1/account");
            _alice = new Person(Hostile.Proxy.Address);
            Me = await _alice.SignUpAsync(Pins);
            await Me.UnlockMethods.ListAsync(Cancellation);
            Older = Hostile.Proxy.Last("GET /v1/account");
            Photos = (await Me.Keys.GeneratePersonalAsync("photos", Cancellation)).Id;
            await Me.Keys.GetAsync(Photos, Cancellation);
            Key = Hostile.Proxy.Last("POST /v1/keys/fetch")["keys"]![0]!.AsObject();
        }

        public async ValueTask DisposeAsync()
        {
            await _alice.DisposeAsync();
            await Hostile.DisposeAsync();
        }
    }
}
