using System.Net;
using Keyladder.AspNetCore;
using Keyladder.Cryptography.Dids;
using Keyladder.Cryptography.Signing;
using Keyladder.Testing;
using static Keyladder.Cryptography.Dids.DidSignInPurpose;

namespace AspNetCore.Tests;

/// <summary>Which DIDs sign in as which user, and who decides that.</summary>
public sealed class LinkingTests : IDisposable
{
    private readonly Ed25519PrivateKey _key = Ed25519PrivateKey.Generate();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose() => _key.Dispose();

    [Fact]
    public async Task Nobody_links_who_is_not_signed_in()
    {
        await using var database = await TestDatabase.CreateAsync(Engine.Sqlite, "app");
        await using var app = await App.StartAsync(database);
        using var browser = await new Browser(app).AsAsync("alice");
        var link = await browser.AskAsync(Link);
        await browser.PostAsync("/out", null);

        await browser.AnswerAsync(Link, link.Challenge, DidSignIn.Sign(link, _key)).IsAsync("sign-in-first");
        await browser.AskForAsync(Link).IsAsync("sign-in-first");
        Assert.Empty(await app.Links.ListAsync("alice", Cancelled));
    }

    [Fact]
    public async Task A_challenge_made_for_one_user_links_nothing_to_another()
    {
        await using var database = await TestDatabase.CreateAsync(Engine.Sqlite, "app");
        await using var app = await App.StartAsync(database);
        using var browser = await new Browser(app).AsAsync("alice");
        var link = await browser.AskAsync(Link);
        await browser.AsAsync("bob");

        await browser.AnswerAsync(Link, link.Challenge, DidSignIn.Sign(link, _key)).IsAsync("answer-refused");
        Assert.Empty(await app.Links.ListAsync("bob", Cancelled));
        Assert.Empty(await app.Links.ListAsync("alice", Cancelled));
    }

    [Theory, OnBothEngines]
    public async Task A_DID_belongs_to_one_user_and_linking_it_again_is_no_failure(Engine engine)
    {
        await using var database = await TestDatabase.CreateAsync(engine, "app");
        await using var app = await App.StartAsync(database);
        using var alice = await new Browser(app).AsAsync("alice");
        using var bob = await new Browser(app).AsAsync("bob");
        await alice.DoAsync(Link, _key).SucceedsAsync();
        await alice.DoAsync(Link, _key).SucceedsAsync();
        await bob.DoAsync(Link, _key).IsAsync("linked-elsewhere", 409);

        Assert.Equal(Did.Of(_key.PublicKey), Assert.Single(await app.Links.ListAsync("alice", Cancelled)).Did);
        Assert.Empty(await app.Links.ListAsync("bob", Cancelled));
        await bob.DoAsync(SignIn, _key).SucceedsAsync();
        Assert.Equal("alice", await bob.WhoAsync());
    }

    [Theory, OnBothEngines]
    public async Task Of_two_users_who_link_a_DID_at_once_one_has_it(Engine engine)
    {
        await using var database = await TestDatabase.CreateAsync(engine, "app");
        await using var app = await App.StartAsync(database);
        using var alice = await new Browser(app).AsAsync("alice");
        using var bob = await new Browser(app).AsAsync("bob");
        var answers = await Task.WhenAll(alice.DoAsync(Link, _key), bob.DoAsync(Link, _key));
        Assert.Equal([HttpStatusCode.NoContent, HttpStatusCode.Conflict], answers.Select(answer => answer.StatusCode).Order());
        Assert.Single([.. await app.Links.ListAsync("alice", Cancelled), .. await app.Links.ListAsync("bob", Cancelled)]);
    }

    [Theory, OnBothEngines]
    public async Task A_user_has_several_DIDs_and_is_warned_before_the_last_one_goes(Engine engine)
    {
        await using var database = await TestDatabase.CreateAsync(engine, "app");
        await using var app = await App.StartAsync(database);
        using var second = KeyType.P256.Generate();
        using var browser = await new Browser(app).AsAsync("alice");
        await browser.DoAsync(Link, _key).SucceedsAsync();
        await browser.DoAsync(Link, second).SucceedsAsync();
        var (first, other) = (Did.Of(_key.PublicKey), Did.Of(second.PublicKey));
        Assert.Equal([first, other], (await app.Links.ListAsync("alice", Cancelled)).Select(link => link.Did));

        Assert.Equal(UnlinkOutcome.NotLinked, await app.Links.UnlinkAsync("bob", first, lastToo: true, Cancelled));
        Assert.Equal(UnlinkOutcome.Unlinked, await app.Links.UnlinkAsync("alice", first, cancellationToken: Cancelled));
        Assert.Equal(UnlinkOutcome.NotLinked, await app.Links.UnlinkAsync("alice", first, cancellationToken: Cancelled));
        await browser.DoAsync(SignIn, _key).IsAsync("not-signed-in");

        Assert.Equal(UnlinkOutcome.LastOne, await app.Links.UnlinkAsync("alice", other, cancellationToken: Cancelled));
        await browser.DoAsync(SignIn, second).SucceedsAsync();
        Assert.Equal(UnlinkOutcome.Unlinked, await app.Links.UnlinkAsync("alice", other, lastToo: true, Cancelled));
        await browser.DoAsync(SignIn, second).IsAsync("not-signed-in");
        Assert.Empty(await app.Links.ListAsync("alice", Cancelled));
    }

    [Theory, OnBothEngines]
    public async Task Of_DIDs_that_are_all_unlinked_at_once_the_last_one_stays(Engine engine)
    {
        await using var database = await TestDatabase.CreateAsync(engine, "app");
        await using var app = await App.StartAsync(database);
        for (var round = 0; round < 5; round++)
        {
            var user = $"user{round}";
            using var browser = await new Browser(app).AsAsync(user);
            var dids = new List<Did>();
            for (var each = 0; each < 3; each++)
            {
                using var key = Ed25519PrivateKey.Generate();
                dids.Add(Did.Of(key.PublicKey));
                await browser.DoAsync(Link, key).SucceedsAsync();
            }

            var outcomes = await Task.WhenAll(dids.Select(did => Task.Run(() => app.Links.UnlinkAsync(user, did, cancellationToken: Cancelled))));
            Assert.Equal([UnlinkOutcome.Unlinked, UnlinkOutcome.Unlinked, UnlinkOutcome.LastOne], outcomes.Order());
            Assert.Single(await app.Links.ListAsync(user, Cancelled));
        }
    }

    [Theory, OnBothEngines]
    public async Task A_deleted_user_leaves_no_DID_and_another_can_link_it(Engine engine)
    {
        await using var database = await TestDatabase.CreateAsync(engine, "app");
        await using var app = await App.StartAsync(database);
        using var alice = await new Browser(app).AsAsync("alice");
        await alice.DoAsync(Link, _key).SucceedsAsync();
        Assert.Equal(0, await app.Links.UnlinkAllAsync("bob", Cancelled));
        Assert.Equal(1, await app.Links.UnlinkAllAsync("alice", Cancelled));
        using var bob = await new Browser(app).AsAsync("bob");
        await bob.DoAsync(Link, _key).SucceedsAsync();
    }

    [Fact]
    public async Task The_app_is_told_what_was_linked_to_whom()
    {
        await using var database = await TestDatabase.CreateAsync(Engine.Sqlite, "app");
        var told = new List<string>();
        await using var app = await App.StartAsync(database, options => options.Events.OnLinked = context =>
        {
            told.Add($"{context.UserId} {context.Did}");
            return Task.CompletedTask;
        });
        using var browser = await new Browser(app).AsAsync("alice");
        await browser.DoAsync(Link, _key).SucceedsAsync();
        Assert.Equal([$"alice {Did.Of(_key.PublicKey)}"], told);
    }
}
