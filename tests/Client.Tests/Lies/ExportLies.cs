using System.Buffers.Text;
using System.Text;
using System.Text.Json.Nodes;
using Keyladder.Client.Tests.Accounts;
using Keyladder.Keys.Envelopes;
using Keyladder.Keys.Hierarchy;
using Keyladder.Keys.Passphrases;
using Keyladder.Protocol.Keystore;
using Keyladder.Protocol;
using Keyladder.Testing;
using static Keyladder.Client.Tests.Person;

namespace Keyladder.Client.Tests.Lies;

/// <summary>An export on its way lies where others can write: whatever they make of it, it is refused, by name, before anything is sent.</summary>
public sealed class ExportLies(ExportLies.Scene scene) : IClassFixture<ExportLies.Scene>
{
    public static TheoryData<string> Names => [.. All.Select(lie => lie.Name)];

    [Theory, MemberData(nameof(Names))]
    public async Task An_export_that_is_not_what_the_account_signed_is_refused_by_name(string name)
    {
        var lie = All.Single(lie => lie.Name == name);
        using var export = lie.Make(scene);
        using var mek = scene.Derived.DeriveMasterEncryptionKey();
        using var login = scene.Derived.DeriveLoginKeypair();

        var refusal = await Assert.ThrowsAsync<KeyladderException>(
            () => ExportedAccount.ReadAsync(export, mek, scene.Secret.SlotKind, login.PublicKey, Cancellation));

        Assert.Equal(FailureReason.NotAllowed, refusal.Reason);
        Assert.Contains(lie.Says, refusal.Message, StringComparison.Ordinal);
    }

    /// <summary>What is found first, and what only the last line shows.</summary>
    [Theory, InlineData("it is something else"), InlineData("start: another account"), InlineData("keys: key 4 was dropped"), InlineData("keys: a key is older")]
    public async Task Nothing_is_sent_of_it(string name)
    {
        using var export = All.Single(lie => lie.Name == name).Make(scene);
        using var client = new KeyladderClient(scene.Hostile.Proxy.Address, new MemoryPinStore());
        var before = scene.Hostile.Proxy.Calls.Count;

        await Expect.FailureAsync(FailureReason.NotAllowed, () => client.ImportAsync(export, scene.Secret, Cancellation));

        Assert.Equal(before, scene.Hostile.Proxy.Calls.Count);
    }

    [Fact]
    public async Task The_export_as_it_was_written_is_taken_and_so_is_one_with_white_space_in_its_lines()
    {
        foreach (var export in new[] { scene.Now.Bytes(), Encoding.UTF8.GetBytes(scene.Now.Text().Replace(",\"", " ,\t\"", StringComparison.Ordinal)) })
        {
            using var opened = await ExportedAccount.OpenAsync(new MemoryStream(export), scene.Secret, Cancellation);
            Assert.Equal(scene.Now.Lines.Count - 1, opened.Keys.Count);
        }
    }

    [Fact]
    public async Task A_service_cannot_write_another_slot_into_the_export_and_another_device_no_second_state()
    {
        await using var alice = new Person(scene.Hostile.Proxy.Address) { Secret = NewWords() };
        var (me, there) = (await alice.SignUpAsync(), await alice.UnlockAsync());
        await me.Keys.GeneratePersonalAsync("photos", Cancellation);
        var raced = 0;
        try
        {
            scene.Hostile.Proxy.Lie = answer => EditAccount(answer, json => json["slot"]!["wrapped"] = scene.Now.Start["slot"]!["wrapped"]!.DeepClone());
            await Expect.AlarmAsync(Alarm.DoesNotOpen, () => me.ExportAsync(Stream.Null, Cancellation));
            scene.Hostile.Proxy.Lie = answer => EditAccount(answer, json => (json["slot"]!["kind"], json["slot"]!["login"]) = ("device", "AA"));
            var (export, _) = await ExportTests.ExportAsync(me);
            using (await ExportedAccount.OpenAsync(new MemoryStream(export), alice.Secret, Cancellation))
            {
            }

            // Between the list of keys and the look at the slot.
            scene.Hostile.Proxy.Lie = answer =>
            {
                if (answer.Path == ServiceRoutes.Changes && Interlocked.Exchange(ref raced, 1) == 0)
                    Task.Run(() => there.Keys.GeneratePersonalAsync("letters", Cancellation)).GetAwaiter().GetResult();
            };
            (export, var keys) = await ExportTests.ExportAsync(me);
            Assert.Equal((1, 2), (raced, keys));
            using var both = await ExportedAccount.OpenAsync(new MemoryStream(export), alice.Secret, Cancellation);
        }
        finally
        {
            scene.Hostile.TellTheTruth();
        }

        static void EditAccount(ProxiedAnswer answer, Action<JsonObject> edit)
        {
            if (answer.Path == KeystoreRoutes.Account)
                answer.Edit(edit);
        }
    }

    private const string NotWhole = "not an account's export, or not a whole one";
    private const string NotInPlace = "is not what belongs there";
    private const string OlderOrDeleted = "an older or a deleted one";

    private static IReadOnlyList<ExportLie> All { get; } =
    [
        // The file.
        Bytes("it is empty", NotWhole, _ => []),
        Bytes("it is something else", NotWhole, _ => "a photo\n"u8.ToArray()),
        Bytes("it is one line of brackets", NotWhole, _ => [.. Enumerable.Repeat((byte)'[', 60_000), (byte)'\n']),
        Bytes("its first line is too long", NotWhole, now => Encoding.UTF8.GetBytes(new string(' ', 64 * 1024) + now.Text())),
        Bytes("it has a byte order mark", NotWhole, now => [0xEF, 0xBB, 0xBF, .. now.Bytes()]),
        Bytes("its last line feed is missing", NotWhole, now => now.Bytes()[..^1]),
        Bytes("its last line is cut", NotWhole, now => now.Bytes()[..^200]),
        Bytes("a line is empty", NotWhole, now => Encoding.UTF8.GetBytes(now.Text() + "\n")),
        Bytes("something follows", NotWhole, now => [.. now.Bytes(), .. "{}"u8]),
        Bytes("a line is null", NotWhole, now => [.. now.Bytes(), .. "null\n"u8]),
        Bytes("a key is too long", NotWhole, now => Encoding.UTF8.GetBytes(now.Text()[..^1] + new string(' ', 4096) + "\n")),
        Bytes("it starts with a key", NotWhole, now => Encoding.UTF8.GetBytes(now.Text()[(now.Text().IndexOf('\n', StringComparison.Ordinal) + 1)..])),
        Bytes("it starts twice", NotWhole, now => [.. Encoding.UTF8.GetBytes(now.Text().Split('\n')[0] + "\n"), .. now.Bytes()]),
        new("it never ends", NotWhole, _ => new Endless()),

        // The first line.
        Start("another format", NotWhole, (_, start) => start["format"] = "keyladder-account/v2"),
        Start("no format", NotWhole, (_, start) => start.Remove("format")),
        Start("a member is unknown", NotWhole, (_, start) => start["kdf"] = new JsonObject { ["iterations"] = 1 }),
        Start("the slot has a locator", NotWhole, (_, start) => start["slot"]!["locator"] = Base64Url.EncodeToString(new byte[32])),
        Bytes("a member stands there twice", NotWhole, now => Encoding.UTF8.GetBytes("{\"format\":\"keyladder-account/v1\"," + now.Text()[1..])),
        Start("another account", $"the wrapped KEK {NotInPlace}", (_, start) => start["account"] = Guid.NewGuid().ToString()),
        Start("another slot", $"the wrapped KEK {NotInPlace}", (_, start) => start["slot"]!["id"] = Guid.NewGuid().ToString()),
        Start("another kind of slot", "the slot is not among those of its head", (_, start) => start["slot"]!["kind"] = "passphrase"),
        Start("another secret's slot", "This secret does not open the export", (scene, start) => start["slot"]!["login"] = scene.Bob.Start["slot"]!["login"]!.DeepClone()),
        Start("the KEK was changed", $"the wrapped KEK {NotInPlace}", (_, start) => Flip(start["slot"]!, "wrapped")),
        Start("the KEK of another account", $"the wrapped KEK {NotInPlace}", (scene, start) => start["slot"]!["wrapped"] = scene.Bob.Start["slot"]!["wrapped"]!.DeepClone()),
        Start("another KEK's id", $"the wrapped KEK {NotInPlace}", (_, start) => start["identity"]!["kek"] = Guid.NewGuid().ToString()),
        Start("another identity's id", $"the identity keypair {NotInPlace}", (_, start) => start["identity"]!["id"] = Guid.NewGuid().ToString()),
        Start("the identity was changed", $"the identity keypair {NotInPlace}", (_, start) => Flip(start["identity"]!, "wrapped")),
        Start("its overview was changed", $"the identity keypair {NotInPlace}", (_, start) => Flip(start["identity"]!, "overview")),
        Start("it is in another revision", $"the identity keypair {NotInPlace}", (_, start) => start["identity"]!["revision"] = 2),
        Start("it is in no revision", $"{NotInPlace}", (_, start) => start["identity"]!["revision"] = 0),
        Start("a key of the account stands for it", $"the identity keypair {NotInPlace}", (scene, start) => start["identity"] = scene.Now.Lines[1].DeepClone()),
        Start("the head is no head", $"a head {NotInPlace}", (_, start) => start["head"] = "eyJ"),
        Start("the head's signature was changed", $"{NotInPlace}", (_, start) => start["head"] = FlipSignature(start["head"]!.GetValue<string>())),
        Start("the head of another account", $"{NotInPlace}", (scene, start) => start["head"] = scene.Bob.Start["head"]!.DeepClone()),
        Start("an older head with as many keys", OlderOrDeleted, (scene, start) => start["head"] = scene.Before.Start["head"]!.DeepClone()),
        Start("a head from before this secret", "the slot is not among those of its head", (scene, start) => start["head"] = scene.First.Start["head"]!.DeepClone()),
        Start("a slot from before this secret", "This secret does not open the export", (scene, start) => start["slot"] = scene.First.Start["slot"]!.DeepClone()),

        // The keys.
        .. Enumerable.Range(1, Scene.Keys).Select(number => Key($"key {number} was dropped", $"it holds {Scene.Keys} keys, and {Scene.Keys + 1} were signed for", (_, keys) => keys.RemoveAt(number - 1))),
        Key("all keys were dropped", $"it holds 1 keys, and {Scene.Keys + 1} were signed for", (_, keys) => keys.Clear()),
        Key("a deleted key was added", $"it holds more keys than the {Scene.Keys + 1}", (scene, keys) => Insert(keys, scene.Before.Key(scene.Deleted))),
        Key("a deleted key stands for another", OlderOrDeleted, (scene, keys) =>
        {
            keys.RemoveAt(0);
            Insert(keys, scene.Before.Key(scene.Deleted));
        }),
        Key("a key is older", OlderOrDeleted, (scene, keys) => keys[keys.FindIndex(key => Id(key) == scene.Changed)] = scene.Before.Key(scene.Changed).DeepClone().AsObject()),
        Key("a key stands there twice", "is there twice, or out of its order", (_, keys) => keys[1] = keys[0].DeepClone().AsObject()),
        Key("two keys changed places", "is there twice, or out of its order", (_, keys) => (keys[0], keys[1]) = (keys[1].DeepClone().AsObject(), keys[0].DeepClone().AsObject())),
        Key("the identity stands among the keys", "is there twice, or out of its order", (scene, keys) =>
        {
            keys.RemoveAt(0);
            Insert(keys, scene.Now.Start["identity"]!.DeepClone().AsObject());
        }),
        Key("a key of another account", "is of another KEK", (scene, keys) =>
        {
            keys.RemoveAt(0);
            Insert(keys, scene.Bob.Lines[1]);
        }),
        Key("a key of another account that says that it is of this one", NotInPlace, (scene, keys) =>
        {
            var key = scene.Bob.Lines[1].DeepClone().AsObject();
            key["kek"] = keys[0]["kek"]!.DeepClone();
            keys.RemoveAt(0);
            Insert(keys, key);
        }),
        Key("two keys' contents changed places", NotInPlace, (_, keys) => Swap(keys, "wrapped")),
        Key("two overviews changed places", NotInPlace, (_, keys) => Swap(keys, "overview")),
        .. Enumerable.Range(1, Scene.Keys).SelectMany(number => new[] { "overview", "wrapped" }.Select(member =>
            Key($"{member} of key {number} was changed", NotInPlace, (_, keys) => Flip(keys[number - 1], member)))),
        Key("a key has another id", NotInPlace, (_, keys) => keys[0]["id"] = "00000000-0000-4000-8000-000000000000"),
        Key("a key is of another KEK", "is of another KEK", (_, keys) => keys[0]["kek"] = Guid.NewGuid().ToString()),
        Key("a key is in another revision", NotInPlace, (_, keys) => keys[0]["revision"] = 9),
        Key("a key is in no revision", NotInPlace, (_, keys) => keys[0]["revision"] = 0),
        Key("a key has one member more", NotWhole, (_, keys) => keys[0]["label"] = "photos"),
        Key("a key has one member less", NotWhole, (_, keys) => keys[0].Remove("overview")),
    ];

    private static ExportLie Bytes(string name, string says, Func<Exported, byte[]> make) => new(name, says, scene => new MemoryStream(make(scene.Now)));

    private static ExportLie Start(string name, string says, Action<Scene, JsonObject> edit) => new($"start: {name}", says, scene =>
    {
        var changed = scene.Now.Copy();
        edit(scene, changed.Start);
        return new MemoryStream(changed.Bytes());
    });

    private static ExportLie Key(string name, string says, Action<Scene, List<JsonObject>> edit) => new($"keys: {name}", says, scene =>
    {
        var changed = scene.Now.Copy();
        var keys = changed.Lines[1..];
        edit(scene, keys);
        return new MemoryStream(new Exported([changed.Start, .. keys]).Bytes());
    });

    /// <summary>Where the order of ids has it.</summary>
    private static void Insert(List<JsonObject> keys, JsonObject key)
    {
        var at = keys.FindIndex(other => string.CompareOrdinal(Id(other), Id(key)) > 0);
        keys.Insert(at < 0 ? keys.Count : at, key.DeepClone().AsObject());
    }

    private static void Swap(List<JsonObject> keys, string member) =>
        (keys[0][member], keys[1][member]) = (keys[1][member]!.DeepClone(), keys[0][member]!.DeepClone());

    private static void Flip(JsonNode node, string member)
    {
        var bytes = Base64Url.DecodeFromChars(node[member]!.GetValue<string>());
        bytes[^1] ^= 1;
        node[member] = Base64Url.EncodeToString(bytes);
    }

    private static string FlipSignature(string jws)
    {
        var signature = Base64Url.DecodeFromChars(jws.AsSpan(jws.LastIndexOf('.') + 1));
        signature[0] ^= 1;
        return jws[..(jws.LastIndexOf('.') + 1)] + Base64Url.EncodeToString(signature);
    }

    private static string Id(JsonObject key) => key["id"]!.GetValue<string>();

    /// <summary>The lines of an export, to be edited.</summary>
    public sealed record Exported(List<JsonObject> Lines)
    {
        public JsonObject Start => Lines[0];

        public static async Task<Exported> OfAsync(UnlockedAccount account) => new(
            [.. Encoding.UTF8.GetString((await ExportTests.ExportAsync(account)).Export).TrimEnd('\n').Split('\n').Select(line => JsonNode.Parse(line)!.AsObject())]);

        public Exported Copy() => new([.. Lines.Select(line => line.DeepClone().AsObject())]);

        public JsonObject Key(string id) => Lines.Skip(1).Single(key => Id(key) == id);

        public string Text() => string.Concat(Lines.Select(line => line.ToJsonString() + "\n"));

        public byte[] Bytes() => Encoding.UTF8.GetBytes(Text());
    }

    /// <summary>An account under its second secret, of which a key was changed, one deleted and one added since the export before; and another account.</summary>
    public sealed class Scene : IAsyncLifetime
    {
        public const int Keys = 4;

        private readonly UnlockSecret _first = NewWords();

        public HostileKeystore Hostile { get; } = new();

        public UnlockSecret Secret { get; } = NewWords();

        /// <summary>From <see cref="Secret"/>.</summary>
        public PassphraseDerivedKey Derived { get; private set; } = null!;

        /// <summary>Under the first secret.</summary>
        public Exported First { get; private set; } = null!;

        /// <summary>Under the second one, with as many keys as now.</summary>
        public Exported Before { get; private set; } = null!;

        public Exported Now { get; private set; } = null!;

        public Exported Bob { get; private set; } = null!;

        /// <summary>Ids.</summary>
        public string Changed { get; private set; } = null!;

        public string Deleted { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            await Hostile.InitializeAsync();
            Derived = await PassphraseDerivedKey.DeriveAsync(Secret, Cancellation);
            using var client = new KeyladderClient(Hostile.Proxy.Address, new MemoryPinStore());
            using var words = NewWords();
            await using var bob = await client.SignUpAsync(words, Cancellation);
            await bob.Keys.GeneratePersonalAsync("photos", Cancellation);
            Bob = await Exported.OfAsync(bob);

            await using var alice = await client.SignUpAsync(_first, Cancellation);
            await alice.Keys.GenerateSigningAsync("letters", Cancellation);
            await alice.Keys.GenerateSharingAsync("with Bob", Cancellation);
            var photos = await alice.Keys.GeneratePersonalAsync("photos", Cancellation);
            var gone = await alice.Keys.GeneratePersonalAsync("gone", Cancellation);
            (Changed, Deleted) = (photos.Id.ToString(), gone.Id.ToString());
            First = await Exported.OfAsync(alice);
            await alice.ChangePassphraseAsync(Secret, Secret, Cancellation);
            Before = await Exported.OfAsync(alice);
            await alice.Keys.SetStateAsync(photos.Id, KeyState.Compromised, Cancellation);
            await alice.Keys.DeleteAsync(gone.Id, Cancellation);
            await alice.Keys.GeneratePersonalAsync("new", Cancellation);
            Now = await Exported.OfAsync(alice);
            Assert.Equal(Keys + 1, Now.Lines.Count);
        }

        public async ValueTask DisposeAsync()
        {
            await Hostile.DisposeAsync();
            Derived.Dispose();
            Secret.Dispose();
            _first.Dispose();
        }
    }

    private sealed record ExportLie(string Name, string Says, Func<Scene, Stream> Make);

    /// <summary>Spaces without end, where a line feed must come.</summary>
    private sealed class Endless : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override int Read(byte[] buffer, int offset, int count)
        {
            buffer.AsSpan(offset, count).Fill((byte)' ');
            return count;
        }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
