using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text.Json;
using Keyladder.Cryptography;
using Keyladder.Cryptography.Heads;
using Keyladder.Cryptography.Signing;
using Keyladder.Keys.Hierarchy;
using Keyladder.Keys.Vault;
using Keyladder.Protocol;
using Keyladder.Protocol.Vault;
using Keyladder.Testing;
using static Keyladder.Client.Tests.Person;

namespace Keyladder.Client.Tests.Vaults.Matrix;

/// <summary>
/// A hostile Vault with 200 objects, 40 items of 4 attributes, of which 10 have an attachment, each of which has been changed once; as many have been deleted. The same person has
/// another Vault. It is set up once, and every device has the one session: what a case costs is the answer that it is about.
/// </summary>
public sealed class MatrixScene : IAsyncLifetime
{
    public const int Items = 40;
    public const int AttributesEach = 4;

    // Every fourth item has one.
    public const int Attachments = Items / 4;

    private readonly HostileVault _hostile = new();
    private readonly Testing.Vaults _others = new();
    private readonly ConcurrentDictionary<(long, UInt128, UInt128), byte[]> _genuine = new();
    private KeystoreHost _keystore = null!;
    private Person _alice = null!;
    private Client.Vault _mine = null!;
    private SignedConnection _connection = null!;
    private VaultKeys _keys = null!;

    internal LyingProxy Proxy => _hostile.Proxy;

    /// <summary>Every object as the service keeps it: before the last changes, and now. Those of the first that are not in the second are deleted.</summary>
    internal IReadOnlyDictionary<ObjectName, ObjectMessage> Before { get; private set; } = null!;

    /// <inheritdoc cref="Before"/>
    internal IReadOnlyDictionary<ObjectName, ObjectMessage> Now { get; private set; } = null!;

    /// <summary>The names of what there is, items first; <see cref="Deleted"/> are as many.</summary>
    internal IReadOnlyList<ObjectName> Names { get; private set; } = null!;

    /// <inheritdoc cref="Names"/>
    internal IReadOnlyList<ObjectName> Deleted { get; private set; } = null!;

    /// <summary>Objects of the other Vault that the same person has, by their kind.</summary>
    internal ILookup<string, ObjectMessage> Elsewhere { get; private set; } = null!;

    /// <summary>The bytes of every attachment that an object names, or named before.</summary>
    internal IReadOnlyDictionary<Guid, byte[]> Stored { get; private set; } = null!;

    /// <summary>Which item an attribute is of; an item is of itself.</summary>
    internal IReadOnlyDictionary<ObjectName, ItemId> ItemOf { get; private set; } = null!;

    /// <summary>What the service answered to a device without memory before the last changes; what it answers now, to such a one, to one from before, and to one that has seen everything.</summary>
    internal ObjectChangesResponse OlderList { get; private set; } = null!;

    /// <inheritdoc cref="OlderList"/>
    internal ObjectChangesResponse List { get; private set; } = null!;

    /// <inheritdoc cref="OlderList"/>
    internal ObjectChangesResponse Delta { get; private set; } = null!;

    /// <inheritdoc cref="OlderList"/>
    internal ObjectChangesResponse Nothing { get; private set; } = null!;

    /// <summary>What a genuine answer about single objects has beside them.</summary>
    internal ObjectsResponse Fetched { get; private set; } = null!;

    /// <summary>What a person is shown of the truth.</summary>
    internal string Truth { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        _keystore = await KeystoreHost.StartAsync(Engine.Sqlite);
        await _hostile.InitializeAsync();
        _alice = new Person(_keystore.Origin);
        var account = await _alice.SignUpAsync();
        _mine = await account.Vaults.CreateAsync(Proxy.Address, cancellationToken: Cancellation);
        var kept = await _mine.PutManyAsync(await DraftsAsync("old"), Cancellation);
        await _mine.PutManyAsync(await DraftsAsync("gone"), Cancellation);
        (_connection, _keys) = await ConnectAsync(account, Proxy.Address);

        var calls = new VaultCalls(_connection);
        OlderList = await calls.GetChangesAsync(0, attributes: false, Cancellation);
        Before = await EverythingAsync(_connection);
        var then = _mine.Change;
        var changed = await _mine.GetManyAsync([.. kept.Select(item => item.Id)], Cancellation);
        await _mine.PutManyAsync(await WithAttachmentsAsync(changed.Select((item, number) => Changed(item.Edit(), number))), Cancellation);
        await _mine.DeleteManyAsync([.. (await _mine.ListAsync(Cancellation)).Where(item => item.Name.StartsWith("gone", StringComparison.Ordinal))], Cancellation);
        Now = await EverythingAsync(_connection);
        Elsewhere = await MakeAnotherAsync(account);

        List = await calls.GetChangesAsync(0, attributes: false, Cancellation);
        Delta = await calls.GetChangesAsync(then, attributes: false, Cancellation);
        Nothing = await calls.GetChangesAsync(_mine.Change, attributes: false, Cancellation);
        Fetched = await calls.FetchAsync([], _mine.Change, Cancellation);
        Truth = await ReadAsync(_mine);
        var opened = await _mine.GetManyAsync([.. (await _mine.ListAsync(Cancellation)).Select(item => item.Id)], Cancellation);
        ItemOf = opened.SelectMany(item => item.Attributes.Select(attribute => ((ObjectName)attribute.Id, item.Id)).Append((item.Id, item.Id))).ToDictionary();
        Names = [.. Now.Keys.OrderByDescending(name => name.Kind, StringComparer.Ordinal).ThenBy(name => name.Id)];
        Deleted = [.. Before.Keys.Except(Now.Keys).OrderByDescending(name => name.Kind, StringComparer.Ordinal).ThenBy(name => name.Id)];
        var stored = new Dictionary<Guid, byte[]>();
        foreach (var id in new[] { Before, Now }.SelectMany(each => each.Values).Select(shown => shown.Attachment).OfType<Guid>().Distinct())
            stored.Add(id, await StoredAsync(calls, id));
        Stored = stored;
        Assert.Equal((200, 200, 3 * Attachments), (Names.Count, Deleted.Count, Stored.Count));
        Proxy.Remembers = false;
    }

    /// <summary>A device that has seen nothing of the Vault.</summary>
    internal Client.Vault NewDevice()
    {
        var (calls, trust) = (new VaultCalls(_connection), new VaultTrust(_keys));
        var watch = new VaultWatch(trust, calls, new MemoryPinStore());
        // The witnesses are another subject: they are asked when a Vault is opened, which this one was.
        var witnesses = new Witnesses(KeyEncryptionKey.Generate(trust.Account).DeriveWitnessKey(), null!, null!, TimeProvider.System);
        return new Client.Vault(_connection, _keys, trust, calls, watch, witnesses, file: null, ownHttp: null, guestHttp: null, _ => { }, isProven: true);
    }

    /// <summary>A device that has seen a list, and no attribute.</summary>
    internal async Task<Client.Vault> NewDeviceAsync(ObjectChangesResponse seen)
    {
        var device = NewDevice();
        Show(JsonSerializer.SerializeToUtf8Bytes(seen, ProtocolJson.Default.ObjectChangesResponse));
        await device.ListAsync(Cancellation);
        TellTheTruth();
        return device;
    }

    internal static async Task<string> ReadAsync(Client.Vault device) =>
        Says(await device.GetManyAsync([.. (await device.ListAsync(Cancellation)).Select(item => item.Id)], Cancellation));

    private static string Says(IEnumerable<OpenedItem> items) => string.Join('\n', items.Select(item =>
        $"{item.Id} {item.Item.Revision} {item.Name}: {string.Join(' ', item.Attributes.Select(attribute => $"{attribute.Content.Name}={attribute.Content.GetAttachment()?.Id.ToString() ?? attribute.Content.GetText()}"))}"));

    /// <summary>Shows a list to whoever asks what has changed, and the truth to everything else.</summary>
    internal void Show(byte[] list)
    {
        Proxy.Invent = (call, request) => call == VaultScene.Changes ? list : call == VaultScene.Fetch ? _genuine.GetValueOrDefault(Key(request)) : null;
        // The truth about the same names is worked out once: half of what a case costs.
        Proxy.Lie = answer =>
        {
            if ($"{answer.Method} {answer.Path}" == VaultScene.Fetch && answer.Status == 200)
                _genuine.TryAdd(Key(answer.Request), answer.Body);
        };
    }

    /// <summary>Shows a list, and what is pretended where objects are fetched.</summary>
    /// <param name="list">The answer to what has changed.</param>
    /// <param name="told">What is pretended.</param>
    /// <param name="head">The head that is shown with fetched objects; null for the true one.</param>
    internal void Show(byte[] list, Pretence told, string? head = null) => Proxy.Invent = (call, request) => call == VaultScene.Changes ? list
        : call == VaultScene.Fetch ? JsonSerializer.SerializeToUtf8Bytes(
            Fetched with { Objects = told.ToObjects(Asked(request)), Head = head ?? Fetched.Head }, ProtocolJson.Default.ObjectsResponse)
        : null;

    /// <summary>Shows other bytes in the place of those of some attachments, or none, beside what is shown anyway.</summary>
    internal void ShowParts(IReadOnlyDictionary<Guid, byte[]?> parts)
    {
        var anyway = Proxy.Lie;
        Proxy.Lie = answer =>
        {
            anyway?.Invoke(answer);
            if (answer.Method != "GET" || !answer.Path.StartsWith("/v1/attachments/", StringComparison.Ordinal) || !parts.TryGetValue(Guid.Parse(answer.Path.Split('/')[^1]), out var shown))
                return;
            if (shown is null)
                (answer.Status, answer.Body) = (404, """{"type":"urn:keyladder:problem:not-found","status":404}"""u8.ToArray());
            else
                answer.Body = [.. shown.Skip(AttachmentLies.Asked(answer.Target).Offset).Take(AttachmentLies.Asked(answer.Target).Length)];
        };
    }

    /// <summary>What a faulty client of the account would sign: the list, for a device without memory, and its head, in the place of the newest.</summary>
    internal (ObjectChangesResponse List, string Head) Sign(Pretence told, Func<VaultHead, VaultHead> alter)
    {
        var list = told.ToList(List, new Dictionary<ObjectName, ObjectMessage>(), leaves: true, envelopes: true);
        var changes = JsonSerializer.Deserialize(list, ProtocolJson.Default.ObjectChangesResponse)!;
        var tree = SparseMerkleTree.Empty.With(changes.Changes.ToDictionary(change => ObjectLeaf.Path(change.Kind, change.Id), change => (Hash256?)new Hash256(change.New!)));
        Assert.True(VaultHead.TryRead(List.Head, out var head));
        var signed = _keys.Head.Sign(alter(head.Head with { Root = tree.Root, Count = tree.Count })).Jws;
        return (changes with { Head = signed }, signed);
    }

    internal ItemOverview Overview(ObjectName item) => new ItemSealing(_keys).Open(StoredObject.Read(Now[item])).Overview;

    /// <summary>An item with another entry in the place of its first one, sealed as a client would.</summary>
    internal ObjectMessage Seal(ObjectName item, AttributeEntry first)
    {
        var overview = Overview(item);
        return Now[item] with { Sealed = _keys.Sealing.Seal(new ItemId(item.Id), overview with { Attributes = [first, .. overview.Attributes.Skip(1)] }, Now[item].Revision) };
    }

    /// <summary>The same, with the proof that the service has for what was asked for.</summary>
    internal void ShowProven(byte[] list, Pretence told)
    {
        Proxy.Invent = (call, _) => call == VaultScene.Changes ? list : null;
        Proxy.Lie = answer =>
        {
            if ($"{answer.Method} {answer.Path}" != VaultScene.Fetch)
                return;
            var genuine = JsonSerializer.Deserialize(answer.Body, ProtocolJson.Default.ObjectsResponse)!;
            answer.Body = JsonSerializer.SerializeToUtf8Bytes(genuine with { Objects = told.ToObjects(Asked(answer.Request)) }, ProtocolJson.Default.ObjectsResponse);
        };
    }

    internal void TellTheTruth() => _hostile.TellTheTruth();

    public async ValueTask DisposeAsync()
    {
        await _mine.DisposeAsync();
        await _others.DisposeAsync();
        _connection.Dispose();
        await _alice.DisposeAsync();
        await _hostile.DisposeAsync();
        await _keystore.DisposeAsync();
    }

    // Names are the same in all items, so that an attribute of one could pass for that of another.
    private static ItemDraft Draft(string name, int number) => Enumerable.Range(0, AttributesEach).Aggregate(
        ItemDraft.New($"{name} {number:00}", "login"), (draft, attribute) => draft.With(ItemAttribute.Text($"field {attribute}", $"{name} {number:00}")));

    private static ItemDraft Changed(ItemDraft draft, int number) => Enumerable.Range(0, AttributesEach).Aggregate(
        draft with { Name = $"new {number:00}" }, (next, attribute) => next.With(ItemAttribute.Text($"field {attribute}", $"new {number:00}")));

    private static FetchObjectsRequest Asked(byte[] request) => JsonSerializer.Deserialize(request, ProtocolJson.Default.FetchObjectsRequest)!;

    // Random ids, in whatever order, add up to the same for no other set.
    private static (long Since, UInt128 Items, UInt128 Attributes) Key(byte[] request)
    {
        var asked = Asked(request);
        return (asked.Since, Sum(ObjectKind.Item), Sum(ObjectKind.Attribute));

        UInt128 Sum(string kind) => asked.Names.Where(name => name.Kind == kind).Aggregate(
            UInt128.Zero, (all, name) => all + BinaryPrimitives.ReadUInt128BigEndian(name.Id.ToByteArray(bigEndian: true)));
    }

    private Task<IReadOnlyList<ItemDraft>> DraftsAsync(string name) => WithAttachmentsAsync(Enumerable.Range(0, Items).Select(number => Draft(name, number)));

    private async Task<IReadOnlyList<ItemDraft>> WithAttachmentsAsync(IEnumerable<ItemDraft> drafts)
    {
        var made = drafts.ToArray();
        for (var number = 0; number < made.Length; number += Items / Attachments)
        {
            await using var upload = _mine.Upload(new MemoryStream(RandomNumberGenerator.GetBytes(200)));
            made[number] = made[number].With((await upload.RunAsync(cancellationToken: Cancellation)).ToAttribute($"field {AttributesEach - 1}"));
        }

        return made;
    }

    private async Task<ILookup<string, ObjectMessage>> MakeAnotherAsync(UnlockedAccount account)
    {
        var address = (await _others.On(Engine.Sqlite)).Origin;
        await using var another = await account.Vaults.CreateAsync(address, cancellationToken: Cancellation);
        await another.PutManyAsync([Draft("other", 0), Draft("other", 1)], Cancellation);
        var (connection, _) = await ConnectAsync(account, address);
        using (connection)
            return (await EverythingAsync(connection)).Values.ToLookup(shown => shown.Kind);
    }

    private static async Task<byte[]> StoredAsync(VaultCalls calls, Guid id)
    {
        var bytes = new byte[64 * 1024];
        return bytes[..await calls.GetPartAsync(new AttachmentId(id), 0, bytes, Cancellation)];
    }

    private static async Task<(SignedConnection Connection, VaultKeys Keys)> ConnectAsync(UnlockedAccount account, Uri address)
    {
        Assert.True(Origin.TryCreate(address, out var origin));
        var keys = (await VaultKeys.FindAsync(account.Keys, origin, Cancellation))!;
        var transport = new ServiceHttp(ServiceKind.Vault, new HttpClient(), origin, TimeProvider.System);
        var key = new SignInKey(keys.SignIn.PublicKey.Bytes.ToArray(), keys.SignIn.OpenLogin());
        return (new SignedConnection(transport, key, await key.SignInAsync(transport, Cancellation)), keys);
    }

    private static async Task<IReadOnlyDictionary<ObjectName, ObjectMessage>> EverythingAsync(SignedConnection connection)
    {
        var answer = await new VaultCalls(connection).GetChangesAsync(0, attributes: true, Cancellation);
        Assert.Equal(answer.Changes.Length, answer.Objects.Length);
        return answer.Objects.ToDictionary(one => ObjectName.Read(one.Kind, one.Id));
    }
}
