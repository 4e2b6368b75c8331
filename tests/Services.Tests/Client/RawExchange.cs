using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Services.Tests.Client;

/// <summary>Bytes on a connection of their own, as no HTTP library would send them, and what the service says to them.</summary>
internal static class RawExchange
{
    // What the server waits for may never come: after this the connection is closed from here.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    /// <returns>Every answer on the connection, in order; none where the service waits for more or hangs up.</returns>
    public static async Task<List<Answer>> SendAsync(Uri address, ReadOnlyMemory<byte> request) =>
        Read(await SendForBytesAsync(address, request), out _);

    /// <returns>What came back, heads and bodies as they stood on the wire.</returns>
    public static async Task<byte[]> SendForBytesAsync(Uri address, ReadOnlyMemory<byte> request)
    {
        using var client = new TcpClient { NoDelay = true };
        using var limit = new CancellationTokenSource();
        await client.ConnectAsync(address.Host, address.Port, limit.Token);
        var received = new MemoryStream();
        try
        {
            var stream = client.GetStream();
            limit.CancelAfter(Patience);
            await stream.WriteAsync(request, limit.Token);
            var buffer = new byte[64 * 1024];
            for (int read; !IsWhole(received) && (read = await stream.ReadAsync(buffer, limit.Token)) > 0;)
                received.Write(buffer, 0, read);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // Hung up, or waits.
        }

        return received.ToArray();
    }

    /// <summary>A request as it stands on the wire.</summary>
    public static byte[] Write(Request request, string authority)
    {
        var head = new StringBuilder().Append(CultureInfo.InvariantCulture, $"{request.Method} {request.Target} HTTP/1.1\r\nHost: {authority}\r\n");
        Add("Content-Type", request.ContentType);
        Add("Content-Digest", request.Digest);
        Add("Signature-Input", request.SignatureInput);
        Add("Signature", request.Signature);
        if (request.Method != "GET")
            Add("Content-Length", request.Body.Length.ToString(CultureInfo.InvariantCulture));
        return [.. Encoding.Latin1.GetBytes(head.Append("\r\n").ToString()), .. request.Body];

        void Add(string name, string? value) => _ = value is null ? head : head.Append(CultureInfo.InvariantCulture, $"{name}: {value}\r\n");
    }

    private static bool IsWhole(MemoryStream received) => Read(received.GetBuffer().AsSpan(0, (int)received.Length), out var rest) is { Count: > 0 } && rest == 0;

    private static List<Answer> Read(ReadOnlySpan<byte> bytes, out int rest)
    {
        var answers = new List<Answer>();
        while (bytes.IndexOf("\r\n\r\n"u8) is var end and >= 0)
        {
            var lines = Encoding.Latin1.GetString(bytes[..end]).Split("\r\n");
            var headers = lines.Skip(1).Select(line => line.Split(": ", 2)).ToDictionary(parts => parts[0], parts => parts[1], StringComparer.OrdinalIgnoreCase);
            var body = bytes[(end + 4)..];
            var chunked = headers.ContainsKey("Transfer-Encoding");
            var length = headers.TryGetValue("Content-Length", out var text) ? int.Parse(text, CultureInfo.InvariantCulture)
                : chunked && body.IndexOf("\r\n0\r\n\r\n"u8) is var last and >= 0 ? last + 7
                : chunked ? int.MaxValue : 0;
            if (length > body.Length)
                break;
            var content = chunked ? Unchunk(body[..length]) : body[..length].ToArray();
            answers.Add(new((HttpStatusCode)int.Parse(lines[0].Split(' ')[1], CultureInfo.InvariantCulture), headers.GetValueOrDefault("Content-Type")?.Split(';')[0], content));
            bytes = body[length..];
        }

        rest = bytes.Length;
        return answers;
    }

    private static byte[] Unchunk(ReadOnlySpan<byte> chunks)
    {
        var content = new List<byte>();
        while (chunks.IndexOf("\r\n"u8) is var end and >= 0)
        {
            var size = int.Parse(Encoding.ASCII.GetString(chunks[..end]), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
            if (size == 0)
                break;
            content.AddRange(chunks.Slice(end + 2, size));
            chunks = chunks[(end + 2 + size + 2)..];
        }

        return [.. content];
    }
}
