using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;

namespace Keyladder.Testing;

/// <summary>One request and its answer, as they went over the wire: heads as text, bodies as bytes.</summary>
public sealed record Exchange(string Request, byte[] RequestBody, string Response, byte[] ResponseBody);

/// <summary>Stands before a service on a loopback port of its own, passes everything on as it is and keeps a copy.</summary>
public sealed class RecordingProxy : IAsyncDisposable
{
    private readonly ConcurrentQueue<Exchange> _exchanges = new();
    private readonly HttpClient _client = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        UseProxy = false,
        AutomaticDecompression = DecompressionMethods.None,
    });

    private readonly WebApplication _application;
    private Uri? _target;

    private RecordingProxy(WebApplication application) => _application = application;

    /// <summary>The address to give to clients, and to the service as its configured origin.</summary>
    public Uri Origin => new(_application.Urls.Single());

    public IReadOnlyCollection<Exchange> Exchanges => _exchanges;

    /// <summary>What else happens before a request, such as "POST /v1/changes", is passed on: another device may come first.</summary>
    public Func<string, Task>? Before { get; set; }

    /// <summary>Starts before the service, whose options need the origin; <see cref="PassOnTo"/> names the service afterwards.</summary>
    public static async Task<RecordingProxy> StartAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.Services.AddRouting();
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0")
            .ConfigureKestrel(kestrel => kestrel.Limits.MaxRequestBodySize = null);
        var application = builder.Build();
        var proxy = new RecordingProxy(application);
        application.Run(proxy.PassOnAsync);
        await application.StartAsync();
        return proxy;
    }

    public void PassOnTo(Uri target) => _target = target;

    public async ValueTask DisposeAsync()
    {
        await _application.DisposeAsync();
        _client.Dispose();
    }

    private async Task PassOnAsync(HttpContext context)
    {
        // The raw target: decoding and encoding it again would change what the client signed.
        var target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        var body = await ReadAsync(context.Request.Body, context.RequestAborted);
        if (Before is { } before)
            await before($"{context.Request.Method} {target}");
        using var request = new HttpRequestMessage(new(context.Request.Method), new Uri(
            _target + target.TrimStart('/'), new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true }));
        if (body.Length > 0 || context.Request.Headers.ContentLength is not null)
            request.Content = new ByteArrayContent(body);
        foreach (var (name, values) in context.Request.Headers)
        {
            if (!request.Headers.TryAddWithoutValidation(name, values.AsEnumerable()))
                request.Content?.Headers.TryAddWithoutValidation(name, values.AsEnumerable());
        }

        using var response = await _client.SendAsync(request, context.RequestAborted);
        var answer = await response.Content.ReadAsByteArrayAsync(context.RequestAborted);
        context.Response.StatusCode = (int)response.StatusCode;
        foreach (var (name, values) in response.Headers.Concat(response.Content.Headers))
            context.Response.Headers[name] = values.ToArray();
        context.Response.Headers.Remove("transfer-encoding");

        _exchanges.Enqueue(new(
            Head($"{context.Request.Method} {target}", context.Request.Headers), body,
            Head($"{context.Response.StatusCode}", context.Response.Headers), answer));
        if (answer.Length > 0)
            await context.Response.Body.WriteAsync(answer, context.RequestAborted);
    }

    private static string Head(string first, IHeaderDictionary headers) =>
        string.Join('\n', [first, .. headers.Select(header => $"{header.Key}: {header.Value}")]);

    private static async Task<byte[]> ReadAsync(Stream body, CancellationToken cancellation)
    {
        using var copy = new MemoryStream();
        await body.CopyToAsync(copy, cancellation);
        return copy.ToArray();
    }
}
