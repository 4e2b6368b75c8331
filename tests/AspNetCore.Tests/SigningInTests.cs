using System.Text;
using Keyladder.Cryptography;
using Keyladder.Cryptography.Dids;
using Keyladder.Cryptography.Signing;
using Keyladder.Testing;
using static Keyladder.Cryptography.Dids.DidSignInPurpose;

namespace AspNetCore.Tests;

/// <summary>What an app takes for "this DID signed in" (docs/spec/did-sign-in.md section 4), and how it is set up.</summary>
public sealed class SigningInTests : IDisposable
{
    private readonly Ed25519PrivateKey _key = Ed25519PrivateKey.Generate();

    public void Dispose() => _key.Dispose();

    [Theory, OnBothEngines]
    public async Task A_linked_DID_signs_in_as_its_user_in_any_browser_and_the_app_can_tell_how(Engine engine)
    {
        await using var database = await TestDatabase.CreateAsync(engine, "app");
        await using var app = await App.StartAsync(database);
        await app.LinkAsync("alice", _key);

        using var elsewhere = new Browser(app);
        await elsewhere.DoAsync(SignIn, _key).SucceedsAsync();
        Assert.Equal("alice", await elsewhere.WhoAsync());
        Assert.Equal("True", await (await elsewhere.GetAsync("/by-did")).Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        using var byName = await new Browser(app).AsAsync("alice");
        Assert.Equal("False", await (await byName.GetAsync("/by-did")).Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    [Theory, OnBothEngines]
    public async Task Keys_on_every_curve_sign_in_as_did_key_or_did_jwk(Engine engine)
    {
        await using var database = await TestDatabase.CreateAsync(engine, "app");
        await using var app = await App.StartAsync(database);
        foreach (var type in KeyType.All)
        {
            using var key = type.Generate();
            foreach (var did in new[] { Did.Of(key.PublicKey), Did.JwkOf(key.PublicKey) })
            {
                using var browser = await new Browser(app).AsAsync("bob");
                foreach (var purpose in new[] { Link, SignIn })
                {
                    await Task.Delay(2, TestContext.Current.CancellationToken);
                    var link = await browser.AskAsync(purpose);
                    await browser.AnswerAsync(purpose, link.Challenge, DidSignIn.Sign(link, key, did)).SucceedsAsync();
                }
            }
        }
    }

    [Fact]
    public async Task A_page_is_configured_and_no_path_of_a_request_moves_it()
    {
        await using var database = await TestDatabase.CreateAsync(Engine.Sqlite, "app");
        await using var app = await App.StartAsync(database, options => options.Page = "/account/did");
        await app.LinkAsync("alice", _key);
        using var browser = new Browser(app);
        Assert.Equal($"{App.Origin}/account/did", (await browser.AskAsync(SignIn)).Page.AbsoluteUri);
        await browser.DoAsync(SignIn, _key).SucceedsAsync();

        foreach (var page in new[] { "", "/a/../did", "/" + new string('a', 2500) })
        {
            var refused = await Assert.ThrowsAsync<InvalidOperationException>(async () =>
            {
                await using var other = await App.StartAsync(database, options => options.Page = page);
                using var asking = new Browser(other);
                Assert.Equal(System.Net.HttpStatusCode.OK, (await asking.AskForAsync(SignIn)).StatusCode);
            });
            Assert.Contains("DidOptions.Page", refused.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task The_app_may_refuse_a_user_and_say_more_of_one()
    {
        await using var database = await TestDatabase.CreateAsync(Engine.Sqlite, "app");
        await using var app = await App.StartAsync(database, options => options.Events.OnSigningIn = context =>
        {
            if (context.UserId == "mallory")
                context.Fail("gone");
            return Task.CompletedTask;
        });
        using var other = Ed25519PrivateKey.Generate();
        await app.LinkAsync("mallory", other);
        await app.LinkAsync("alice", _key);
        using var browser = new Browser(app);
        await browser.DoAsync(SignIn, other).IsAsync("not-signed-in");
        Assert.Equal("", await browser.WhoAsync());
        await browser.DoAsync(SignIn, _key).SucceedsAsync();
    }

    [Fact]
    public async Task Who_has_to_sign_in_is_led_to_the_apps_page_and_its_cookie_is_for_no_script_and_no_other_site()
    {
        await using var database = await TestDatabase.CreateAsync(Engine.Sqlite, "app");
        await using var app = await App.StartAsync(database);
        using var browser = new Browser(app);
        Assert.Equal("/did", (await browser.GetAsync("/private")).Headers.Location?.OriginalString);
        var cookie = (await browser.AskForAsync(SignIn)).Headers.GetValues("Set-Cookie").Single();
        Assert.Contains("httponly", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("samesite=strict", cookie, StringComparison.OrdinalIgnoreCase);

        await using var safe = await App.StartAsync(database, options => options.Origin = new Uri("https://app.example"));
        using var there = new Browser(safe);
        var secure = (await there.AskForAsync(SignIn)).Headers.GetValues("Set-Cookie").Single();
        Assert.StartsWith("__Host-did=", secure, StringComparison.Ordinal);
        Assert.Contains("; secure", secure, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("path=/;", secure, StringComparison.OrdinalIgnoreCase);
    }

    [Theory, InlineData(null), InlineData("http://app.example"), InlineData("https://app.example/path"), InlineData("ftp://app.example")]
    public async Task An_app_whose_origin_is_none_or_open_to_everybody_does_not_start(string? origin)
    {
        await using var database = await TestDatabase.CreateAsync(Engine.Sqlite, "app");
        var refused = await Assert.ThrowsAnyAsync<Exception>(() => App.StartAsync(database, options => options.Origin = origin is null ? null : new Uri(origin)));
        Assert.Contains("DidOptions.Origin", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_app_in_which_nothing_could_keep_who_is_signed_in_does_not_start()
    {
        await using var database = await TestDatabase.CreateAsync(Engine.Sqlite, "app");
        var refused = await Assert.ThrowsAnyAsync<Exception>(() => App.StartAsync(database, options => options.SignInScheme = "Did"));
        Assert.Contains("DidOptions.SignInScheme", refused.Message, StringComparison.Ordinal);
    }
}
