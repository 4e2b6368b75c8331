using System.Net;
using Keyladder.Hosting;
using Keyladder.Keystore;
using Keyladder.Protocol.Keystore;
using Keyladder.Protocol;
using Microsoft.AspNetCore.Builder;

namespace Services.Tests.Hosting;

/// <summary>What a browser is told about pages of other origins (attack row G15).</summary>
public sealed class CorsTests : IDisposable
{
    private const string Page = "https://app.example.org";
    private static readonly string[] SignatureHeaders = ["Content-Type", "Content-Digest", "Signature-Input", "Signature"];

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("keyladder-test-");

    public void Dispose() => folder.Delete(recursive: true);

    [Theory]
    [InlineData(null, Page)]
    [InlineData(Page, "https://app.example.org.evil.example")]
    [InlineData(Page, "https://evil.example")]
    [InlineData(Page, "http://app.example.org")]
    [InlineData(Page, "https://app.example.org:8443")]
    [InlineData(Page, "null")]
    public async Task G15_a_page_that_is_not_on_the_list_is_told_nothing(string? cors, string page)
    {
        await using var service = await StartAsync(cors);
        foreach (var preflight in new[] { true, false })
        {
            using var answer = await AskAsync(service, page, preflight, ServiceRoutes.Nonces);
            Assert.Empty(CorsHeadersOf(answer));
        }
    }

    [Theory]
    [InlineData(Page)]
    [InlineData("https://other.example.org https://app.example.org")]
    public async Task G15_a_page_on_the_list_may_call_with_the_headers_of_a_signature_and_without_credentials(string cors)
    {
        await using var service = await StartAsync(cors);
        using var preflight = await AskAsync(service, Page, preflight: true, ServiceRoutes.Changes);
        Assert.Equal(HttpStatusCode.NoContent, preflight.StatusCode);
        Assert.Equal([Page], preflight.Headers.GetValues("Access-Control-Allow-Origin"));
        Assert.Equal(SignatureHeaders, preflight.Headers.GetValues("Access-Control-Allow-Headers").Single().Split(','));
        Assert.Equal(["GET", "POST", "PUT", "DELETE"], preflight.Headers.GetValues("Access-Control-Allow-Methods").Single().Split(','));

        // Also on a refusal: the page is to know which.
        using var refused = await AskAsync(service, Page, preflight: false, ServiceRoutes.Changes);
        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        Assert.Equal([Page], refused.Headers.GetValues("Access-Control-Allow-Origin"));
        Assert.All([preflight, refused], answer => Assert.False(answer.Headers.Contains("Access-Control-Allow-Credentials")));
    }

    [Theory]
    [InlineData("*")]
    [InlineData("https://*.example.org")]
    [InlineData("https://app.example.org *")]
    [InlineData("null")]
    [InlineData("app.example.org")]
    [InlineData("https://app.example.org/")]
    [InlineData("https://app.example.org/path")]
    [InlineData("https://App.example.org")]
    [InlineData("https://app.example.org:443")]
    [InlineData("https://app.example.org,https://other.example.org")]
    [InlineData("http://app.example.org")]
    public void G15_what_is_not_an_exact_secure_origin_is_refused_at_start(string cors)
    {
        var refusal = Assert.Throws<StartupException>(() => Build(cors));
        Assert.Contains("keystore:cors", refusal.What, StringComparison.Ordinal);
    }

    private WebApplication Build(string? cors) => KeystoreService.Build(new() { Urls = "http://127.0.0.1:0", Data = folder.FullName, Cors = cors });

    private async Task<WebApplication> StartAsync(string? cors)
    {
        var service = Build(cors);
        await service.StartAsync(TestContext.Current.CancellationToken);
        return service;
    }

    private static async Task<HttpResponseMessage> AskAsync(WebApplication service, string page, bool preflight, string path)
    {
        using var http = new HttpClient { BaseAddress = new Uri(service.Urls.Single()) };
        using var request = new HttpRequestMessage(preflight ? HttpMethod.Options : HttpMethod.Post, path);
        request.Headers.Add("Origin", page);
        if (preflight)
        {
            request.Headers.Add("Access-Control-Request-Method", "POST");
            request.Headers.Add("Access-Control-Request-Headers", string.Join(',', SignatureHeaders));
        }

        return await http.SendAsync(request, TestContext.Current.CancellationToken);
    }

    private static IEnumerable<string> CorsHeadersOf(HttpResponseMessage answer) =>
        answer.Headers.Select(header => header.Key).Where(name => name.StartsWith("Access-Control-", StringComparison.OrdinalIgnoreCase));
}
