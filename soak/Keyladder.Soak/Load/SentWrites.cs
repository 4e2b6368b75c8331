using System.Net;
using System.Text.Json;
using Keyladder.Cryptography;
using Keyladder.Protocol;
using Keyladder.Protocol.Keystore;

namespace Keyladder.Soak.Load;

/// <summary>Notes what one client sends, on its way out: the client's interface names no heads. For a client that makes one call at a time.</summary>
internal sealed class SentWrites(HttpMessageHandler next) : DelegatingHandler(next)
{
    private readonly List<string> heads = [];
    private KeyId? put;
    private bool landed;

    /// <summary>What was sent since the last call: the heads in order, a repeated one once; whether the service said that the last one landed; the key that was put last.</summary>
    public (IReadOnlyList<string> Heads, bool Landed, KeyId? Put) Take()
    {
        var taken = (heads.ToList(), landed, put);
        heads.Clear();
        (put, landed) = (null, false);
        return taken;
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (request.Method != HttpMethod.Post || request.RequestUri!.AbsolutePath != ServiceRoutes.Changes)
            return await base.SendAsync(request, cancellationToken);
        var write = JsonSerializer.Deserialize(await request.Content!.ReadAsByteArrayAsync(cancellationToken), ProtocolJson.Default.WriteRequest)!;
        if (!heads.Contains(write.Head))
            heads.Add(write.Head);
        if (write.Put.Length > 0)
            put = new KeyId(write.Put[^1].Key.Id);
        landed = false;
        var response = await base.SendAsync(request, cancellationToken);
        await response.Content.LoadIntoBufferAsync(cancellationToken);
        landed = response.StatusCode == HttpStatusCode.OK
            || (response.StatusCode == HttpStatusCode.Conflict && (await response.Content.ReadAsStringAsync(cancellationToken)).Contains(write.Head, StringComparison.Ordinal));
        return response;
    }
}
