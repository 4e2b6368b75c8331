using System.Buffers.Text;
using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using Keyladder.Cryptography;
using Keyladder.Cryptography.Heads;
using Keyladder.Keys.Envelopes;
using Keyladder.Testing;
using static Keyladder.Client.Tests.Person;

namespace Keyladder.Client.Tests.Lies;

/// <summary>What a hostile service can show to somebody who lists keys, fetches one, or looks at the account.</summary>
public sealed class ReadLies(ReadLies.Scene scene) : IClassFixture<ReadLies.Scene>
{
    private const string Account = "GET /v1/account";
    private const string Changes = "GET /v1/changes";
    private const string Fetch = "POST /v1/keys/fetch";
    private const string Sessions = "GET /v1/sessions";

    public static TheoryData<string> Names => [.. All(null!).Select(lie => $"{lie.Call}: {lie.Name}")];

    [Theory, MemberData(nameof(Names))]
    public async Task B01_B09_B14_B15_D04_D05_D06_D07_H08_no_lie_is_shown(string name)
    {
        var lie = All(scene).Single(lie => $"{lie.Call}: {lie.Name}" == name);
        var before = await scene.Pins.GetAsync(scene.Me.Id, Cancellation);
        var told = new StrongBox<int>();

        scene.Hostile.Proxy.Lie = lie.In(told);
        await lie.ExpectAsync(() => ReadAsync(lie.Call));
        scene.Hostile.TellTheTruth();

        Assert.NotEqual(0, told.Value);
        Assert.Equal(before, await scene.Pins.GetAsync(scene.Me.Id, Cancellation));
    }

    [Theory, InlineData(Account), InlineData(Fetch), InlineData(Sessions)]
    public async Task The_truth_is(string call) => await ReadAsync(call);

    private Task ReadAsync(string call) => call switch
    {
        Account => scene.Me.UnlockMethods.ListAsync(Cancellation),
        Changes => scene.Me.Keys.ListAsync(Cancellation),
        Fetch => scene.Me.Keys.GetAsync(scene.Photos, Cancellation),
        Sessions => scene.Me.Sessions.ListAsync(Cancellation),
        _ => throw new ArgumentOutOfRangeException(nameof(call)),
    };

    private static IEnumerable<Lie> All(Scene scene) =>
    [
        .. Lie.AboutForm(Account, "proof"),
        .. Lie.AboutForm(Changes, "changes"),
        .. Lie.AboutForm(Fetch, "keys"),
        .. Lie.AboutForm(Sessions, "sessions"),
        .. AboutHeads(Account, scene, Alarm.RolledBack),
        .. AboutHeads(Changes, scene, Alarm.Forked),
        .. AboutHeads(Fetch, scene, Alarm.RolledBack),
        .. AboutKeys(Changes, scene, other => Alarm.ObjectInvalid),
        .. AboutKeys(Fetch, scene, other => Alarm.ProofInvalid),

        Lie.Raises(Alarm.RolledBack, "the list from before", Changes, answer => answer.Json = scene.OlderList),
        Lie.Raises(Alarm.ProofInvalid, "a key is missing", Changes, answer => answer.Edit(json =>
        {
            Remove(json, "changes", scene.Photos);
            Remove(json, "keys", scene.Photos);
        })),
        Lie.Raises(Alarm.ObjectInvalid, "a key is withheld", Changes, answer => answer.Edit(json => Remove(json, "keys", scene.Photos))),
        Lie.Raises(Alarm.ObjectInvalid, "all keys are withheld", Changes, answer => answer.Edit(json => json["keys"] = new JsonArray())),
        Lie.Raises(Alarm.ProofInvalid, "there is nothing", Changes, answer => answer.Edit(json => (json["changes"], json["keys"]) = (new JsonArray(), new JsonArray()))),
        Lie.Raises(Alarm.ObjectInvalid, "a key is added", Changes, answer => answer.Edit(json => json["keys"]!.AsArray().Add(scene.BobsKey.DeepClone()))),
        Lie.Raises(Alarm.ProofInvalid, "a key is added with its leaf", Changes, answer => answer.Edit(json => Add(json, scene.BobsKey))),
        Lie.Raises(Alarm.ProofInvalid, "a deleted key is back", Changes, answer => answer.Edit(json => Add(json, scene.DeletedKey))),
        Lie.Raises(Alarm.ProofInvalid, "a key is as it was before", Changes, answer => answer.Edit(json =>
        {
            Remove(json, "changes", scene.Photos);
            Remove(json, "keys", scene.Photos);
            Add(json, scene.OlderPhotos);
        })),
        Lie.Raises(Alarm.ProofInvalid, "two keys have each other's envelopes, with their leaves", Changes, answer => answer.Edit(json =>
        {
            Swap(json, scene, "wrapped");
            foreach (var change in json["changes"]!.AsArray())
                change!["new"] = Leaf(Find(json, "keys", IdOf(change)));
        })),
        Lie.Raises(Alarm.ObjectInvalid, "a change stands there twice", Changes, answer => answer.Edit(json => json["changes"]!.AsArray().Add(json["changes"]![0]!.DeepClone()))),
        Lie.Raises(Alarm.ProofInvalid, "something was there before", Changes, answer => answer.Edit(json => json["changes"]![0]!["old"] = json["changes"]![0]!["new"]!.GetValue<string>())),
        Lie.Raises(Alarm.ObjectInvalid, "a leaf is no hash", Changes, answer => answer.Edit(json => json["changes"]![0]!["new"] = "AAAA")),
        Lie.Fails(FailureReason.InvalidAnswer, "a null among the changes", Changes, answer => answer.Edit(json => json["changes"]!.AsArray().Add((JsonNode?)null))),

        Lie.Raises(Alarm.ProofInvalid, "the key is not there", Fetch, answer => answer.Edit(json => json["keys"] = new JsonArray())),
        Lie.Raises(Alarm.ObjectInvalid, "another key", Fetch, answer => answer.Edit(json => json["keys"] = new JsonArray(scene.BobsKey.DeepClone()))),
        Lie.Raises(Alarm.ProofInvalid, "another key under this one's id", Fetch, answer => answer.Edit(json =>
        {
            var letters = scene.Letters.DeepClone();
            letters["id"] = scene.Photos.ToString();
            json["keys"] = new JsonArray(letters);
        })),
        Lie.Raises(Alarm.ProofInvalid, "the key as it was before", Fetch, answer => answer.Edit(json => json["keys"] = new JsonArray(scene.OlderPhotos.DeepClone()))),

        Lie.Raises(Alarm.DoesNotOpen, "another account's wrapped KEK", Account, answer => answer.Edit(json => json["slot"]!["wrapped"] = scene.Bob["slot"]!["wrapped"]!.GetValue<string>())),
        Lie.Raises(Alarm.ObjectInvalid, "another identity keypair", Account, answer => answer.Edit(json => json["identity"] = scene.BobsKey.DeepClone())),
        Lie.Fails(FailureReason.InvalidAnswer, "a null among the sessions", Sessions, answer => answer.Edit(json => json["sessions"]!.AsArray().Add((JsonNode?)null))),
        Lie.Fails(FailureReason.InvalidAnswer, "a day that there is not", Sessions, answer => answer.Edit(json => json["sessions"]![0]!["created"] = "2026-02-30")),
        Lie.Fails(FailureReason.InvalidAnswer, "a time that there is not", Sessions, answer => answer.Edit(json => json["sessions"]![0]!["expires"] = (1L << 53) - 1)),
    ];

    private static IEnumerable<Lie> AboutHeads(string call, Scene scene, Alarm older) =>
    [
        Lie.Raises(Alarm.HeadInvalid, "another account's head", call, answer => answer.Edit(json => json["head"] = scene.Bob["head"]!.GetValue<string>())),
        Lie.Raises(Alarm.HeadInvalid, "a changed signature", call, answer => answer.Edit(json =>
        {
            var head = json["head"]!.GetValue<string>();
            json["head"] = head[..^4] + (head[^4] == 'A' ? 'B' : 'A') + head[^3..];
        })),
        Lie.Raises(older, "a head from before", call, answer => answer.Edit(json => json["head"] = scene.Older["head"]!.GetValue<string>())),
        Lie.Raises(Alarm.ProofInvalid, "another account's proof", call, answer => answer.Edit(json => json["proof"] = scene.Bob["proof"]!.GetValue<string>())),
        Lie.Raises(Alarm.ProofInvalid, "an empty proof", call, answer => answer.Edit(json => json["proof"] = "")),
        Lie.Raises(Alarm.ProofInvalid, "a proof with a byte more", call, answer => answer.Edit(json =>
            json["proof"] = Base64Url.EncodeToString([.. Base64Url.DecodeFromChars(json["proof"]!.GetValue<string>()), 0]))),
        Lie.Fails(FailureReason.InvalidAnswer, "a null in the chain", call, answer => answer.Edit(json => json["chain"] = new JsonArray((JsonNode?)null))),
    ];

    /// <summary>Changes of one key of the answer: its leaf is another, whatever is changed of it.</summary>
    private static IEnumerable<Lie> AboutKeys(string call, Scene scene, Func<string, Alarm> alarm)
    {
        Lie Changed(string name, Action<JsonObject> edit) =>
            Lie.Raises(alarm(name), name, call, answer => answer.Edit(json => edit(Find(json, "keys", scene.Photos))));

        return
        [
            Changed("a changed bit in the overview", key => Flip(key, "overview")),
            Changed("a changed bit in the wrapped key", key => Flip(key, "wrapped")),
            Changed("another revision", key => key["revision"] = 7),
            Changed("another key's overview", key => key["overview"] = scene.Letters["overview"]!.GetValue<string>()),
            Changed("another key's envelope", key => key["wrapped"] = scene.Letters["wrapped"]!.GetValue<string>()),
            Changed("an empty overview", key => key["overview"] = ""),
            Lie.Raises(Alarm.ObjectInvalid, "another KEK", call, answer => answer.Edit(json => Find(json, "keys", scene.Photos)["kek"] = scene.BobsKey["kek"]!.GetValue<string>())),
            Lie.Raises(Alarm.ObjectInvalid, "a revision that there is not", call, answer => answer.Edit(json => Find(json, "keys", scene.Photos)["revision"] = 0)),
            Lie.Raises(Alarm.ObjectInvalid, "another id", call, answer => answer.Edit(json => Find(json, "keys", scene.Photos)["id"] = KeyId.Generate().ToString())),
            Lie.Fails(FailureReason.InvalidAnswer, "a null among the keys", call, answer => answer.Edit(json => json["keys"]!.AsArray().Add((JsonNode?)null))),
            Lie.Fails(FailureReason.InvalidAnswer, "a purpose beside the envelope", call, answer => answer.Edit(json => Find(json, "keys", scene.Photos)["purpose"] = "sharing-dek")),
            Lie.Fails(FailureReason.InvalidAnswer, "an envelope with padding", call, answer => answer.Edit(json => Find(json, "keys", scene.Photos)["wrapped"] += "=")),
            Lie.Fails(FailureReason.InvalidAnswer, "a revision as text", call, answer => answer.Edit(json => Find(json, "keys", scene.Photos)["revision"] = "1")),
        ];
    }

    private static KeyId IdOf(JsonNode node) => KeyId.TryParse(node["id"]!.GetValue<string>(), out var id) ? id : throw new InvalidOperationException();

    private static JsonObject Find(JsonObject json, string list, KeyId id) => json[list]!.AsArray().Single(entry => IdOf(entry!) == id)!.AsObject();

    private static void Remove(JsonObject json, string list, KeyId id) => json[list]!.AsArray().Remove(Find(json, list, id));

    private static void Add(JsonObject json, JsonObject key)
    {
        json["keys"]!.AsArray().Add(key.DeepClone());
        json["changes"]!.AsArray().Add(new JsonObject { ["id"] = key["id"]!.GetValue<string>(), ["new"] = Leaf(key) });
    }

    private static void Swap(JsonObject json, Scene scene, string member)
    {
        var (one, other) = (Find(json, "keys", scene.Photos), Find(json, "keys", IdOf(scene.Letters)));
        (one[member], other[member]) = (other[member]!.DeepClone(), one[member]!.DeepClone());
    }

    private static void Flip(JsonObject key, string member)
    {
        var bytes = Base64Url.DecodeFromChars(key[member]!.GetValue<string>());
        bytes[^1] ^= 1;
        key[member] = Base64Url.EncodeToString(bytes);
    }

    private static string Leaf(JsonObject key) => Base64Url.EncodeToString(KeyLeaf.Value(
        IdOf(key),
        new KeyEncryptionKeyId(Guid.Parse(key["kek"]!.GetValue<string>())),
        key["revision"]!.GetValue<long>(),
        Base64Url.DecodeFromChars(key["overview"]!.GetValue<string>()),
        Base64Url.DecodeFromChars(key["wrapped"]!.GetValue<string>())).ToArray());

    /// <summary>Alice with some keys and some past, and Bob, who helps the service with all that is his.</summary>
    public sealed class Scene : IAsyncLifetime
    {
        private Person _alice = null!;

        public HostileKeystore Hostile { get; } = new();

        public MemoryPinStore Pins { get; } = new();

        public UnlockedAccount Me { get; private set; } = null!;

        public JsonObject Bob { get; private set; } = null!;

        public JsonObject BobsKey { get; private set; } = null!;

        public JsonObject Older { get; private set; } = null!;

        public JsonObject OlderList { get; private set; } = null!;

        public KeyId Photos { get; private set; }

        public JsonObject OlderPhotos { get; private set; } = null!;

        public JsonObject Letters { get; private set; } = null!;

        public JsonObject DeletedKey { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            await Hostile.InitializeAsync();
            await using var bob = new Person(Hostile.Proxy.Address);
            var bobs = await bob.SignUpAsync();
            BobsKey = await StoredAsync(bobs, (await bobs.Keys.GeneratePersonalAsync(cancellationToken: Cancellation)).Id);
            await bobs.UnlockMethods.ListAsync(Cancellation);
            Bob = Hostile.Proxy.Last(Account);

            _alice = new Person(Hostile.Proxy.Address);
            Me = await _alice.SignUpAsync(Pins);
            Photos = (await Me.Keys.GeneratePersonalAsync("photos", Cancellation)).Id;
            OlderPhotos = await StoredAsync(Me, Photos);
            Letters = await StoredAsync(Me, (await Me.Keys.GenerateSharingAsync("letters", Cancellation)).Id);
            var deleted = (await Me.Keys.GeneratePersonalAsync("old", Cancellation)).Id;
            DeletedKey = await StoredAsync(Me, deleted);
            await Me.UnlockMethods.ListAsync(Cancellation);
            Older = Hostile.Proxy.Last(Account);
            await (await _alice.UnlockAsync()).Keys.ListAsync(Cancellation);
            OlderList = Hostile.Proxy.Last(Changes);
            await Me.Keys.SetStateAsync(Photos, KeyState.Deactivated, Cancellation);
            await Me.Keys.DeleteAsync(deleted, Cancellation);
        }

        public async ValueTask DisposeAsync()
        {
            await _alice.DisposeAsync();
            await Hostile.DisposeAsync();
        }

        private async Task<JsonObject> StoredAsync(UnlockedAccount account, KeyId id)
        {
            await account.Keys.GetAsync(id, Cancellation);
            return Hostile.Proxy.Last(Fetch)["keys"]![0]!.AsObject();
        }
    }
}
