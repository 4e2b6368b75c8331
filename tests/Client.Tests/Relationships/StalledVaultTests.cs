using Keyladder.Client.Tests.Vaults;
using Keyladder.Keys.Vault;
using Keyladder.Testing;
using static Keyladder.Client.Tests.Person;
using static Keyladder.Client.Tests.Relationships.RelationshipScene;

namespace Keyladder.Client.Tests.Relationships;

/// <summary>Alice has a relationship with Bob, whose Vault takes every call and never answers, and one with Carol.</summary>
public sealed class StalledVaultTests(Keystores keystores, Testing.Vaults vaults) : IClassFixture<Keystores>, IClassFixture<Testing.Vaults>, IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(40); // far more than it needs, and less than the calls to Bob's Vault last with all their repetitions

    private readonly HostileVault _bobsAt = new();
    private readonly ManualResetEventSlim _isStalled = new(initialState: true);

    public async ValueTask InitializeAsync() => await _bobsAt.InitializeAsync();

    public async ValueTask DisposeAsync()
    {
        _isStalled.Set();
        await _bobsAt.DisposeAsync();
        _isStalled.Dispose();
    }

    /// <param name="seconds">How long she waits for letters first.</param>
    [Theory, InlineData(0), InlineData(1)]
    public async Task A_Vault_that_never_answers_keeps_back_nothing_of_the_others(int seconds)
    {
        var keystore = (await keystores.On(Engine.Sqlite)).Origin;
        var others = (await vaults.On(Engine.Sqlite)).Origin;
        await using var alice = new VaultOwner(keystore, others);
        await using var bob = new VaultOwner(keystore, _bobsAt.Proxy.Address);
        await using var carol = new VaultOwner(keystore, others);
        var (hers, bobs, carols) = (await alice.CreateAsync(), await bob.CreateAsync(), await carol.CreateAsync());
        await ConnectAsync(hers, "Alice", bobs, "Bob");
        await ConnectAsync(hers, "Alice", carols, "Carol");
        var ofBob = await ShareAsync(bobs);
        hers.Relationships.MostTime = TimeSpan.FromSeconds(4); // enough for who answers, on a busy machine too

        _isStalled.Reset();
        _bobsAt.Proxy.Block = _ =>
        {
            _isStalled.Wait();
            return false;
        };
        if (seconds > 0)
            Assert.Empty((await LookAsync()).Shares); // nobody has anything to say: the wait itself ends too
        var ofCarol = await ShareAsync(carols);
        var news = await LookAsync();
        Assert.Equal([ofCarol.Id], news.Shares);
        var (withBob, why) = Assert.Single(news.Unreachable);
        Assert.Equal((await WithAsync(hers, "Bob")).Id, withBob);
        Assert.Equal(FailureReason.Unreachable, why.Reason);

        // What it has to say is heard once it answers.
        _isStalled.Set();
        hers.Relationships.MostTime = Patience;
        news = await LookAsync();
        Assert.Equal([ofBob.Id], news.Shares);
        Assert.Empty(news.Unreachable);

        Task<RelationshipNews> LookAsync() => hers.Relationships.SyncAsync(TimeSpan.FromSeconds(seconds), Cancellation).WaitAsync(Patience, Cancellation);
    }

    private static async Task<GivenShare> ShareAsync(Client.Vault person)
    {
        var note = await person.PutAsync(ItemDraft.New("Note").With(ItemAttribute.Text("text", "hello")), Cancellation);
        return Assert.Single(await person.Relationships.ShareAsync([(await WithAsync(person, "Alice")).Id], note.Id, cancellationToken: Cancellation));
    }
}
