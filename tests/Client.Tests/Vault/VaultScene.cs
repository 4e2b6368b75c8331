using System.Text.Json.Nodes;
using Keyladder.Cryptography;
using Keyladder.Keys.Vault;
using Keyladder.Testing;
using static Keyladder.Client.Tests.Person;
using static Keyladder.Client.Tests.Vaults.VaultTests;

namespace Keyladder.Client.Tests.Vaults;

/// <summary>
/// A hostile Vault with two people: what the operator has seen of both, and of the past. Alice has a device that has been there from the start, with pins; a new one knows her
/// secret and nothing else.
/// </summary>
public sealed class VaultScene : IAsyncLifetime
{
    public const string Changes = "GET /v1/changes";
    public const string Fetch = "POST /v1/objects/fetch";

    private readonly KeystoreHolder _keystore = new();
    private VaultOwner _alice = null!;
    private VaultOwner _bob = null!;

    public HostileVault Hostile { get; } = new();

    public MemoryPinStore Pins { get; } = new();

    /// <summary>The device that has been there from the start.</summary>
    public Client.Vault Mine { get; private set; } = null!;

    /// <summary>Everything, as the service showed it to a new device: before the last changes, and now.</summary>
    public JsonObject OlderList { get; private set; } = null!;

    /// <inheritdoc cref="OlderList"/>
    public JsonObject List { get; private set; } = null!;

    /// <summary>Bob's, in his own list.</summary>
    public JsonObject BobsList { get; private set; } = null!;

    /// <summary>Of the other Vault that Alice has, in its own list.</summary>
    public JsonObject HerOtherList { get; private set; } = null!;

    /// <summary>Every attribute that is there, and those of before.</summary>
    public JsonObject[] Attributes { get; private set; } = [];

    /// <inheritdoc cref="Attributes"/>
    public JsonObject[] OlderAttributes { get; private set; } = [];

    public ItemId Bank { get; private set; }

    public ItemId Mail { get; private set; }

    public ItemId Deleted { get; private set; }

    /// <summary>How many items there are beside the ones with names.</summary>
    public int More { get; init; }

    public async ValueTask InitializeAsync()
    {
        await _keystore.InitializeAsync();
        await Hostile.InitializeAsync();
        (_alice, _bob) = (new(_keystore.Real.Origin, Hostile.Proxy.Address), new(_keystore.Real.Origin, Hostile.Proxy.Address));
        var bobs = await _bob.CreateAsync();
        await bobs.PutAsync(Login("Bank", "bob's"), Cancellation);
        BobsList = (await Hostile.Proxy.RecordAsync(() => _bob.OpenAsync())).Answers(Changes).First();

        Mine = await _alice.CreateAsync(Pins);
        Bank = (await Mine.PutAsync(Login("Bank", "old"), Cancellation)).Id;
        Mail = (await Mine.PutAsync(Login("Mail", "mail"), Cancellation)).Id;
        Deleted = (await Mine.PutAsync(Login("Gone", "gone"), Cancellation)).Id;
        await Mine.PutManyAsync([.. Enumerable.Range(0, More).Select(number => Login($"Item {number}", $"secret {number}"))], Cancellation);
        (OlderList, OlderAttributes) = await ReadEverythingAsync();
        await Mine.PutAsync((await Mine.GetAsync(Bank, Cancellation)).Edit().With(ItemAttribute.Text("password", "new")), Cancellation);
        await Mine.DeleteManyAsync([(await Mine.GetAsync(Deleted, Cancellation)).Item], Cancellation);
        (List, Attributes) = await ReadEverythingAsync();
        HerOtherList = await ReadAnotherAsync();
    }

    /// <summary>Lists the items, and opens all of them, on a device that has seen nothing.</summary>
    public async Task<IReadOnlyList<OpenedItem>> ReadAnewAsync()
    {
        await using var account = await _alice.UnlockAsync();
        await using var vault = await account.Vaults.OpenAsync(Hostile.Proxy.Address, cancellationToken: Cancellation);
        return await vault.GetManyAsync([.. (await vault.ListAsync(Cancellation)).Select(item => item.Id)], Cancellation);
    }

    /// <summary>Opens the Vault on a device that knows what the one from the start knows, and holds nothing.</summary>
    public async Task<Client.Vault> OpenKnowingAsync() => await (await _alice.UnlockAsync(Pins)).Vaults.OpenAsync(Hostile.Proxy.Address, cancellationToken: Cancellation);

    public async ValueTask DisposeAsync()
    {
        await _alice.DisposeAsync();
        await _bob.DisposeAsync();
        await Hostile.DisposeAsync();
        await _keystore.DisposeAsync();
    }

    private async Task<(JsonObject List, JsonObject[] Attributes)> ReadEverythingAsync()
    {
        Hostile.TellTheTruth();
        var seen = await Hostile.Proxy.RecordAsync(ReadAnewAsync);
        return (seen.Answers(Changes).First(), [.. seen.Answers(Fetch).SelectMany(answer => answer["objects"]!.AsArray()).Select(one => one!.AsObject())]);
    }

    private async Task<JsonObject> ReadAnotherAsync()
    {
        await using var elsewhere = new HostileVault(); // which tells the truth
        await elsewhere.InitializeAsync();
        await using var account = await _alice.UnlockAsync();
        await using (var another = await account.Vaults.CreateAsync(elsewhere.Proxy.Address, cancellationToken: Cancellation))
            await another.PutAsync(Login("Bank", "elsewhere"), Cancellation);
        return (await elsewhere.Proxy.RecordAsync(async () =>
        {
            await using var opened = await account.Vaults.OpenAsync(elsewhere.Proxy.Address, cancellationToken: Cancellation);
            await opened.ListAsync(Cancellation);
        })).Answers(Changes).First();
    }

    private sealed class KeystoreHolder : IAsyncLifetime
    {
        public KeystoreHost Real { get; private set; } = null!;

        public async ValueTask InitializeAsync() => Real = await KeystoreHost.StartAsync(Engine.Sqlite);

        public ValueTask DisposeAsync() => Real.DisposeAsync();
    }
}
