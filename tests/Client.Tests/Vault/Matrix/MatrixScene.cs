using System.Buffers.Binary;
using System.Collections.Concurrent;
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
/// A hostile Vault with 200 objects, 40 items of 4 attributes, each of which has been changed once; as many have been deleted. It is set up
/// once, and every device has the one session: what a case costs is the answer that it is about.
/// </summary>
public sealed class MatrixScene : IAsyncLifetime
{
    public const int Items = 40;
    public const int AttributesEach = 4;

    private readonly HostileVault _hostile = new();
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
        var kept = await _mine.PutManyAsync([.. Enumerable.Range(0, Items).Select(number => Draft("old", number))], Cancellation);
        var gone = await _mine.PutManyAsync([.. Enumerable.Range(0, Items).Select(number => Draft("gone", number))], Cancellation);
        await ConnectAsync(account);

        var calls = new VaultCalls(_connection);
        OlderList = await calls.GetChangesAsync(0, attributes: false, Cancellation);
        Before = await EverythingAsync();
        var then = _mine.Change;
        var changed = await _mine.GetManyAsync([.. kept.Select(item => item.Id)], Cancellation);
        await _mine.PutManyAsync([.. changed.Select((item, number) => Changed(item.Edit(), number))], Cancellation);
        await _mine.DeleteManyAsync([.. (await _mine.ListAsync(Cancellation)).Where(item => item.Name.StartsWith("gone", StringComparison.Ordinal))], Cancellation);
        Now = await EverythingAsync();

        List = await calls.GetChangesAsync(0, attributes: false, Cancellation);
        Delta = await calls.GetChangesAsync(then, attributes: false, Cancellation);
        Nothing = await calls.GetChangesAsync(_mine.Change, attributes: false, Cancellation);
        Fetched = await calls.FetchAsync([], _mine.Change, Cancellation);
        Truth = await ReadAsync(_mine);
        var opened = await _mine.GetManyAsync([.. (await _mine.ListAsync(Cancellation)).Select(item => item.Id)], Cancellation);
        ItemOf = opened.SelectMany(item => item.Attributes.Select(attribute => ((ObjectName)attribute.Id, item.Id)).Append((item.Id, item.Id))).ToDictionary();
        Names = [.. Now.Keys.OrderByDescending(name => name.Kind, StringComparer.Ordinal).ThenBy(name => name.Id)];
        Deleted = [.. Before.Keys.Except(Now.Keys).OrderByDescending(name => name.Kind, StringComparer.Ordinal).ThenBy(name => name.Id)];
        Assert.Equal((200, 200), (Names.Count, Deleted.Count));
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
        $"{item.Id} {item.Item.Revision} {item.Name}: {string.Join(' ', item.Attributes.Select(attribute => $"{attribute.Content.Name}={attribute.Content.GetText()}"))}"));

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

    private async Task ConnectAsync(UnlockedAccount account)
    {
        Assert.True(Origin.TryCreate(Proxy.Address, out var origin));
        _keys = (await VaultKeys.FindAsync(account.Keys, origin, Cancellation))!;
        var transport = new ServiceHttp(ServiceKind.Vault, new HttpClient(), origin, TimeProvider.System);
        var key = new SignInKey(_keys.SignIn.PublicKey.Bytes.ToArray(), _keys.SignIn.OpenLogin());
        _connection = new SignedConnection(transport, key, await key.SignInAsync(transport, Cancellation));
    }

    private async Task<IReadOnlyDictionary<ObjectName, ObjectMessage>> EverythingAsync()
    {
        var answer = await new VaultCalls(_connection).GetChangesAsync(0, attributes: true, Cancellation);
        Assert.Equal(answer.Changes.Length, answer.Objects.Length);
        return answer.Objects.ToDictionary(one => ObjectName.Read(one.Kind, one.Id));
    }
}
