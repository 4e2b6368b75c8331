using System.Globalization;
using System.Text;

namespace Keyladder.Benchmarks.Keystore;

/// <summary>Keeps the signed requests that a client really sends, for wrk to send again: a service does not remember the signatures of reads.</summary>
internal sealed class CapturedRequests : DelegatingHandler
{
    private readonly List<string> requests = [];

    public CapturedRequests()
        : base(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false })
    {
    }

    public byte[] LastAnswer { get; private set; } = [];

    public string LastKeyId { get; private set; } = "";

    public void Clear() => requests.Clear();

    /// <summary>A script that makes wrk send them in turn.</summary>
    public string ToScript() => $$"""
        local requests = {
        {{string.Join(",\n", requests)}}
        }
        local at = 0
        function request()
          at = at % #requests + 1
          return requests[at]
        end
        {{Wrk.Result}}
        """;

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var body = request.Content is null ? "" : await request.Content.ReadAsStringAsync(cancellationToken);
        var text = new StringBuilder().Append(CultureInfo.InvariantCulture, $"{request.Method} {request.RequestUri!.PathAndQuery} HTTP/1.1\r\nHost: {request.RequestUri.Authority}\r\n");
        foreach (var (name, values) in request.Headers.Concat(request.Content?.Headers ?? Enumerable.Empty<KeyValuePair<string, IEnumerable<string>>>()))
            text.Append(CultureInfo.InvariantCulture, $"{name}: {string.Join(", ", values)}\r\n");
        if (request.Content is not null && request.Content.Headers.ContentLength is null)
            text.Append(CultureInfo.InvariantCulture, $"Content-Length: {Encoding.UTF8.GetByteCount(body)}\r\n");
        requests.Add($"[=[{text}\r\n{body}]=]");
        if (request.Headers.TryGetValues("Signature-Input", out var input))
            LastKeyId = input.Single().Split("keyid=\"")[1].Split('"')[0];

        var answer = await base.SendAsync(request, cancellationToken);
        await answer.Content.LoadIntoBufferAsync(cancellationToken);
        LastAnswer = await answer.Content.ReadAsByteArrayAsync(cancellationToken);
        return answer;
    }
}
