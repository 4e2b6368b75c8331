using System.Net;
using Keyladder.Cryptography.Dids;
using Keyladder.Cryptography.Signing;
using static AspNetCore.Tests.MembersRulesTests;
using static AspNetCore.Tests.MembersScene;

namespace AspNetCore.Tests;

/// <summary>What the sample application asks of a request before a rule of it acts, one by one: without any of them something here goes through.</summary>
public sealed class MembersChecksTests : IAsyncLifetime
{
    private readonly MembersScene _scene = new();
    private readonly Ed25519PrivateKey _sharer = Ed25519PrivateKey.Generate();
    private readonly Ed25519PrivateKey _other = Ed25519PrivateKey.Generate();
    private readonly Guid _attribute = Guid.NewGuid();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await _scene.InitializeAsync();
        await _scene.StartMembersAsync(Of(_sharer), Of(_other));
    }

    public async ValueTask DisposeAsync()
    {
        await _scene.DisposeAsync();
        _sharer.Dispose();
        _other.Dispose();
    }

    [Fact]
    public async Task An_event_counts_for_its_sharer_its_attribute_its_member_and_after_the_one_before()
    {
        var (browser, token) = await SignInAsync("alice");
        Assert.Equal(HttpStatusCode.OK, await WatchAsync(browser, token, Did.Of(_sharer.PublicKey), _attribute));
        Assert.Equal(HttpStatusCode.NoContent, await BringAsync(browser, Told(_sharer, _attribute, "shared", 5)));

        Assert.Equal(HttpStatusCode.NotFound, await BringAsync(browser, Told(_other, _attribute, "revoked", 9)));
        Assert.Equal(HttpStatusCode.NotFound, await BringAsync(browser, Told(_sharer, Guid.NewGuid(), "revoked", 9)));
        Assert.Equal(HttpStatusCode.NotFound, await BringAsync(browser, Told(_sharer, _attribute, "revoked", 5)));
        Assert.Equal(HttpStatusCode.OK, await WatchAsync(browser, token, Did.Of(_sharer.PublicKey), _attribute)); // who watches it again begins nothing anew
        Assert.Equal(HttpStatusCode.OK, await LoungeAsync(browser));
        Assert.Equal(HttpStatusCode.Forbidden, await LoungeAsync((await SignInAsync("bob")).Browser));
        Assert.Equal(HttpStatusCode.Forbidden, await LoungeAsync(_scene.OpenBrowser()));

        Assert.Equal(HttpStatusCode.NoContent, await BringAsync(browser, Told(_sharer, _attribute, "expired", 6)));
        Assert.Equal(HttpStatusCode.Forbidden, await LoungeAsync(browser));
    }

    [Fact]
    public async Task What_is_watched_may_be_named_by_the_DID_of_before_and_must_be_well_formed()
    {
        using var next = Ed25519PrivateKey.Generate();
        var (browser, token) = await SignInAsync("alice");
        Assert.Equal(HttpStatusCode.NoContent, await BringAsync(browser, Change(_sharer, _sharer, next, next)));
        Assert.Equal(HttpStatusCode.OK, await WatchAsync(browser, token, Did.Of(_sharer.PublicKey), _attribute));
        Assert.Equal(HttpStatusCode.NoContent, await BringAsync(browser, Told(next, _attribute, "shared", 1)));
        Assert.Equal(HttpStatusCode.OK, await LoungeAsync(browser));

        Assert.Equal(HttpStatusCode.BadRequest, await PostAsync(token, Of(_sharer), $"{_attribute:N}")); // no event names it so
        Assert.Equal(HttpStatusCode.BadRequest, await PostAsync(token, "did:key:nobody", $"{_attribute}"));
        Assert.Equal(HttpStatusCode.BadRequest, await PostAsync("none", Of(_sharer), $"{_attribute}"));
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, await BringAsync(browser, new string('e', 16 * 1024)));

        async Task<HttpStatusCode> PostAsync(string proof, string did, string attribute)
        {
            using var form = new FormUrlEncodedContent([new("__RequestVerificationToken", proof), new("did", did), new("attribute", attribute)]);
            return (await browser.PostAsync("/rules", form, Cancelled)).StatusCode;
        }
    }

    private static async Task<HttpStatusCode> LoungeAsync(HttpClient browser) => (await browser.GetAsync("/lounge", Cancelled)).StatusCode;

    private async Task<(HttpClient Browser, string Token)> SignInAsync(string member)
    {
        _scene.Provider.User = member;
        var browser = _scene.OpenBrowser();
        return (browser, TokenIn(await browser.GetStringAsync("/openid", Cancelled)));
    }
}
