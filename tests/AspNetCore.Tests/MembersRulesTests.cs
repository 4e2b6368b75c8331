using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Keyladder.Client;
using Keyladder.Cryptography.Dids;
using Keyladder.Cryptography.Signing;
using Keyladder.Keys.Vault;
using Keyladder.Testing;
using static AspNetCore.Tests.MembersScene;

namespace AspNetCore.Tests;

/// <summary>The rules of the sample application over what others share with its members.</summary>
public sealed class MembersRulesTests : IAsyncLifetime
{
    private readonly MembersScene _scene = new();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => _scene.InitializeAsync();

    public ValueTask DisposeAsync() => _scene.DisposeAsync();

    [Fact]
    public async Task A_rule_acts_on_signed_events_by_the_id_of_an_attribute_and_the_app_never_sees_the_value()
    {
        await using var vaults = await VaultHost.StartAsync(Engine.Sqlite);
        await using var aliceAccount = await _scene.SignUpAsync();
        await using var bobAccount = await _scene.SignUpAsync();
        await using var alice = await aliceAccount.Vaults.CreateAsync(vaults.Origin, cancellationToken: Cancelled);
        await using var bob = await bobAccount.Vaults.CreateAsync(vaults.Origin, cancellationToken: Cancelled);
        var invited = await alice.Relationships.InviteAsync("Bob", cancellationToken: Cancelled);
        await bob.Relationships.AcceptAsync(invited.DangerousLink.ToString().AsMemory(), "Alice", Cancelled);
        await alice.Relationships.SyncAsync(cancellationToken: Cancelled);
        await bob.Relationships.SyncAsync(cancellationToken: Cancelled);
        var card = await alice.PutAsync(ItemDraft.New("Card", "card").With(ItemAttribute.Text("number", "4711-secret")), Cancelled);
        var share = Assert.Single(await alice.Relationships.ShareAsync([invited.Relationship.Id], card.Id, (await alice.GetAsync(card.Id, Cancelled)).Attributes[0].Id, cancellationToken: Cancelled));
        var shared = Assert.Single((await bob.Relationships.SyncAsync(cancellationToken: Cancelled)).Events);
        await _scene.StartMembersAsync(shared.Event.Issuer.ToString());

        _scene.Provider.User = "bob";
        var browser = _scene.OpenBrowser();
        var token = TokenIn(await browser.GetStringAsync("/openid", Cancelled));
        using var rule = new FormUrlEncodedContent(
            [new("__RequestVerificationToken", token), new("did", shared.Event.Issuer.ToString()), new("attribute", shared.Event.Attribute.ToString())]);
        Assert.Equal(HttpStatusCode.OK, (await browser.PostAsync("/rules", rule, Cancelled)).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await browser.GetAsync("/lounge", Cancelled)).StatusCode);

        using var forger = Ed25519PrivateKey.Generate();
        Assert.True(Jws.TryReadUnverified(JwsKind.ShareEvent, shared.Jws, out var payload));
        Assert.Equal(HttpStatusCode.NotFound, await BringAsync(Jws.Sign(JwsKind.ShareEvent, payload, forger)));
        Assert.Equal(HttpStatusCode.Forbidden, (await browser.GetAsync("/lounge", Cancelled)).StatusCode);
        Assert.Equal(HttpStatusCode.NoContent, await BringAsync(shared.Jws));
        Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync("/lounge", Cancelled)).StatusCode);

        await alice.Relationships.RevokeAsync(share, Cancelled);
        var revoked = Assert.Single((await bob.Relationships.SyncAsync(cancellationToken: Cancelled)).Events);
        Assert.Equal((shared.Event.Attribute, "revoked"), (revoked.Event.Attribute, revoked.Event.Event));
        Assert.Equal(HttpStatusCode.NoContent, await BringAsync(revoked.Jws));
        Assert.Equal(HttpStatusCode.NotFound, await BringAsync(shared.Jws));        // what was once true is not so again
        Assert.Equal(HttpStatusCode.Forbidden, (await browser.GetAsync("/lounge", Cancelled)).StatusCode);

        // Shared again, it has a higher number than its end had, and opens the lounge again.
        await alice.Relationships.ShareAsync([invited.Relationship.Id], card.Id, (await alice.GetAsync(card.Id, Cancelled)).Attributes[0].Id, cancellationToken: Cancelled);
        var again = Assert.Single((await bob.Relationships.SyncAsync(cancellationToken: Cancelled)).Events);
        Assert.Equal((shared.Event.Attribute, "shared"), (again.Event.Attribute, again.Event.Event));
        Assert.True(again.Event.Number > revoked.Event.Number);
        Assert.Equal(HttpStatusCode.NoContent, await BringAsync(again.Jws));
        Assert.Equal(HttpStatusCode.NotFound, await BringAsync(revoked.Jws));
        Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync("/lounge", Cancelled)).StatusCode);

        var kept = Encoding.UTF8.GetString(await File.ReadAllBytesAsync(_scene.Database, Cancelled));
        Assert.Contains(shared.Event.Attribute.ToString(), kept, StringComparison.Ordinal);
        Assert.DoesNotContain("4711-secret", kept, StringComparison.Ordinal);

        Task<HttpStatusCode> BringAsync(string jws) => MembersRulesTests.BringAsync(browser, jws);
    }

    [Fact]
    public async Task A_key_of_a_members_own_opens_nothing_and_events_of_a_holder_count_for_nothing()
    {
        using var sharer = Ed25519PrivateKey.Generate();
        using var own = Ed25519PrivateKey.Generate();
        await _scene.StartMembersAsync(Did.Of(sharer.PublicKey).ToString());
        var browser = _scene.OpenBrowser();
        var token = TokenIn(await browser.GetStringAsync("/openid", Cancelled));
        var attribute = Guid.NewGuid();
        Assert.Equal(HttpStatusCode.Forbidden, await WatchAsync(own));
        Assert.Equal(HttpStatusCode.NotFound, await TellAsync(own, "shared", 1));
        Assert.Equal(HttpStatusCode.Forbidden, (await browser.GetAsync("/lounge", Cancelled)).StatusCode);

        Assert.Equal(HttpStatusCode.OK, await WatchAsync(sharer));
        foreach (var told in new[] { "accepted", "read", "other" })
            Assert.Equal(HttpStatusCode.NotFound, await TellAsync(sharer, told, 9));
        Assert.Equal(HttpStatusCode.NoContent, await TellAsync(sharer, "shared", 1));
        Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync("/lounge", Cancelled)).StatusCode);

        await _scene.StartMembersAsync();      // by default nobody counts
        Assert.Equal(HttpStatusCode.Forbidden, (await browser.GetAsync("/lounge", Cancelled)).StatusCode);

        async Task<HttpStatusCode> WatchAsync(Ed25519PrivateKey key)
        {
            using var form = new FormUrlEncodedContent(
                [new("__RequestVerificationToken", token), new("did", Did.Of(key.PublicKey).ToString()), new("attribute", attribute.ToString())]);
            return (await browser.PostAsync("/rules", form, Cancelled)).StatusCode;
        }

        async Task<HttpStatusCode> TellAsync(Ed25519PrivateKey key, string told, long number)
        {
            var payload = JsonSerializer.SerializeToUtf8Bytes(new { iss = Did.Of(key.PublicKey).ToString(), attribute = attribute.ToString(), @event = told, number });
            return (await browser.PostAsJsonAsync("/events", new { jws = Jws.Sign(JwsKind.ShareEvent, payload, key) }, Cancelled)).StatusCode;
        }
    }

    [Fact]
    public async Task A_rule_goes_on_with_the_new_keys_of_who_shares_once_the_signed_change_was_brought()
    {
        await using var vaults = await VaultHost.StartAsync(Engine.Sqlite);
        await using var aliceAccount = await _scene.SignUpAsync();
        await using var bobAccount = await _scene.SignUpAsync();
        await using var alice = await aliceAccount.Vaults.CreateAsync(vaults.Origin, cancellationToken: Cancelled);
        await using var bob = await bobAccount.Vaults.CreateAsync(vaults.Origin, cancellationToken: Cancelled);
        var invited = await alice.Relationships.InviteAsync("Bob", cancellationToken: Cancelled);
        await bob.Relationships.AcceptAsync(invited.DangerousLink.ToString().AsMemory(), "Alice", Cancelled);
        await alice.Relationships.SyncAsync(cancellationToken: Cancelled);
        await bob.Relationships.SyncAsync(cancellationToken: Cancelled);
        var card = await alice.PutAsync(ItemDraft.New("Card", "card").With(ItemAttribute.Text("number", "4711-secret")), Cancelled);
        var share = Assert.Single(await alice.Relationships.ShareAsync([invited.Relationship.Id], card.Id, (await alice.GetAsync(card.Id, Cancelled)).Attributes[0].Id, cancellationToken: Cancelled));
        var shared = Assert.Single((await bob.Relationships.SyncAsync(cancellationToken: Cancelled)).Events);
        await _scene.StartMembersAsync(shared.Event.Issuer.ToString());
        var browser = _scene.OpenBrowser();
        Assert.Equal(HttpStatusCode.OK, await WatchAsync(browser, TokenIn(await browser.GetStringAsync("/openid", Cancelled)), shared.Event.Issuer, shared.Event.Attribute.Value));
        Assert.Equal(HttpStatusCode.NoContent, await BringAsync(browser, shared.Jws));

        await alice.Relationships.ChangeKeysAsync(invited.Relationship.Id, Cancelled);
        await alice.Relationships.RevokeAsync(share, Cancelled);
        var news = await bob.Relationships.SyncAsync(cancellationToken: Cancelled);
        var (change, revoked) = (Assert.Single(news.Changed), Assert.Single(news.Events));
        Assert.NotEqual(shared.Event.Issuer, revoked.Event.Issuer);
        Assert.Equal(HttpStatusCode.NotFound, await BringAsync(browser, revoked.Jws));
        Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync("/lounge", Cancelled)).StatusCode);

        Assert.Equal(HttpStatusCode.NoContent, await BringAsync(browser, change.Jws));
        Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync("/lounge", Cancelled)).StatusCode);
        Assert.Equal(HttpStatusCode.NoContent, await BringAsync(browser, revoked.Jws));
        Assert.Equal(HttpStatusCode.Forbidden, (await browser.GetAsync("/lounge", Cancelled)).StatusCode);
    }

    [Fact]
    public async Task New_keys_count_only_if_both_have_signed_once_and_the_old_ones_not_any_more()
    {
        var keys = Enumerable.Range(0, 5).Select(_ => Ed25519PrivateKey.Generate()).ToList();
        var (old, next, last, thief, other) = (keys[0], keys[1], keys[2], keys[3], keys[4]);
        await _scene.StartMembersAsync(Of(old), Of(other));
        var browser = _scene.OpenBrowser();
        var token = TokenIn(await browser.GetStringAsync("/openid", Cancelled));
        var attribute = Guid.NewGuid();
        Assert.Equal(HttpStatusCode.OK, await WatchAsync(browser, token, Did.Of(old.PublicKey), attribute));

        foreach (var (by, of, to, proof) in new[] { (thief, old, thief, thief), (thief, thief, next, next), (old, old, next, old), (old, old, other, other), (next, next, last, last) })
            Assert.Equal(HttpStatusCode.NotFound, await BringAsync(browser, Change(by, of, to, proof)));
        Assert.Equal(HttpStatusCode.NoContent, await BringAsync(browser, Told(old, "shared", 1)));

        Assert.Equal(HttpStatusCode.NoContent, await BringAsync(browser, Change(old, old, next, next)));
        Assert.Equal(HttpStatusCode.NotFound, await BringAsync(browser, Told(old, "revoked", 2)));
        Assert.Equal(HttpStatusCode.NoContent, await BringAsync(browser, Told(next, "changed", 2)));
        Assert.Equal(HttpStatusCode.NotFound, await BringAsync(browser, Change(old, old, thief, thief))); // who has stolen the old ones comes late
        Assert.Equal(HttpStatusCode.NotFound, await BringAsync(browser, Change(next, next, old, old))); // and they do not come back
        Assert.Equal(HttpStatusCode.NoContent, await BringAsync(browser, Change(next, next, last, last)));
        Assert.Equal(HttpStatusCode.NotFound, await BringAsync(browser, Change(last, last, next, next)));
        Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync("/lounge", Cancelled)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, await WatchAsync(browser, token, Did.Of(last.PublicKey), Guid.NewGuid()));
        Assert.Equal(HttpStatusCode.NoContent, await BringAsync(browser, Told(last, "revoked", 3)));
        Assert.Equal(HttpStatusCode.Forbidden, (await browser.GetAsync("/lounge", Cancelled)).StatusCode);
        keys.ForEach(key => key.Dispose());

        string Told(Ed25519PrivateKey by, string told, long number) => MembersRulesTests.Told(by, attribute, told, number);
    }

    /// <summary>What a new DID signs is its bundle, which says nothing of the DID before: whoever has seen it can name the new DID as his own next one.</summary>
    [Fact]
    public async Task New_keys_count_although_another_sharer_has_named_them_as_his_own_before()
    {
        var keys = Enumerable.Range(0, 4).Select(_ => Ed25519PrivateKey.Generate()).ToList();
        var (old, next, last, other) = (keys[0], keys[1], keys[2], keys[3]);
        await _scene.StartMembersAsync(Of(other), Of(old));
        var browser = _scene.OpenBrowser();
        var token = TokenIn(await browser.GetStringAsync("/openid", Cancelled));
        var (attribute, later) = (Guid.NewGuid(), Guid.NewGuid());
        Assert.Equal(HttpStatusCode.OK, await WatchAsync(browser, token, Did.Of(old.PublicKey), attribute));
        Assert.Equal(HttpStatusCode.NoContent, await BringAsync(browser, Told(old, attribute, "shared", 1)));

        Assert.Equal(HttpStatusCode.NoContent, await BringAsync(browser, Change(other, other, next, next)));
        Assert.Equal(HttpStatusCode.NoContent, await BringAsync(browser, Change(next, next, last, last))); // and what follows is brought before what it follows
        Assert.Equal(HttpStatusCode.NoContent, await BringAsync(browser, Change(old, old, next, next)));
        Assert.Equal(HttpStatusCode.NotFound, await BringAsync(browser, Change(last, last, next, next)));
        Assert.Equal(HttpStatusCode.NotFound, await BringAsync(browser, Told(other, attribute, "revoked", 9)));
        Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync("/lounge", Cancelled)).StatusCode);
        Assert.Equal(HttpStatusCode.NoContent, await BringAsync(browser, Told(last, attribute, "revoked", 2)));
        Assert.Equal(HttpStatusCode.Forbidden, (await browser.GetAsync("/lounge", Cancelled)).StatusCode);

        // What is watched from now on is of both: who is taken out of the settings takes the other's away from nobody.
        Assert.Equal(HttpStatusCode.OK, await WatchAsync(browser, token, Did.Of(last.PublicKey), later));
        Assert.Equal(HttpStatusCode.NoContent, await BringAsync(browser, Told(last, later, "shared", 3)));
        foreach (var sharer in new[] { other, old })
        {
            await _scene.StartMembersAsync(Of(sharer));
            Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync("/lounge", Cancelled)).StatusCode);
        }

        keys.ForEach(key => key.Dispose());
    }

    internal static string Of(Ed25519PrivateKey key) => Did.Of(key.PublicKey).ToString();

    internal static string Told(Ed25519PrivateKey by, Guid attribute, string told, long number) =>
        Jws.Sign(JwsKind.ShareEvent, JsonSerializer.SerializeToUtf8Bytes(new { iss = Of(by), attribute = attribute.ToString(), @event = told, number }), by);

    internal static string Change(Ed25519PrivateKey by, Ed25519PrivateKey of, Ed25519PrivateKey to, Ed25519PrivateKey proof)
    {
        var bundle = Jws.Sign(JwsKind.KeyBundle, JsonSerializer.SerializeToUtf8Bytes(new { sub = Of(to) }), proof);
        return Jws.Sign(JwsKind.KeyChange, JsonSerializer.SerializeToUtf8Bytes(new { iss = Of(of), aud = "did:key:z6MkehRgf7yJbgaGfYsdoAsKdBPE3dj2CYhowQdcjqSJgvVd", relationship = Guid.NewGuid(), next = Of(to), bundle }), by);
    }

    internal static async Task<HttpStatusCode> WatchAsync(HttpClient browser, string token, Did did, Guid attribute)
    {
        using var form = new FormUrlEncodedContent([new("__RequestVerificationToken", token), new("did", did.ToString()), new("attribute", attribute.ToString())]);
        return (await browser.PostAsync("/rules", form, Cancelled)).StatusCode;
    }

    internal static async Task<HttpStatusCode> BringAsync(HttpClient browser, string jws) => (await browser.PostAsJsonAsync("/events", new { jws }, Cancelled)).StatusCode;
}
