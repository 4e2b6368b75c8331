using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.RegularExpressions;
using Keyladder.Client;
using Keyladder.Cryptography.Dids;
using Keyladder.Keys.Passphrases;
using Keyladder.Testing;
using Keyladder.Vectors;
using Members;
using Microsoft.AspNetCore.Builder;
using Microsoft.Data.Sqlite;
using static Keyladder.Cryptography.Dids.DidSignInPurpose;

namespace AspNetCore.Tests;

/// <summary>The sample application as its members use it: an OpenID provider, a Keystore, the client and browsers with cookies, over loopback.</summary>
internal sealed partial class MembersScene : IAsyncLifetime
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("keyladder-test-");
    private readonly List<HttpClient> _browsers = [];
    private WebApplication _members = null!;
    private KeystoreHost _keystore = null!;

    public Uri Origin { get; private set; } = null!;

    public OpenIdProvider Provider { get; private set; } = null!;

    public string Database => Path.Combine(_folder.FullName, "members.db");

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        // The origin is configured before the app listens.
        using (var free = new TcpListener(IPAddress.Loopback, 0))
        {
            free.Start();
            Origin = new Uri($"http://127.0.0.1:{((IPEndPoint)free.LocalEndpoint).Port}");
        }

        Provider = await OpenIdProvider.StartAsync(new Uri(Origin, "/signin-oidc"));
        _keystore = await KeystoreHost.StartAsync(Engine.Sqlite);
        await StartMembersAsync();
    }

    public async Task StartMembersAsync(params string[] sharers)
    {
        if (_members is not null)
            await _members.DisposeAsync();
        _members = await MembersApp.BuildAsync(
        [
            .. sharers.SelectMany((sharer, at) => new[] { $"--Sharers:{at}", sharer }),
            "--contentRoot", Path.Combine(Clone.Root, "samples", "Members"), "--urls", Origin.AbsoluteUri, "--Origin", Origin.AbsoluteUri,
            "--Database", Database, "--OpenId:Authority", Provider.Address.AbsoluteUri, "--OpenId:ClientId", OpenIdProvider.ClientId,
            "--Logging:LogLevel:Default", "None",
        ]);
        await _members.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        _browsers.ForEach(browser => browser.Dispose());
        await _members.DisposeAsync();
        await Provider.DisposeAsync();
        await _keystore.DisposeAsync();
        SqliteConnection.ClearAllPools();
        _folder.Delete(recursive: true);
    }

    public HttpClient OpenBrowser()
    {
        var browser = new HttpClient(new HttpClientHandler { CookieContainer = new CookieContainer() }) { BaseAddress = Origin };
        _browsers.Add(browser);
        return browser;
    }

    public async Task<UnlockedAccount> SignUpAsync()
    {
        using var device = DeviceSecret.Generate();
        using var secret = UnlockSecret.FromDevice(device);
        return await new KeyladderClient(_keystore.Origin, new MemoryPinStore()).SignUpAsync(secret, Cancelled);
    }

    /// <summary>What did.js does when the page is opened.</summary>
    public static async Task<DidSignInLink> AskAsync(HttpClient browser, DidSignInPurpose purpose)
    {
        var answer = await (await browser.PostAsJsonAsync("/did/challenge", new { purpose = purpose.ToText() }, Cancelled)).Content.ReadFromJsonAsync<JsonElement>(Cancelled);
        return DidSignInLink.TryParse(answer.GetProperty("link").GetString(), out var link) ? link : throw new InvalidOperationException("no link");
    }

    /// <summary>What did.js does when the answer's address is opened.</summary>
    public static async Task<HttpStatusCode> AnswerAsync(HttpClient browser, DidSignInPurpose purpose, DidSignInAnswer answer)
    {
        var given = answer.Address.Fragment[1..].Split('&').Select(each => each.Split('=', 2)).ToDictionary(each => each[0], each => each[1]);
        return (await browser.PostAsJsonAsync($"/did/{purpose.ToText()}", new { challenge = given["challenge"], response = given["response"] }, Cancelled)).StatusCode;
    }

    public static async Task<HttpStatusCode> SignInAsync(HttpClient browser, UnlockedAccount account) =>
        await AnswerAsync(browser, SignIn, await account.Dids.SignInAsync(await AskAsync(browser, SignIn), cancellationToken: Cancelled));

    public static async Task<string> SubmitAsync(HttpClient browser, string page, string action, HttpStatusCode expected = HttpStatusCode.OK) =>
        await SubmitPageAsync(browser, await browser.GetStringAsync(page, Cancelled), action, expected);

    /// <summary>Presses the first button that leads there.</summary>
    public static async Task<string> SubmitPageAsync(HttpClient browser, string page, string action, HttpStatusCode expected = HttpStatusCode.OK)
    {
        var form = Form().Matches(page).First(form => form.Groups[1].Value == action).Groups[2].Value;
        using var content = new FormUrlEncodedContent(Field().Matches(form).Select(field => KeyValuePair.Create(field.Groups[1].Value, field.Groups[2].Value)));
        var answer = await browser.PostAsync(action, content, Cancelled);
        Assert.Equal(expected, answer.StatusCode);
        return await answer.Content.ReadAsStringAsync(Cancelled);
    }

    public static string TokenIn(string page) => Field().Matches(page).First(field => field.Groups[1].Value == "__RequestVerificationToken").Groups[2].Value;

    [GeneratedRegex("""<form method="post" action="([^"]+)">(.*?)</form>""", RegexOptions.Singleline)]
    private static partial Regex Form();

    [GeneratedRegex("""name="([^"]+)" value="([^"]*)">""")]
    private static partial Regex Field();
}
