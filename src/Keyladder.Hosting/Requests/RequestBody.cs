using Microsoft.AspNetCore.Http;

namespace Keyladder.Hosting.Requests;

/// <summary>A request's body, read once and whole: its digest is checked before anything looks inside. The server's own limit ends one that is too large.</summary>
internal static class RequestBody
{
    private static readonly object Key = new();

    public static async Task<byte[]> ReadAsync(HttpContext context)
    {
        if (context.Items.TryGetValue(Key, out var read))
            return (byte[])read!;
        using var buffer = new MemoryStream();
        await context.Request.Body.CopyToAsync(buffer, context.RequestAborted);
        var body = buffer.ToArray();
        context.Items[Key] = body;
        return body;
    }
}
