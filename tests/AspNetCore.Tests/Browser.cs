using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Keyladder.Cryptography.Dids;
using Keyladder.Cryptography.Signing;

namespace AspNetCore.Tests;

/// <summary>A browser with cookies of its own, as far as the handler can tell.</summary>
internal sealed class Browser : IDisposable
{
    private readonly HttpClient _http;

    public Browser(App app, CookieContainer? cookies = null)
    {
        Cookies = cookies ?? new CookieContainer();
        _http = new HttpClient(new HttpClientHandler { CookieContainer = Cookies, AllowAutoRedirect = false }) { BaseAddress = app.Address };
    }

    public CookieContainer Cookies { get; }

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async Task<HttpResponseMessage> PostAsync(string path, HttpContent? content) => await _http.PostAsync(new Uri(path, UriKind.Relative), content, Cancelled);

    public Task<HttpResponseMessage> GetAsync(string path) => _http.GetAsync(new Uri(path, UriKind.Relative), Cancelled);

    /// <summary>Signs in as the app did before there were DIDs.</summary>
    public async Task<Browser> AsAsync(string user)
    {
        (await PostAsync($"/first/{user}", null)).EnsureSuccessStatusCode();
        return this;
    }

    public Task<HttpResponseMessage> AskForAsync(DidSignInPurpose purpose) => PostAsync("/did/challenge", JsonContent.Create(new { purpose = purpose.ToText() }));

    public async Task<DidSignInLink> AskAsync(DidSignInPurpose purpose)
    {
        var answer = await (await AskForAsync(purpose)).EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonElement>(Cancelled);
        Assert.True(DidSignInLink.TryParse(answer.GetProperty("link").GetString(), out var link));
        Assert.Equal(link.Challenge, answer.GetProperty("challenge").GetString());
        return link;
    }

    public Task<HttpResponseMessage> AnswerAsync(DidSignInPurpose to, string challenge, string response) =>
        PostAsync($"/did/{to.ToText()}", JsonContent.Create(new { challenge, response }));

    /// <summary>Asks and answers, as a person does.</summary>
    public async Task<HttpResponseMessage> DoAsync(DidSignInPurpose purpose, PrivateKey key)
    {
        // The clock of the test moves on: a challenge has to be later than the last one, and these are asked for in one millisecond.
        await Task.Delay(2, Cancelled);
        var link = await AskAsync(purpose);
        return await AnswerAsync(purpose, link.Challenge, DidSignIn.Sign(link, key));
    }

    /// <summary>Who is signed in here.</summary>
    public async Task<string> WhoAsync() => await (await GetAsync("/who")).Content.ReadAsStringAsync(Cancelled);

    public void Dispose() => _http.Dispose();
}

/// <summary>What a refusal looks like to who is refused.</summary>
internal static class Refusals
{
    public static async Task IsAsync(this Task<HttpResponseMessage> asked, string type, int status = 401)
    {
        var answer = await asked;
        var problem = await answer.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken);
        Assert.Equal($"{status} urn:keyladder:did:{type}", $"{(int)answer.StatusCode} {problem.GetProperty("type").GetString()}");
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
    }

    public static async Task SucceedsAsync(this Task<HttpResponseMessage> asked) => Assert.Equal(HttpStatusCode.NoContent, (await asked).StatusCode);
}
