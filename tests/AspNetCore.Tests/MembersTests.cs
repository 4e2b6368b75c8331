using System.Net;
using Members;
using static AspNetCore.Tests.MembersScene;
using static Keyladder.Cryptography.Dids.DidSignInPurpose;

namespace AspNetCore.Tests;

/// <summary>The sample application as a program uses it that does what its pages' script does.</summary>
public sealed class MembersTests : IAsyncLifetime
{
    private readonly MembersScene _scene = new();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => _scene.InitializeAsync();

    public ValueTask DisposeAsync() => _scene.DisposeAsync();

    [Fact]
    public async Task A_member_of_OpenID_Connect_links_a_DID_signs_in_with_it_elsewhere_and_is_warned_before_unlinking_it()
    {
        await using var account = await _scene.SignUpAsync();
        var browser = _scene.OpenBrowser();
        Assert.Contains("Nobody is signed in", await browser.GetStringAsync("/", Cancelled), StringComparison.Ordinal);
        Assert.Contains("data-purpose=\"sign-in\"", await browser.GetStringAsync("/did", Cancelled), StringComparison.Ordinal);
        Assert.Contains("<strong id=\"member\">alice</strong>", await browser.GetStringAsync("/openid", Cancelled), StringComparison.Ordinal);
        Assert.Contains("data-purpose=\"link\"", await browser.GetStringAsync("/did", Cancelled), StringComparison.Ordinal);

        var linked = await account.Dids.LinkAsync(await AskAsync(browser, Link), cancellationToken: Cancelled);
        Assert.Equal(HttpStatusCode.NoContent, await AnswerAsync(browser, Link, linked));
        Assert.Contains(linked.Did.ToString(), await browser.GetStringAsync("/", Cancelled), StringComparison.Ordinal);
        Assert.Contains("Nobody is signed in", await SubmitAsync(browser, "/", "/sign-out"), StringComparison.Ordinal);

        var elsewhere = _scene.OpenBrowser();
        Assert.Equal(HttpStatusCode.NoContent, await SignInAsync(elsewhere, account));
        Assert.Matches($"<strong id=\"member\">alice</strong> with <code>{linked.Did}</code>", await elsewhere.GetStringAsync("/", Cancelled));

        // The last one: a page that warns, and a form that says so.
        var warning = await SubmitAsync(elsewhere, "/", "/unlink", HttpStatusCode.Conflict);
        Assert.Contains("This is your last DID here", warning, StringComparison.Ordinal);
        Assert.Contains(linked.Did.ToString(), await elsewhere.GetStringAsync("/", Cancelled), StringComparison.Ordinal);
        Assert.DoesNotContain("<li>", await SubmitPageAsync(elsewhere, warning, "/unlink"), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Unauthorized, await SignInAsync(_scene.OpenBrowser(), account));
    }

    [Fact]
    public async Task Another_member_cannot_link_the_same_DID_and_unlinks_only_what_is_theirs()
    {
        await using var account = await _scene.SignUpAsync();
        var alice = _scene.OpenBrowser();
        await alice.GetStringAsync("/openid", Cancelled);
        var linked = await account.Dids.LinkAsync(await AskAsync(alice, Link), cancellationToken: Cancelled);
        Assert.Equal(HttpStatusCode.NoContent, await AnswerAsync(alice, Link, linked));

        _scene.Provider.User = "bob";
        var bob = _scene.OpenBrowser();
        await bob.GetStringAsync("/openid", Cancelled);
        Assert.Equal(HttpStatusCode.Conflict, await AnswerAsync(bob, Link, await account.Dids.LinkAsync(await AskAsync(bob, Link), cancellationToken: Cancelled)));

        var token = TokenIn(await bob.GetStringAsync("/", Cancelled));
        using var form = new FormUrlEncodedContent([new("__RequestVerificationToken", token), new("did", linked.Did.ToString()), new("lastToo", "true")]);
        await bob.PostAsync("/unlink", form, Cancelled);
        Assert.Contains(linked.Did.ToString(), await alice.GetStringAsync("/", Cancelled), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pages_allow_no_script_but_the_apps_own_and_forms_ask_for_a_token()
    {
        var browser = _scene.OpenBrowser();
        await browser.GetStringAsync("/openid", Cancelled);
        foreach (var path in new[] { "/unlink", "/sign-out" })
        {
            using var forged = new FormUrlEncodedContent([new("did", "did:key:z6MkehRgf7yJbgaGfYsdoAsKdBPE3dj2CYhowQdcjqSJgvVd"), new("lastToo", "true")]);
            Assert.Equal(HttpStatusCode.BadRequest, (await browser.PostAsync(path, forged, Cancelled)).StatusCode);
        }

        Assert.Contains("alice", await browser.GetStringAsync("/", Cancelled), StringComparison.Ordinal);
        var page = await browser.GetAsync("/did", Cancelled);
        Assert.Contains("default-src 'none'; script-src 'self'", page.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
        Assert.DoesNotMatch(@"<script(?! src=""/did\.js"" defer></script>)|\son\w+=|style=", await page.Content.ReadAsStringAsync(Cancelled));
        Assert.Contains("/did/challenge", await browser.GetStringAsync("/did.js", Cancelled), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Settings_that_are_missing_are_all_named_at_once()
    {
        var refused = await Assert.ThrowsAsync<SettingsException>(() => MembersApp.BuildAsync(["--Origin", "http://localhost:5080"]));
        Assert.StartsWith("Missing: Database, OpenId:Authority, OpenId:ClientId. ", refused.Message, StringComparison.Ordinal);
    }
}
