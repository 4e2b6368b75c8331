using System.Text.Json.Nodes;
using Keyladder.Client.Tests.Vaults;
using Keyladder.Cryptography;
using Keyladder.Keys.Hierarchy;
using Keyladder.Keys.Relationships;
using Keyladder.Keys.Vault;
using Keyladder.Testing;
using static Keyladder.Client.Tests.Person;

namespace Keyladder.Client.Tests.Relationships;

/// <summary>Alice, Bob and Carol at one hostile Vault: Alice has a relationship with each of the other two, who have one with each other.</summary>
public sealed class RelationshipScene : IAsyncLifetime
{
    public const string Channel = "GET /v1/channel";
    public const string Letters = "GET /v1/letters";

    private readonly Dictionary<Client.Vault, VaultOwner> _people = [];
    private KeystoreHost _keystore = null!;

    public HostileVault Hostile { get; } = new();

    public Client.Vault Alice { get; private set; } = null!;

    public Client.Vault Bob { get; private set; } = null!;

    public Client.Vault Carol { get; private set; } = null!;

    /// <summary>Of Alice's.</summary>
    public ItemId Bank { get; private set; }

    public async ValueTask InitializeAsync()
    {
        _keystore = await KeystoreHost.StartAsync(Engine.Sqlite);
        await Hostile.InitializeAsync();
        (Alice, Bob, Carol) = (await NewPersonAsync(), await NewPersonAsync(), await NewPersonAsync());
        await ConnectAsync(Alice, "Alice", Bob, "Bob");
        await ConnectAsync(Alice, "Alice", Carol, "Carol");
        await ConnectAsync(Bob, "Bob", Carol, "Carol");
        Bank = (await Alice.PutAsync(ItemDraft.New("Bank", "account").With(ItemAttribute.Text("iban", "DE01")), Cancellation)).Id;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var person in _people.Values)
            await person.DisposeAsync();
        await Hostile.DisposeAsync();
        await _keystore.DisposeAsync();
    }

    public async Task<Client.Vault> NewPersonAsync()
    {
        var person = new VaultOwner(_keystore.Origin, Hostile.Proxy.Address);
        var vault = await person.CreateAsync();
        _people.Add(vault, person);
        return vault;
    }

    /// <summary>Another device of a person's.</summary>
    public Task<Client.Vault> AnotherDeviceAsync(Client.Vault person) => _people[person].OpenAsync();

    /// <summary>The first invites, the second accepts, and both hear of it.</summary>
    public static async Task ConnectAsync(Client.Vault one, string ones, Client.Vault other, string others)
    {
        var invitation = await one.Relationships.InviteAsync(others, cancellationToken: Cancellation);
        await other.Relationships.AcceptAsync(invitation.DangerousLink.ToString().AsMemory(), ones, Cancellation);
        await one.Relationships.SyncAsync(cancellationToken: Cancellation);
        await other.Relationships.SyncAsync(cancellationToken: Cancellation);
    }

    public static async Task<Relationship> WithAsync(Client.Vault person, string name) =>
        (await person.Relationships.ListAsync(Cancellation)).Single(relationship => relationship.Name == name);

    /// <summary>Alice shares her bank with some of the others.</summary>
    public async Task<IReadOnlyList<GivenShare>> ShareAsync(params string[] names)
    {
        var with = new List<RelationshipId>();
        foreach (var name in names)
            with.Add((await WithAsync(Alice, name)).Id);
        return await Alice.Relationships.ShareAsync(with, Bank, cancellationToken: Cancellation);
    }

    /// <summary>The private key that a person has in a relationship: what a thief, or that person's own bent client, could do with it.</summary>
    internal async Task<RelationshipKey> KeyOfAsync(Client.Vault person, string name)
    {
        var account = await _people[person].UnlockAsync();
        return account.Keys.Unwrap<RelationshipKey>(await account.Keys.GetAsync((await WithAsync(person, name)).Item.State.Keys[0], Cancellation));
    }

    /// <summary>The other one's keys, as a person has pinned them.</summary>
    internal static async Task<KeyBundle> PinnedAsync(Client.Vault person, string name) => (await WithAsync(person, name)).Item.OtherKeys()!;

    /// <summary>From now on the service shows these letters too, behind the genuine ones, to everybody who reads as a guest.</summary>
    public void ShowInChannel(params (Guid Id, byte[] Sealed)[] letters) => Hostile.Proxy.Lie = answer =>
    {
        if ($"{answer.Method} {answer.Path}" != Channel || answer.Status != 200 || answer.Target.Contains("after=10", StringComparison.Ordinal))
            return;
        answer.Edit(json =>
        {
            var shown = json["letters"]!.AsArray();
            var last = 1_000L;
            foreach (var (id, bytes) in letters)
                shown.Add(new JsonObject { ["id"] = $"{id:D}", ["number"] = ++last, ["sealed"] = Base64UrlText.Encode(bytes) });
        });
    };

    /// <summary>What Bob hears when he looks, and that he says of each refusal what it is.</summary>
    public static async Task<RelationshipNews> RefusesAsync(Client.Vault person, int times = 1)
    {
        var before = await DescribeAsync(person);
        var news = await person.Relationships.SyncAsync(cancellationToken: Cancellation);
        Assert.True(news.Refused.Count >= times, $"{news.Refused.Count} were refused.");
        Assert.Empty(news.Shares);
        Assert.Empty(news.Changed);
        Assert.Equal(before, await DescribeAsync(person));
        return news;
    }

    private static async Task<string> DescribeAsync(Client.Vault person) => string.Join(
        '\n',
        [
            .. (await person.Relationships.ListAsync(Cancellation)).Select(each => $"{each.Id} {each.Status} {each.Did} {each.OtherDid}"),
            .. (await person.Relationships.ListHeldAsync(Cancellation)).Select(each => $"{each.Id} {each.Record.Statement}"),
            .. (await person.Relationships.ListGivenAsync(Cancellation)).Select(each => $"{each.Id} {each.Record.Statement} {each.IsAccepted} {each.IsRead}"),
        ]);
}
