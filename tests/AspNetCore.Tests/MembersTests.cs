using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Keyladder.Client;
using Keyladder.Cryptography.Dids;
using Keyladder.Cryptography.Signing;
using Keyladder.Keys.Passphrases;
using Keyladder.Keys.Vault;
using Keyladder.Testing;
using Keyladder.Vectors;
using Members;
using Microsoft.AspNetCore.Builder;
using Microsoft.Data.Sqlite;
using static Keyladder.Cryptography.Dids.DidSignInPurpose;

namespace AspNetCore.Tests;

/// <summary>The sample application as its members use it: an OpenID provider, a Keystore, the client and browsers with cookies, over loopback.</summary>
public sealed partial class MembersTests : IAsyncLifetime
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("keyladder-test-");
    private readonly List<HttpClient> _browsers = [];
    private Uri _origin = null!;
    private OpenIdProvider _provider = null!;
    private WebApplication _members = null!;
    private KeystoreHost _keystore = null!;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        // The origin is configured before the app listens.
        using (var free = new TcpListener(IPAddress.Loopback, 0))
        {
            free.Start();
            _origin = new Uri($"http://127.0.0.1:{((IPEndPoint)free.LocalEndpoint).Port}");
        }

        _provider = await OpenIdProvider.StartAsync(new Uri(_origin, "/signin-oidc"));
        _keystore = await KeystoreHost.StartAsync(Engine.Sqlite);
        await StartMembersAsync();
    }

    private async Task StartMembersAsync(params string[] sharers)
    {
        if (_members is not null)
            await _members.DisposeAsync();
        _members = await MembersApp.BuildAsync(
        [
            .. sharers.SelectMany((sharer, at) => new[] { $"--Sharers:{at}", sharer }),
            "--contentRoot", Path.Combine(Clone.Root, "samples", "Members"), "--urls", _origin.AbsoluteUri, "--Origin", _origin.AbsoluteUri,
            "--Database", Path.Combine(_folder.FullName, "members.db"), "--OpenId:Authority", _provider.Address.AbsoluteUri, "--OpenId:ClientId", OpenIdProvider.ClientId,
            "--Logging:LogLevel:Default", "None",
        ]);
        await _members.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        _browsers.ForEach(browser => browser.Dispose());
        await _members.DisposeAsync();
        await _provider.DisposeAsync();
        await _keystore.DisposeAsync();
        SqliteConnection.ClearAllPools();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task A_member_of_OpenID_Connect_links_a_DID_signs_in_with_it_elsewhere_and_is_warned_before_unlinking_it()
    {
        await using var account = await SignUpAsync();
        var browser = OpenBrowser();
        Assert.Contains("Nobody is signed in", await browser.GetStringAsync("/", Cancelled), StringComparison.Ordinal);
        Assert.Contains("data-purpose=\"sign-in\"", await browser.GetStringAsync("/did", Cancelled), StringComparison.Ordinal);
        Assert.Contains("<strong id=\"member\">alice</strong>", await browser.GetStringAsync("/openid", Cancelled), StringComparison.Ordinal);
        Assert.Contains("data-purpose=\"link\"", await browser.GetStringAsync("/did", Cancelled), StringComparison.Ordinal);

        var linked = await account.Dids.LinkAsync(await AskAsync(browser, Link), cancellationToken: Cancelled);
        Assert.Equal(HttpStatusCode.NoContent, await AnswerAsync(browser, Link, linked));
        Assert.Contains(linked.Did.ToString(), await browser.GetStringAsync("/", Cancelled), StringComparison.Ordinal);
        Assert.Contains("Nobody is signed in", await SubmitAsync(browser, "/", "/sign-out"), StringComparison.Ordinal);

        var elsewhere = OpenBrowser();
        Assert.Equal(HttpStatusCode.NoContent, await SignInAsync(elsewhere, account));
        Assert.Matches($"<strong id=\"member\">alice</strong> with <code>{linked.Did}</code>", await elsewhere.GetStringAsync("/", Cancelled));

        // The last one: a page that warns, and a form that says so.
        var warning = await SubmitAsync(elsewhere, "/", "/unlink", HttpStatusCode.Conflict);
        Assert.Contains("This is your last DID here", warning, StringComparison.Ordinal);
        Assert.Contains(linked.Did.ToString(), await elsewhere.GetStringAsync("/", Cancelled), StringComparison.Ordinal);
        Assert.DoesNotContain("<li>", await SubmitPageAsync(elsewhere, warning, "/unlink"), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Unauthorized, await SignInAsync(OpenBrowser(), account));
    }

    [Fact]
    public async Task Another_member_cannot_link_the_same_DID_and_unlinks_only_what_is_theirs()
    {
        await using var account = await SignUpAsync();
        var alice = OpenBrowser();
        await alice.GetStringAsync("/openid", Cancelled);
        var linked = await account.Dids.LinkAsync(await AskAsync(alice, Link), cancellationToken: Cancelled);
        Assert.Equal(HttpStatusCode.NoContent, await AnswerAsync(alice, Link, linked));

        _provider.User = "bob";
        var bob = OpenBrowser();
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
        var browser = OpenBrowser();
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
    public async Task A_rule_acts_on_signed_events_by_the_id_of_an_attribute_and_the_app_never_sees_the_value()
    {
        await using var vaults = await VaultHost.StartAsync(Engine.Sqlite);
        await using var aliceAccount = await SignUpAsync();
        await using var bobAccount = await SignUpAsync();
        await using var alice = await aliceAccount.Vaults.CreateAsync(vaults.Origin, cancellationToken: Cancelled);
        await using var bob = await bobAccount.Vaults.CreateAsync(vaults.Origin, cancellationToken: Cancelled);
        var invited = await alice.Relationships.InviteAsync("Bob", cancellationToken: Cancelled);
        await bob.Relationships.AcceptAsync(invited.DangerousLink.ToString().AsMemory(), "Alice", Cancelled);
        await alice.Relationships.SyncAsync(cancellationToken: Cancelled);
        await bob.Relationships.SyncAsync(cancellationToken: Cancelled);
        var card = await alice.PutAsync(ItemDraft.New("Card", "card").With(ItemAttribute.Text("number", "4711-secret")), Cancelled);
        var share = Assert.Single(await alice.Relationships.ShareAsync([invited.Relationship.Id], card.Id, (await alice.GetAsync(card.Id, Cancelled)).Attributes[0].Id, cancellationToken: Cancelled));
        var shared = Assert.Single((await bob.Relationships.SyncAsync(cancellationToken: Cancelled)).Events);
        await StartMembersAsync(shared.Event.Issuer.ToString());

        _provider.User = "bob";
        var browser = OpenBrowser();
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

        var kept = Encoding.UTF8.GetString(await File.ReadAllBytesAsync(Path.Combine(_folder.FullName, "members.db"), Cancelled));
        Assert.Contains(shared.Event.Attribute.ToString(), kept, StringComparison.Ordinal);
        Assert.DoesNotContain("4711-secret", kept, StringComparison.Ordinal);

        async Task<HttpStatusCode> BringAsync(string jws) => (await browser.PostAsJsonAsync("/events", new { jws }, Cancelled)).StatusCode;
    }

    [Fact]
    public async Task A_key_of_a_members_own_opens_nothing_and_events_of_a_holder_count_for_nothing()
    {
        using var sharer = Ed25519PrivateKey.Generate();
        using var own = Ed25519PrivateKey.Generate();
        await StartMembersAsync(Did.Of(sharer.PublicKey).ToString());
        var browser = OpenBrowser();
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

        await StartMembersAsync();      // by default nobody counts
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
    public async Task Settings_that_are_missing_are_all_named_at_once()
    {
        var refused = await Assert.ThrowsAsync<SettingsException>(() => MembersApp.BuildAsync(["--Origin", "http://localhost:5080"]));
        Assert.StartsWith("Missing: Database, OpenId:Authority, OpenId:ClientId. ", refused.Message, StringComparison.Ordinal);
    }

    private HttpClient OpenBrowser()
    {
        var browser = new HttpClient(new HttpClientHandler { CookieContainer = new CookieContainer() }) { BaseAddress = _origin };
        _browsers.Add(browser);
        return browser;
    }

    private async Task<UnlockedAccount> SignUpAsync()
    {
        using var device = DeviceSecret.Generate();
        using var secret = UnlockSecret.FromDevice(device);
        return await new KeyladderClient(_keystore.Origin, new MemoryPinStore()).SignUpAsync(secret, Cancelled);
    }

    /// <summary>What did.js does when the page is opened.</summary>
    private static async Task<DidSignInLink> AskAsync(HttpClient browser, DidSignInPurpose purpose)
    {
        var answer = await (await browser.PostAsJsonAsync("/did/challenge", new { purpose = purpose.ToText() }, Cancelled)).Content.ReadFromJsonAsync<JsonElement>(Cancelled);
        return DidSignInLink.TryParse(answer.GetProperty("link").GetString(), out var link) ? link : throw new InvalidOperationException("no link");
    }

    /// <summary>What did.js does when the answer's address is opened.</summary>
    private static async Task<HttpStatusCode> AnswerAsync(HttpClient browser, DidSignInPurpose purpose, DidSignInAnswer answer)
    {
        var given = answer.Address.Fragment[1..].Split('&').Select(each => each.Split('=', 2)).ToDictionary(each => each[0], each => each[1]);
        return (await browser.PostAsJsonAsync($"/did/{purpose.ToText()}", new { challenge = given["challenge"], response = given["response"] }, Cancelled)).StatusCode;
    }

    private static async Task<HttpStatusCode> SignInAsync(HttpClient browser, UnlockedAccount account) =>
        await AnswerAsync(browser, SignIn, await account.Dids.SignInAsync(await AskAsync(browser, SignIn), cancellationToken: Cancelled));

    private static async Task<string> SubmitAsync(HttpClient browser, string page, string action, HttpStatusCode expected = HttpStatusCode.OK) =>
        await SubmitPageAsync(browser, await browser.GetStringAsync(page, Cancelled), action, expected);

    /// <summary>Presses the first button that leads there.</summary>
    private static async Task<string> SubmitPageAsync(HttpClient browser, string page, string action, HttpStatusCode expected = HttpStatusCode.OK)
    {
        var form = Form().Matches(page).First(form => form.Groups[1].Value == action).Groups[2].Value;
        using var content = new FormUrlEncodedContent(Field().Matches(form).Select(field => KeyValuePair.Create(field.Groups[1].Value, field.Groups[2].Value)));
        var answer = await browser.PostAsync(action, content, Cancelled);
        Assert.Equal(expected, answer.StatusCode);
        return await answer.Content.ReadAsStringAsync(Cancelled);
    }

    private static string TokenIn(string page) => Field().Matches(page).First(field => field.Groups[1].Value == "__RequestVerificationToken").Groups[2].Value;

    [GeneratedRegex("""<form method="post" action="([^"]+)">(.*?)</form>""", RegexOptions.Singleline)]
    private static partial Regex Form();

    [GeneratedRegex("""name="([^"]+)" value="([^"]*)">""")]
    private static partial Regex Field();
}
