using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;

namespace Keyladder.Demo;

/// <summary>A Vault's operator who edits what it says: the real one stands behind this, and people know this address alone.</summary>
internal sealed class LyingProxy : IAsyncDisposable
{
    private static readonly string[] Passed = ["Signature", "Signature-Input", "Content-Digest"];

    private readonly HttpListener _listener = new();
    private readonly HttpClient _service = new();
    private readonly Task _serving;

    public LyingProxy()
    {
        // A free port, which this listener takes in the next moment.
        using (var probe = new TcpListener(IPAddress.Loopback, 0))
        {
            probe.Start();
            Origin = $"http://127.0.0.1:{((IPEndPoint)probe.LocalEndpoint).Port}";
        }

        _listener.Prefixes.Add($"{Origin}/");
        _listener.Start();
        _serving = ServeAsync();
    }

    public string Origin { get; }

    /// <summary>Where the real Vault listens.</summary>
    public string Target { get; set; } = "";

    /// <summary>Edits the list of what there is; null tells the truth.</summary>
    public Action<JsonObject>? Lie { get; set; }

    /// <summary>The last genuine list that went by: what the operator has seen.</summary>
    public JsonObject? Seen { get; private set; }

    public async ValueTask DisposeAsync()
    {
        _listener.Stop();
        await _serving;
        _listener.Close();
        _service.Dispose();
    }

    private async Task ServeAsync()
    {
        while (true)
        {
            HttpListenerContext context;
            try
            {
                context = await _listener.GetContextAsync();
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
            {
                return;
            }

            _ = Task.Run(() => AnswerAsync(context));
        }
    }

    private async Task AnswerAsync(HttpListenerContext context)
    {
        using var request = new HttpRequestMessage(new HttpMethod(context.Request.HttpMethod), Target + context.Request.RawUrl);
        if (context.Request.HasEntityBody)
        {
            var sent = new MemoryStream();
            await context.Request.InputStream.CopyToAsync(sent);
            request.Content = new ByteArrayContent(sent.ToArray());
            request.Content.Headers.TryAddWithoutValidation("Content-Type", context.Request.ContentType);
        }

        foreach (var name in Passed)
        {
            if (context.Request.Headers[name] is { } value)
                request.Headers.TryAddWithoutValidation(name, value);
        }

        using var answer = await _service.SendAsync(request);
        var body = await answer.Content.ReadAsByteArrayAsync();
        // A device that keeps a copy asks for what is new alone; whoever lies, lies to it too.
        var isWhole = context.Request.RawUrl!.StartsWith("/v1/changes?since=0", StringComparison.Ordinal);
        if (answer.IsSuccessStatusCode && context.Request.HttpMethod == "GET" && (isWhole || (Lie is not null && context.Request.RawUrl.StartsWith("/v1/changes?", StringComparison.Ordinal))))
        {
            var list = JsonNode.Parse(body)!.AsObject();
            if (Lie is null)
                Seen = list;
            else
                Lie(list);
            body = System.Text.Encoding.UTF8.GetBytes(list.ToJsonString());
        }

        context.Response.StatusCode = (int)answer.StatusCode;
        context.Response.ContentType = answer.Content.Headers.ContentType?.ToString();
        context.Response.ContentLength64 = body.Length;
        await context.Response.OutputStream.WriteAsync(body);
        context.Response.Close();
    }
}
