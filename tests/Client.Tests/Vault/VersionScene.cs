using System.Text.Json.Nodes;
using Keyladder.Cryptography;
using Keyladder.Keys.Vault;
using Keyladder.Testing;
using static Keyladder.Client.Tests.Person;
using static Keyladder.Client.Tests.Vaults.VaultTests;

namespace Keyladder.Client.Tests.Vaults;

/// <summary>
/// A hostile Vault with two people whose items have a past: Alice's Bank and Mail have four revisions each, the password changed in every one
/// and the user in the third; one item with a past is deleted. Bob has a Bank of the same kind.
/// </summary>
public sealed class VersionScene : IAsyncLifetime
{
    private KeystoreHost _keystore = null!;
    private VaultOwner _alice = null!;
    private VaultOwner _bob = null!;

    public HostileVault Hostile { get; } = new();

    /// <summary>Alice's first device.</summary>
    public Client.Vault Mine { get; private set; } = null!;

    public OpenedItem Bank { get; private set; } = null!;

    public OpenedItem Mail { get; private set; } = null!;

    /// <summary>As it was when it was deleted.</summary>
    public OpenedItem Deleted { get; private set; } = null!;

    public OpenedItem Bobs { get; private set; } = null!;

    public Guid Password => IdOf(Bank, "password");

    /// <summary>What the service said before anybody lied: the versions of each object, by its id, the newest first.</summary>
    public Dictionary<Guid, JsonArray> Versions { get; } = [];

    /// <summary>Bank as it is now, as the service keeps it.</summary>
    public JsonNode Present { get; private set; } = null!;

    public static string PathOf(Guid id) => $"/v1/objects/{id}/versions";

    public static Guid IdOf(OpenedItem item, string attribute) => item.Attributes.Single(each => each.Content.Name == attribute).Id.Value;

    public async ValueTask InitializeAsync()
    {
        _keystore = await KeystoreHost.StartAsync(Engine.Sqlite);
        await Hostile.InitializeAsync();
        (_alice, _bob) = (new(_keystore.Origin, Hostile.Proxy.Address), new(_keystore.Origin, Hostile.Proxy.Address));
        var bobs = await _bob.CreateAsync();
        Mine = await _alice.CreateAsync();
        Bobs = await FourRevisionsAsync(bobs, "Bank");
        Bank = await FourRevisionsAsync(Mine, "Bank");
        Mail = await FourRevisionsAsync(Mine, "Mail");
        Deleted = await FourRevisionsAsync(Mine, "Gone");
        await Mine.DeleteManyAsync([Deleted.Item], Cancellation);
        var anew = await _alice.OpenAsync();
        Present = Hostile.Proxy.Last(VaultScene.Changes)["objects"]!.AsArray().Single(one => one!["id"]!.GetValue<Guid>() == Bank.Id.Value)!.DeepClone();
        await anew.DisposeAsync();
    }

    /// <summary>Lists the versions of Bank, and opens each, on a device that has seen nothing.</summary>
    public async Task<IReadOnlyList<OpenedItem>> ReadAnewAsync()
    {
        await using var account = await _alice.UnlockAsync();
        await using var vault = await account.Vaults.OpenAsync(Hostile.Proxy.Address, cancellationToken: Cancellation);
        var opened = new List<OpenedItem>();
        foreach (var version in await vault.GetVersionsAsync(Bank.Id, Cancellation))
            opened.Add(await vault.OpenVersionAsync(version, Cancellation));
        return opened;
    }

    public Task<Client.Vault> OpenAnewAsync() => _alice.OpenAsync();

    public async ValueTask DisposeAsync()
    {
        await _alice.DisposeAsync();
        await _bob.DisposeAsync();
        await Hostile.DisposeAsync();
        await _keystore.DisposeAsync();
    }

    private async Task<OpenedItem> FourRevisionsAsync(Client.Vault vault, string name)
    {
        var id = (await vault.PutAsync(Login(name, "1"), Cancellation)).Id;
        for (var revision = 2; revision <= 4; revision++)
        {
            var draft = (await vault.GetAsync(id, Cancellation)).Edit().With(ItemAttribute.Text("password", $"{revision}"));
            await vault.PutAsync(revision == 3 ? draft.With(ItemAttribute.Text("user", "carol")) : draft, Cancellation);
        }

        foreach (var version in await vault.GetVersionsAsync(id, Cancellation))
            await vault.OpenVersionAsync(version, Cancellation);
        var item = await vault.GetAsync(id, Cancellation);
        foreach (var one in new[] { id.Value, IdOf(item, "user"), IdOf(item, "password") })
            Versions[one] = Hostile.Proxy.Last($"GET {PathOf(one)}")["objects"]!.AsArray();
        return item;
    }
}
