using System.Collections.Concurrent;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace Keyladder.Testing;

/// <summary>An OTLP collector that keeps what it gets, byte for byte: texts stand in protocol buffers as they are.</summary>
public sealed class TelemetryCollector : IAsyncDisposable
{
    private readonly WebApplication _app;

    private TelemetryCollector(WebApplication app) => _app = app;

    public ConcurrentQueue<(string Path, string Body)> Received { get; } = new();

    public string Address => _app.Urls.Single();

    public static async Task<TelemetryCollector> StartAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseUrls("http://127.0.0.1:0").UseKestrel();
        var collector = new TelemetryCollector(builder.Build());
        await collector.StartHereAsync();
        return collector;
    }

    /// <summary>Some are told only while what they count is there.</summary>
    public async Task HasMetricsAsync()
    {
        while (!Received.Any(message => message.Path == "/v1/metrics" && message.Body.Contains("http.server.request.duration", StringComparison.Ordinal)))
            await Task.Delay(10);
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private Task StartHereAsync()
    {
        _app.Run(async context =>
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body, context.RequestAborted);
            Received.Enqueue((context.Request.Path, Encoding.Latin1.GetString(body.ToArray())));
        });
        return _app.StartAsync();
    }
}
