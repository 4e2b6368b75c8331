using Keyladder.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;

namespace Repository.Tests.TestTools;

public sealed class RecordingProxyTests
{
    [Fact]
    public async Task What_passes_arrives_unchanged_and_is_kept()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        await using var service = builder.Build();
        service.Urls.Add("http://127.0.0.1:0");
        service.Run(async context =>
        {
            context.Response.StatusCode = StatusCodes.Status418ImATeapot;
            context.Response.Headers["x-host"] = context.Request.Host.Value;
            context.Response.Headers["x-target"] = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
            context.Response.Headers["x-signature"] = context.Request.Headers["signature"];
            await context.Request.Body.CopyToAsync(context.Response.Body);
        });
        await service.StartAsync(TestContext.Current.CancellationToken);

        await using var proxy = await RecordingProxy.StartAsync();
        proxy.PassOnTo(new(service.Urls.Single()));
        using var client = new HttpClient { BaseAddress = proxy.Origin };
        using var request = new HttpRequestMessage(HttpMethod.Delete, new Uri(
            proxy.Origin + "v1/%6Beys?a=%2F&b", new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true }))
        {
            Content = new ByteArrayContent([0, 255, 13, 10]),
        };
        request.Headers.Add("signature", "sig=:AA==:");
        using var response = await client.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(StatusCodes.Status418ImATeapot, (int)response.StatusCode);
        Assert.Equal([0, 255, 13, 10], await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
        Assert.Equal(proxy.Origin.Authority, response.Headers.GetValues("x-host").Single());
        Assert.Equal("/v1/%6Beys?a=%2F&b", response.Headers.GetValues("x-target").Single());
        Assert.Equal("sig=:AA==:", response.Headers.GetValues("x-signature").Single());

        var exchange = Assert.Single(proxy.Exchanges);
        Assert.StartsWith("DELETE /v1/%6Beys?a=%2F&b\n", exchange.Request, StringComparison.Ordinal);
        Assert.Contains("sig=:AA==:", exchange.Request, StringComparison.Ordinal);
        Assert.StartsWith("418\n", exchange.Response, StringComparison.Ordinal);
        Assert.Equal([0, 255, 13, 10], exchange.RequestBody);
        Assert.Equal([0, 255, 13, 10], exchange.ResponseBody);
    }
}
