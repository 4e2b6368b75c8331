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

    private static readonly TimeSpan Little = TimeSpan.FromSeconds(1);

    private readonly HostileVault _bobsAt = new();
    private readonly ManualResetEventSlim _isStalled = new(initialState: true);
    private int _waiting;

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
        await using var people = await ConnectAsync();
        var (hers, bobs, carols) = people;
        var ofBob = await ShareAsync(bobs);
        hers.Relationships.MostTime = TimeSpan.FromSeconds(4); // enough for who answers, on a busy machine too

        Stall();
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

    /// <summary>What is asked of Bob's Vault alone waits for it, and nothing else that Alice's program does.</summary>
    [Fact]
    public async Task What_waits_for_a_Vault_that_never_answers_holds_up_nothing_else()
    {
        await using var people = await ConnectAsync();
        var (hers, bobs, _) = people;
        await ShareAsync(bobs);
        await ShareAsync(bobs, new ShareTerms("For the rent only."));
        await ShareAsync(people.Carols);
        await hers.Relationships.SyncAsync(cancellationToken: Cancellation);
        var held = await hers.Relationships.ListHeldAsync(Cancellation);
        var (withBob, link) = ((await WithAsync(hers, "Bob")).Id, (await bobs.Relationships.InviteAsync("Alice again", cancellationToken: Cancellation)).DangerousLink.ToString().AsMemory());
        var (open, terms) = (held.Single(share => share.Relationship == withBob && share.Terms is null), held.Single(share => share.Terms is not null));
        hers.Relationships.MostTime = TimeSpan.FromMinutes(2);

        Stall();
        Task[] waiting = [hers.Relationships.OpenAsync(open, Cancellation), hers.Relationships.AcceptTermsAsync(terms, Cancellation), hers.Relationships.AcceptAsync(link, "Bob again", Cancellation)];
        await UntilAsync(waiting.Length);
        Assert.Equal("hello", (await hers.Relationships.OpenAsync(held.Single(share => share.Relationship != withBob), Cancellation).WaitAsync(Patience, Cancellation)).Attributes[0].Content.GetText());
        Assert.Single(await hers.ListAsync(Cancellation).WaitAsync(Patience, Cancellation), item => item.Name == "Hers");
        Assert.DoesNotContain(waiting, task => task.IsCompleted);
        _isStalled.Set();
        await Task.WhenAll(waiting).WaitAsync(Patience, Cancellation);
        Assert.True((await hers.Relationships.ListHeldAsync(Cancellation)).Single(share => share.Id == terms.Id).IsAccepted);

        // What is ended meanwhile is not opened with keys that are destroyed.
        Stall();
        var opening = hers.Relationships.OpenAsync(open, Cancellation);
        await UntilAsync(1);
        await hers.Relationships.EndAsync(withBob, Cancellation).WaitAsync(Patience, Cancellation);
        _isStalled.Set();
        await Lies.Expect.FailureAsync(FailureReason.NotFound, () => opening.WaitAsync(Patience, Cancellation));
    }

    [Fact]
    public async Task Who_asks_a_Vault_that_never_answers_is_told_so_in_time_and_goes_on_later()
    {
        await using var people = await ConnectAsync();
        var (hers, bobs, _) = people;
        var given = await ShareAsync(bobs, new ShareTerms("For the rent only.", TellWhenRead: true));
        await hers.Relationships.SyncAsync(cancellationToken: Cancellation);
        var held = Assert.Single(await hers.Relationships.ListHeldAsync(Cancellation));
        var link = (await bobs.Relationships.InviteAsync("Alice again", cancellationToken: Cancellation)).DangerousLink.ToString().AsMemory();
        hers.Relationships.MostTime = Little;

        Stall();
        Assert.Contains("did not answer in time", (await FailsAsync(() => hers.Relationships.AcceptTermsAsync(held, Cancellation))).Message, StringComparison.Ordinal);
        held = Assert.Single(await hers.Relationships.ListHeldAsync(Cancellation));
        Assert.Contains("did not answer in time", (await FailsAsync(() => hers.Relationships.OpenAsync(held, Cancellation))).Message, StringComparison.Ordinal);
        Assert.Contains("was not taken", (await FailsAsync(() => hers.Relationships.AcceptAsync(link, "Bob again", Cancellation))).Message, StringComparison.Ordinal);
        Assert.Single(await hers.Relationships.ListAsync(Cancellation), each => each.Name.StartsWith("Bob", StringComparison.Ordinal));

        // It shows what it has, and takes nothing.
        Stall("POST /v1/channel");
        hers.Relationships.MostTime = TimeSpan.FromSeconds(4);
        Assert.Equal("hello", (await hers.Relationships.OpenAsync(held, Cancellation).WaitAsync(Patience, Cancellation)).Attributes[0].Content.GetText());
        var taken = await FailsAsync(() => hers.Relationships.AcceptAsync(link, "Bob again", Cancellation));
        Assert.Contains((await WithAsync(hers, "Bob again")).Id.ToString(), taken.Message, StringComparison.Ordinal);
        Assert.StartsWith("Do not take it again", taken.NextStep, StringComparison.Ordinal);

        _isStalled.Set();
        hers.Relationships.MostTime = Patience;
        await hers.Relationships.SyncAsync(cancellationToken: Cancellation);
        await bobs.Relationships.SyncAsync(cancellationToken: Cancellation);
        Assert.Equal((await WithAsync(hers, "Bob again")).Id, Assert.Single((await hers.Relationships.SyncAsync(cancellationToken: Cancellation)).Established));

        // Opened twice at once, it is told once.
        await hers.Relationships.AcceptTermsAsync(held, Cancellation);
        await Task.WhenAll(hers.Relationships.OpenAsync(held, Cancellation), hers.Relationships.OpenAsync(held, Cancellation));
        Assert.Equal(["accepted", "read"], (await bobs.Relationships.SyncAsync(cancellationToken: Cancellation)).Events.Select(told => told.Event.Event));
        var seen = (await bobs.Relationships.ListGivenAsync(Cancellation)).Single(share => share.Id == given.Id);
        Assert.True(seen.IsAccepted && seen.IsRead);
    }

    private static async Task<KeyladderException> FailsAsync(Func<Task> something)
    {
        var failure = await Assert.ThrowsAsync<KeyladderException>(() => something().WaitAsync(Patience, Cancellation));
        Assert.Equal(FailureReason.Unreachable, failure.Reason);
        return failure;
    }

    /// <summary>From now on Bob's Vault answers no such call until it is set again; none at all where none is named.</summary>
    private void Stall(string? which = null)
    {
        _waiting = 0;
        _isStalled.Set();
        _isStalled.Reset();
        _bobsAt.Proxy.Block = call =>
        {
            if (which is not null && which != call)
                return false;
            Interlocked.Increment(ref _waiting);
            _isStalled.Wait();
            return false;
        };
    }

    private async Task UntilAsync(int calls)
    {
        for (var start = TimeProvider.System.GetTimestamp(); Volatile.Read(ref _waiting) < calls; await Task.Delay(20, Cancellation))
            Assert.True(TimeProvider.System.GetElapsedTime(start) < Patience, $"{_waiting} calls wait.");
    }

    /// <summary>Alice, with an item of her own, and the two others.</summary>
    private async Task<People> ConnectAsync()
    {
        var (keystore, others) = ((await keystores.On(Engine.Sqlite)).Origin, (await vaults.On(Engine.Sqlite)).Origin);
        VaultOwner[] owners = [new(keystore, others), new(keystore, _bobsAt.Proxy.Address), new(keystore, others)];
        var people = new People(owners, await owners[0].CreateAsync(), await owners[1].CreateAsync(), await owners[2].CreateAsync());
        await RelationshipScene.ConnectAsync(people.Hers, "Alice", people.Bobs, "Bob");
        await RelationshipScene.ConnectAsync(people.Hers, "Alice", people.Carols, "Carol");
        await people.Hers.PutAsync(ItemDraft.New("Hers").With(ItemAttribute.Text("text", "hers")), Cancellation);
        return people;
    }

    private static async Task<GivenShare> ShareAsync(Client.Vault person, ShareTerms? terms = null)
    {
        var note = await person.PutAsync(ItemDraft.New("Note").With(ItemAttribute.Text("text", "hello")), Cancellation);
        return Assert.Single(await person.Relationships.ShareAsync([(await WithAsync(person, "Alice")).Id], note.Id, terms: terms, cancellationToken: Cancellation));
    }

    private sealed record People(VaultOwner[] Owners, Client.Vault Hers, Client.Vault Bobs, Client.Vault Carols) : IAsyncDisposable
    {
        public void Deconstruct(out Client.Vault hers, out Client.Vault bobs, out Client.Vault carols) => (hers, bobs, carols) = (Hers, Bobs, Carols);

        public async ValueTask DisposeAsync()
        {
            foreach (var owner in Owners)
                await owner.DisposeAsync();
        }
    }
}
