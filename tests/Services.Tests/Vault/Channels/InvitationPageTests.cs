using System.Net;
using Keyladder.Testing;

namespace Services.Tests.Vault.Channels;

/// <summary>The page that the link of an invitation leads to: it is nobody's, and reads nothing.</summary>
public sealed class InvitationPageTests(Vaults vaults) : IClassFixture<Vaults>
{
    [Fact]
    public async Task It_is_the_same_for_everybody_and_runs_nothing()
    {
        var service = await vaults.On(Engine.Sqlite);
        using var http = new HttpClient { BaseAddress = service.Origin };
        using var answer = await http.GetAsync(new Uri("/invitation", UriKind.Relative), TestContext.Current.CancellationToken);
        var page = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("text/html", answer.Content.Headers.ContentType!.MediaType);
        Assert.Contains("keyladder connect accept", page, StringComparison.Ordinal);
        string[] refused = ["script", "src=", "href=", "style", "http:", "https:"];
        Assert.All(refused, text => Assert.DoesNotContain(text, page, StringComparison.OrdinalIgnoreCase));
        Assert.StartsWith("default-src 'none';", answer.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
        Assert.Equal("no-referrer", answer.Headers.GetValues("Referrer-Policy").Single());
        Assert.Equal("no-store", answer.Headers.CacheControl!.ToString());
        Assert.Equal(page, await http.GetStringAsync(new Uri("/invitation?anything", UriKind.Relative), TestContext.Current.CancellationToken));
    }
}
