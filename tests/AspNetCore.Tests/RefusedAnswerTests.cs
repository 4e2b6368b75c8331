using System.Text;
using Keyladder.Cryptography;
using Keyladder.Cryptography.Dids;
using Keyladder.Cryptography.Signing;
using Keyladder.Testing;
using static Keyladder.Cryptography.Dids.DidSignInPurpose;

namespace AspNetCore.Tests;

/// <summary>What an app does not take for "this DID signed in" (docs/spec/did-sign-in.md section 4).</summary>
public sealed class RefusedAnswerTests : IDisposable
{
    private readonly Ed25519PrivateKey _key = Ed25519PrivateKey.Generate();

    public void Dispose() => _key.Dispose();

    [Fact]
    public async Task An_answer_signed_for_another_origin_is_refused()
    {
        await using var database = await TestDatabase.CreateAsync(Engine.Sqlite, "app");
        await using var app = await App.StartAsync(database);
        await app.LinkAsync("alice", _key);
        using var browser = new Browser(app);
        var link = await browser.AskAsync(SignIn);

        // A page of somebody else that passes the app's challenge on.
        var elsewhere = DidSignInLink.Create(new Uri("https://other.example/did"), SignIn, link.Challenge);
        await browser.AnswerAsync(SignIn, link.Challenge, DidSignIn.Sign(elsewhere, _key)).IsAsync("answer-refused");
        Assert.Equal("", await browser.WhoAsync());
        Assert.Equal(App.Origin, link.Origin.ToString());       // although the request named another host
    }

    [Theory]
    [InlineData("/go/other.example")]
    [InlineData("/")]
    [InlineData("/base/did")]
    [InlineData("/did/")]
    public async Task An_answer_signed_for_another_page_of_the_origin_is_refused_in_the_browser_that_asked(string page)
    {
        await using var database = await TestDatabase.CreateAsync(Engine.Sqlite, "app");
        await using var app = await App.StartAsync(database);
        await app.LinkAsync("alice", _key);
        using var attacker = new Browser(app);
        var link = await attacker.AskAsync(SignIn);

        // A redirect at that path keeps the fragment, and so brings the answer to where it leads.
        var lure = DidSignInLink.Create(new Uri(App.Origin + page), SignIn, link.Challenge);
        await attacker.AnswerAsync(SignIn, link.Challenge, DidSignIn.Sign(lure, _key)).IsAsync("answer-refused");
        Assert.Equal("", await attacker.WhoAsync());
    }

    [Fact]
    public async Task A_person_who_answers_the_challenge_of_another_browser_signs_nobody_in_there()
    {
        await using var database = await TestDatabase.CreateAsync(Engine.Sqlite, "app");
        await using var app = await App.StartAsync(database);
        await app.LinkAsync("alice", _key);
        using var attacker = new Browser(app);
        using var victim = new Browser(app);
        _ = await victim.AskAsync(SignIn);
        var link = await attacker.AskAsync(SignIn);
        var response = DidSignIn.Sign(link, _key);

        await victim.AnswerAsync(SignIn, link.Challenge, response).IsAsync("answer-refused");
        using var neither = new Browser(app);
        await neither.AnswerAsync(SignIn, link.Challenge, response).IsAsync("answer-refused");
        Assert.Equal("", await victim.WhoAsync() + await neither.WhoAsync());
    }

    [Theory, OnBothEngines]
    public async Task An_answer_signs_in_once_and_none_to_an_earlier_challenge_after_it(Engine engine)
    {
        await using var database = await TestDatabase.CreateAsync(engine, "app");
        await using var app = await App.StartAsync(database);
        await app.LinkAsync("alice", _key);
        using var browser = new Browser(app);
        var earlier = await browser.AskAsync(SignIn);
        await Task.Delay(2, TestContext.Current.CancellationToken);
        var link = await browser.AskAsync(SignIn);
        // Whoever has seen the answer has the cookie too, at worst.
        var stolen = new System.Net.CookieContainer();
        stolen.Add(browser.Cookies.GetAllCookies());
        using var thief = new Browser(app, stolen);

        var response = DidSignIn.Sign(link, _key);
        await browser.AnswerAsync(SignIn, link.Challenge, response).SucceedsAsync();
        await thief.AnswerAsync(SignIn, link.Challenge, response).IsAsync("not-signed-in");
        await thief.AnswerAsync(SignIn, earlier.Challenge, DidSignIn.Sign(earlier, _key)).IsAsync("not-signed-in");
        Assert.Equal("", await thief.WhoAsync());
    }

    [Theory, OnBothEngines]
    public async Task Of_equal_answers_at_two_nodes_at_once_one_signs_in(Engine engine)
    {
        await using var database = await TestDatabase.CreateAsync(engine, "app");
        await using var one = await App.StartAsync(database);
        await using var two = await App.StartAsync(database);
        await one.LinkAsync("alice", _key);
        for (var round = 0; round < 5; round++)
        {
            await Task.Delay(2, TestContext.Current.CancellationToken);
            using var browser = new Browser(one);
            var link = await browser.AskAsync(SignIn);
            var response = DidSignIn.Sign(link, _key);
            var browsers = Enumerable.Range(0, 6).Select(at =>
            {
                var cookies = new System.Net.CookieContainer();
                cookies.Add(browser.Cookies.GetAllCookies());
                return new Browser(at % 2 == 0 ? one : two, cookies);
            }).ToList();
            var answers = await Task.WhenAll(browsers.Select(each => each.AnswerAsync(SignIn, link.Challenge, response)));
            browsers.ForEach(each => each.Dispose());
            Assert.Equal(1, answers.Count(answer => answer.IsSuccessStatusCode));
        }
    }

    [Fact]
    public async Task A_challenge_is_over_after_five_minutes_and_one_from_the_future_is_none()
    {
        await using var database = await TestDatabase.CreateAsync(Engine.Sqlite, "app");
        await using var app = await App.StartAsync(database);
        await app.LinkAsync("alice", _key);
        using var browser = new Browser(app);
        var late = await browser.AskAsync(SignIn);
        app.Time.Move(TimeSpan.FromSeconds(301));
        await browser.AnswerAsync(SignIn, late.Challenge, DidSignIn.Sign(late, _key)).IsAsync("answer-refused");

        var future = await browser.AskAsync(SignIn);
        app.Time.Move(TimeSpan.FromSeconds(-61));
        await browser.AnswerAsync(SignIn, future.Challenge, DidSignIn.Sign(future, _key)).IsAsync("answer-refused");

        app.Time.Move(TimeSpan.FromSeconds(61 + 298));
        await browser.AnswerAsync(SignIn, future.Challenge, DidSignIn.Sign(future, _key)).SucceedsAsync();
    }

    [Fact]
    public async Task A_challenge_of_another_app_or_of_nobody_is_refused()
    {
        await using var database = await TestDatabase.CreateAsync(Engine.Sqlite, "app");
        await using var app = await App.StartAsync(database);
        await using var other = await App.StartAsync(database, keys: "other");
        await app.LinkAsync("alice", _key);
        using var browser = new Browser(app);
        var own = await browser.AskAsync(SignIn);
        using var there = new Browser(other, browser.Cookies);
        var foreign = await there.AskAsync(SignIn);

        var altered = (own.Challenge[0] == 'A' ? 'B' : 'A') + own.Challenge[1..];
        foreach (var challenge in new[] { foreign.Challenge, altered, "AAAA", "a", "", new string('A', 3000) })
        {
            var statement = DidSignIn.Sign(DidSignInLink.Create(own.Page, SignIn, challenge is "" or { Length: > 2048 } ? "A" : challenge), _key);
            await browser.AnswerAsync(SignIn, challenge, statement).IsAsync("answer-refused");
        }
    }

    [Fact]
    public async Task A_statement_of_another_kind_by_another_key_or_for_another_challenge_is_refused()
    {
        await using var database = await TestDatabase.CreateAsync(Engine.Sqlite, "app");
        await using var app = await App.StartAsync(database);
        await app.LinkAsync("alice", _key);
        using var browser = new Browser(app);
        using var other = Ed25519PrivateKey.Generate();
        using var p256 = KeyType.P256.Generate();
        var before = await browser.AskAsync(SignIn);
        var link = await browser.AskAsync(SignIn);
        Assert.True(Jws.TryReadUnverified(JwsKind.DidSignIn, DidSignIn.Sign(link, _key), out var payload));

        string[] statements =
        [
            Jws.Sign(JwsKind.SignedContent, payload, _key),
            Jws.Sign(JwsKind.KeystoreLogin, payload, _key),
            Jws.Sign(JwsKind.DidSignIn, payload, other),
            Jws.Sign(JwsKind.DidSignIn, payload, p256),
            Unsigned(payload),
            DidSignIn.Sign(before, _key),
            DidSignIn.Sign(link, _key)[..^4],
            "",
        ];
        foreach (var statement in statements)
            await browser.AnswerAsync(SignIn, link.Challenge, statement).IsAsync("answer-refused");
        Assert.Equal("", await browser.WhoAsync());
        await browser.AnswerAsync(SignIn, link.Challenge, Jws.Sign(JwsKind.DidSignIn, payload, _key)).SucceedsAsync();

        static string Unsigned(byte[] payload) =>
            $"{Base64UrlText.Encode(Encoding.UTF8.GetBytes("""{"alg":"none","typ":"did-sign-in+jwt"}"""))}.{Base64UrlText.Encode(payload)}.";
    }

    [Fact]
    public async Task What_was_signed_for_one_purpose_is_refused_for_the_other()
    {
        await using var database = await TestDatabase.CreateAsync(Engine.Sqlite, "app");
        await using var app = await App.StartAsync(database);
        await app.LinkAsync("alice", _key);
        using var fresh = Ed25519PrivateKey.Generate();
        using var browser = await new Browser(app).AsAsync("bob");
        var (toSignIn, toLink) = (await browser.AskAsync(SignIn), await browser.AskAsync(Link));

        // The whole answer at the other path.
        await browser.AnswerAsync(Link, toSignIn.Challenge, DidSignIn.Sign(toSignIn, fresh)).IsAsync("answer-refused");
        await browser.AnswerAsync(SignIn, toLink.Challenge, DidSignIn.Sign(toLink, _key)).IsAsync("answer-refused");
        // A challenge of the one purpose, signed and brought for the other: its purpose and its user both stand against that.
        await browser.AnswerAsync(Link, toSignIn.Challenge, DidSignIn.Sign(DidSignInLink.Create(toSignIn.Page, Link, toSignIn.Challenge), fresh)).IsAsync("answer-refused");
        await browser.AnswerAsync(SignIn, toLink.Challenge, DidSignIn.Sign(DidSignInLink.Create(toLink.Page, SignIn, toLink.Challenge), _key)).IsAsync("answer-refused");
        // What a page makes of a challenge of the one purpose that it shows for the other.
        await browser.AnswerAsync(Link, toLink.Challenge, DidSignIn.Sign(DidSignInLink.Create(toLink.Page, SignIn, toLink.Challenge), fresh)).IsAsync("answer-refused");
        await browser.AnswerAsync(SignIn, toSignIn.Challenge, DidSignIn.Sign(DidSignInLink.Create(toSignIn.Page, Link, toSignIn.Challenge), _key)).IsAsync("answer-refused");
        Assert.Empty(await app.Links.ListAsync("bob", TestContext.Current.CancellationToken));
        Assert.Equal("bob", await browser.WhoAsync());
    }

    [Fact]
    public async Task A_refusal_says_nothing_of_a_DID_that_was_not_proven_to_be_held()
    {
        await using var database = await TestDatabase.CreateAsync(Engine.Sqlite, "app");
        await using var app = await App.StartAsync(database);
        await app.LinkAsync("alice", _key);
        using var forger = Ed25519PrivateKey.Generate();
        using var unknown = Ed25519PrivateKey.Generate();
        var answers = new List<string>();
        foreach (var key in new[] { _key, unknown })
        {
            using var browser = new Browser(app);
            var link = await browser.AskAsync(SignIn);
            Assert.True(Jws.TryReadUnverified(JwsKind.DidSignIn, DidSignIn.Sign(link, key), out var payload));
            var answer = await browser.AnswerAsync(SignIn, link.Challenge, Jws.Sign(JwsKind.DidSignIn, payload, forger));
            var heads = string.Join('\n', answer.Headers.Concat(answer.Content.Headers).Where(head => head.Key != "Date").Select(head => $"{head.Key}: {string.Join(',', head.Value)}"));
            answers.Add($"{answer.StatusCode}\n{heads}\n{await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)}");
        }

        Assert.Equal(answers[0], answers[1]);

        // Who holds one is told that it signs in to nothing, in the words of an answer that was used.
        using var holder = new Browser(app);
        await holder.DoAsync(SignIn, unknown).IsAsync("not-signed-in");
    }

    [Theory]
    [InlineData("application/x-www-form-urlencoded", """{"purpose":"sign-in"}""")]
    [InlineData("text/plain", """{"purpose":"sign-in"}""")]
    [InlineData("application/json", """{"purpose":"sign-in","more":1}""")]
    [InlineData("application/json", """{"purpose":"admin"}""")]
    [InlineData("application/json", "null")]
    [InlineData("application/json", "")]
    public async Task What_a_form_could_send_and_what_is_no_request_is_refused(string type, string body)
    {
        await using var database = await TestDatabase.CreateAsync(Engine.Sqlite, "app");
        await using var app = await App.StartAsync(database);
        using var browser = new Browser(app);
        foreach (var path in new[] { "/did/challenge", "/did/sign-in" })
        {
            using var content = new StringContent(body, Encoding.UTF8, type);
            Assert.Equal(System.Net.HttpStatusCode.BadRequest, (await browser.PostAsync(path, content)).StatusCode);
        }

        using var long1 = new StringContent($$"""{"purpose":"sign-in"{{new string(' ', 20_000)}}}""", Encoding.UTF8, "application/json");
        Assert.Equal(System.Net.HttpStatusCode.BadRequest, (await browser.PostAsync("/did/challenge", long1)).StatusCode);
    }
}
