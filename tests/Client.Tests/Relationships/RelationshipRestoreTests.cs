using Keyladder.Client.Tests.Vaults;
using Keyladder.Keys.Vault;
using Keyladder.Testing;
using static Keyladder.Client.Tests.Person;
using static Keyladder.Client.Tests.Relationships.RelationshipScene;

namespace Keyladder.Client.Tests.Relationships;

/// <summary>A Vault that was restored has channels and letters of before: for a guest, what was taken back is there again until the person's program comes.</summary>
public sealed class RelationshipRestoreTests(Keystores keystores, Testing.Vaults vaults) : IClassFixture<Keystores>, IClassFixture<Testing.Vaults>
{
    [Theory, OnBothEngines]
    public async Task D12_what_was_taken_back_blocked_or_ended_is_so_again_after_a_restore(Engine engine)
    {
        await using var scene = await RestoreScene.StartAsync(engine);
        var phone = await scene.SignUpAsync(keepsCopy: true);
        await using var bob = await OwnerAsync(engine);
        await using var carol = await OwnerAsync(engine);
        await using var dave = await OwnerAsync(engine);
        var others = new[] { (Name: "Bob", Vault: await bob.CreateAsync()), (Name: "Carol", Vault: await carol.CreateAsync()), (Name: "Dave", Vault: await dave.CreateAsync()) };
        foreach (var (name, vault) in others)
            await ConnectAsync(phone.Vault, "Alice", vault, name);
        var bank = await phone.PutAsync("Bank", "old");
        var ids = (await phone.Vault.Relationships.ListAsync(Cancellation)).ToDictionary(each => each.Name, each => each.Id);
        var given = (await phone.Vault.Relationships.ShareAsync([.. ids.Values], bank, cancellationToken: Cancellation)).ToDictionary(share => share.Relationship);
        foreach (var (_, vault) in others)
            await vault.Relationships.SyncAsync(cancellationToken: Cancellation);
        await scene.BackUpAsync();
        await phone.Vault.Relationships.RevokeAsync(given[ids["Bob"]], Cancellation);
        await phone.Vault.Relationships.BlockAsync(ids["Carol"], Cancellation);
        await phone.Vault.Relationships.EndAsync(ids["Dave"], Cancellation);
        await scene.RestoreAsync();
        Assert.Equal(3, await LettersAsync(scene, given.Values));

        var told = await Assert.ThrowsAsync<RestoredException>(() => phone.OpenAsync());
        var restored = await phone.OpenAsync(told, putBack: true);
        Assert.Equal(["Bob", "Carol"], (await restored.Relationships.ListAsync(Cancellation)).Select(each => each.Name));
        Assert.Equal(1, await LettersAsync(scene, given.Values)); // Carol's, whose channel is shut
        foreach (var (name, vault) in others[1..])
            Assert.True((await vault.Relationships.SyncAsync(cancellationToken: Cancellation)).Shut.Count == 1, name);

        // Once, and nothing that is good is lost by it.
        var passed = await scene.Proxy.RecordAsync(() => restored.Relationships.ListAsync(Cancellation));
        Assert.DoesNotContain("POST /v1/changes", passed.Calls);
        var again = Assert.Single(await restored.Relationships.ShareAsync([ids["Bob"]], bank, cancellationToken: Cancellation));
        Assert.Contains(again.Id, (await others[0].Vault.Relationships.SyncAsync(cancellationToken: Cancellation)).Shares);
        var held = (await others[0].Vault.Relationships.ListHeldAsync(Cancellation)).Single(share => share.Id == again.Id);
        Assert.Equal("old", (await others[0].Vault.Relationships.OpenAsync(held, Cancellation)).Attributes.Single(each => each.Content.Name == "password").Content.GetText());
    }

    private static async Task<long> LettersAsync(RestoreScene scene, IEnumerable<GivenShare> shares) => Convert.ToInt64(
        await scene.Vault.Database.ScalarAsync<object>($"SELECT count(*) FROM given_letters WHERE letter_id IN ({string.Join(", ", shares.Select(share => $"'{share.Id}'"))})"),
        System.Globalization.CultureInfo.InvariantCulture);

    private async Task<VaultOwner> OwnerAsync(Engine engine) => new((await keystores.On(engine)).Origin, (await vaults.On(engine)).Origin);
}
