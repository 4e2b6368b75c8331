using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Keyladder.Testing;

/// <summary>One call on its way back: what was asked, what the service answered, and what the client gets to see instead.</summary>
public sealed class ProxiedAnswer(string method, string target, byte[] request, int status, byte[] body)
{
    public string Method { get; } = method;

    /// <summary>Path and query as they went over the wire.</summary>
    public string Target { get; } = target;

    public string Path => Target.Split('?')[0];

    public byte[] Request { get; } = request;

    public int Status { get; set; } = status;

    public byte[] Body { get; set; } = body;

    /// <summary>Further header fields of the answer.</summary>
    public Dictionary<string, string> Headers { get; } = [];

    /// <summary>The connection ends without an answer. The service has done what it was asked.</summary>
    public bool Lost { get; set; }

    /// <summary>Ten bytes of the body, then more of them for as long as the client listens.</summary>
    public bool Endless { get; set; }

    public JsonObject Json
    {
        get => JsonNode.Parse(Body)!.AsObject();
        set => Body = System.Text.Encoding.UTF8.GetBytes(value.ToJsonString());
    }

    /// <summary>Edits the answer as JSON.</summary>
    public void Edit(Action<JsonObject> edit)
    {
        var json = Json;
        edit(json);
        Json = json;
    }
}

/// <summary>
/// A hostile service: the real one with someone in front who may hold back, edit, replace and repeat what it says. Its address is the one
/// that the client knows and that the service has as its origin.
/// </summary>
public sealed class LyingProxy : IAsyncDisposable
{
    private readonly ConcurrentQueue<PassedCall> _seen = new();
    private readonly HttpClient _service = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, UseProxy = false });
    private readonly WebApplication _application;
    private Uri? _target;

    private LyingProxy(WebApplication application) => _application = application;

    public Uri Address => new(_application.Urls.Single());

    /// <summary>Sees every genuine answer; null tells the truth.</summary>
    public Action<ProxiedAnswer>? Lie { get; set; }

    /// <summary>Decides before the service hears of a call; true ends the connection instead.</summary>
    public Func<string, bool>? Block { get; set; }

    /// <summary>Given a call and what is sent, answers with status 200, without the service's knowing; null passes the call on.</summary>
    public Func<string, byte[], byte[]?>? Invent { get; set; }

    /// <summary>False where so much passes that keeping it would fill the memory.</summary>
    public bool Remembers { get; set; } = true;

    /// <summary>Method and path of every call that reached the service or was blocked, in order.</summary>
    public IReadOnlyList<string> Calls => Everything.Calls;

    /// <summary>All that has passed so far.</summary>
    public Recording Everything => new([.. _seen]);

    /// <summary>The genuine answer to the last such call.</summary>
    public JsonObject Last(string call) => Everything.Answer(call);

    /// <summary>What passes while something is done: what one person saw, or what was so at one moment.</summary>
    public async Task<Recording> RecordAsync(Func<Task> something)
    {
        var before = _seen.Count;
        await something();
        return new([.. _seen.Skip(before)]);
    }

    public static async Task<LyingProxy> StartAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0").ConfigureKestrel(kestrel => kestrel.Limits.MaxRequestBodySize = null);
        var application = builder.Build();
        var proxy = new LyingProxy(application);
        application.Run(proxy.AnswerAsync);
        await application.StartAsync();
        return proxy;
    }

    public void StandBefore(Uri service) => _target = service;

    public async ValueTask DisposeAsync()
    {
        await _application.DisposeAsync();
        _service.Dispose();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        var target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        var call = $"{context.Request.Method} {target.Split('?')[0]}";
        var head = $"{context.Request.Method} {target}\n{Uri.UnescapeDataString(target.Replace('+', ' '))}\n{string.Join('\n', context.Request.Headers.Select(field => $"{field.Key}: {field.Value}"))}";
        using var request = new MemoryStream();
        await context.Request.Body.CopyToAsync(request);
        if (Block?.Invoke(call) is true)
        {
            See(new(call, head, request.ToArray(), []));
            context.Abort();
            return;
        }

        if (Invent?.Invoke(call, request.ToArray()) is { } invented)
        {
            See(new(call, head, request.ToArray(), invented));
            var answered = new ProxiedAnswer(context.Request.Method, target, request.ToArray(), 200, invented);
            Lie?.Invoke(answered);
            await SendAsync(context, answered, "application/json");
            return;
        }

        // Before no service it listens, and that is all.
        if (_target is null)
        {
            See(new(call, head, request.ToArray(), []));
            context.Abort();
            return;
        }

        using var forwarded = new HttpRequestMessage(new(context.Request.Method), new Uri(_target, target)) { Content = new ByteArrayContent(request.ToArray()) };
        foreach (var (name, values) in context.Request.Headers)
        {
            if (!forwarded.Headers.TryAddWithoutValidation(name, values.AsEnumerable()))
                forwarded.Content.Headers.TryAddWithoutValidation(name, values.AsEnumerable());
        }

        using var response = await _service.SendAsync(forwarded);
        var answer = new ProxiedAnswer(context.Request.Method, target, request.ToArray(), (int)response.StatusCode, await response.Content.ReadAsByteArrayAsync());
        if (response.Headers.RetryAfter is { } wait)
            answer.Headers["Retry-After"] = wait.ToString();
        See(new(call, head, answer.Request, answer.Body));
        Lie?.Invoke(answer);
        await SendAsync(context, answer, response.Content.Headers.ContentType?.ToString());
    }

    private void See(PassedCall passed)
    {
        if (Remembers)
            _seen.Enqueue(passed);
    }

    private static async Task SendAsync(HttpContext context, ProxiedAnswer answer, string? contentType)
    {
        if (answer.Lost)
        {
            context.Abort();
            return;
        }

        context.Response.StatusCode = answer.Status;
        context.Response.ContentType = contentType;
        foreach (var (name, value) in answer.Headers)
            context.Response.Headers[name] = value;
        if (!answer.Endless)
        {
            if (answer.Body.Length > 0)
                await context.Response.Body.WriteAsync(answer.Body);
            return;
        }

        var block = new byte[64 * 1024];
        answer.Body.AsSpan(0, Math.Min(10, answer.Body.Length)).CopyTo(block);
        try
        {
            while (!context.RequestAborted.IsCancellationRequested)
                await context.Response.Body.WriteAsync(block, context.RequestAborted);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException)
        {
            // The client has had enough.
        }
    }
}
