using Keyladder.Testing;
using static Keyladder.Client.Tests.Person;
using static Keyladder.Client.Tests.Vaults.VaultTests;

namespace Keyladder.Client.Tests.Vaults;

/// <summary>What a person sees of their account at the Vault, beside the items: its sessions, and all that it stores.</summary>
public sealed class VaultAccountTests(Keystores keystores, Testing.Vaults vaults) : IClassFixture<Keystores>, IClassFixture<Testing.Vaults>
{
    [Theory, OnBothEngines]
    public async Task Sessions_at_the_Vault_are_listed_and_ended_and_an_open_device_signs_in_again(Engine engine)
    {
        await using var alice = await OwnerAsync(engine);
        var here = await alice.CreateAsync();
        var there = await alice.OpenAsync();
        await using var bob = await OwnerAsync(engine);
        await bob.CreateAsync();

        var sessions = await here.Sessions.ListAsync(Cancellation);
        Assert.Equal(2, sessions.Count);
        var other = Assert.Single(sessions, session => !session.Current);
        await here.Sessions.RevokeAsync(other.Id, Cancellation);
        Assert.True(Assert.Single(await here.Sessions.ListAsync(Cancellation)).Current);

        await there.ListAsync(Cancellation);
        Assert.DoesNotContain(await there.Sessions.ListAsync(Cancellation), session => session.Id == other.Id);
        Assert.Equal(2, (await here.Sessions.ListAsync(Cancellation)).Count);
        await Lies.Expect.FailureAsync(FailureReason.NotFound, () => here.Sessions.RevokeAsync(other.Id, Cancellation));
    }

    [Theory, OnBothEngines]
    public async Task Everything_that_the_Vault_keeps_of_a_person_is_shown_to_them_and_of_nobody_else(Engine engine)
    {
        await using var alice = await OwnerAsync(engine);
        var here = await alice.CreateAsync();
        await here.PutAsync(Login("Bank", "s3cret"), Cancellation);
        await using var bob = await OwnerAsync(engine);
        await (await bob.CreateAsync()).PutAsync(Login("Bank", "bob's"), Cancellation);

        var tables = new Dictionary<string, List<IReadOnlyDictionary<string, string>>>();
        await foreach (var stored in here.ReadDataAsync(Cancellation))
            (tables.TryGetValue(stored.Table, out var rows) ? rows : tables[stored.Table] = []).AddRange(stored.Rows);

        Assert.Equal(3, tables["objects"].Count);
        Assert.Equal(2, tables["heads"].Count);
        Assert.NotEmpty(tables["sessions"]);
        Assert.All(tables.Values.SelectMany(rows => rows), row => Assert.Equal(here.Id.ToString(), row["account_id"]));

        await here.DisposeAsync();
        Assert.Throws<ObjectDisposedException>(() => { _ = here.ReadDataAsync(Cancellation); });
    }

    private async Task<VaultOwner> OwnerAsync(Engine engine) => new((await keystores.On(engine)).Origin, (await vaults.On(engine)).Origin);
}
