using System.Buffers;

namespace Keyladder.Client;

/// <summary>Reads a body that may be a lie about its length, or endless.</summary>
internal static class BoundedAnswer
{
    private const int AtOnce = 16 * 1024;

    /// <returns>The body, or null where it is longer than <paramref name="longest"/> bytes.</returns>
    public static async Task<ReadOnlyMemory<byte>?> ReadAsync(HttpContent content, int longest, CancellationToken cancellationToken)
    {
        if (content.Headers.ContentLength > longest)
            return null;

        var stream = await content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        await using (stream.ConfigureAwait(false))
        {
            // Where the length is known, and by now known to be allowed, nothing has to be copied on the way.
            var body = new ArrayBufferWriter<byte>(AtOnce + (int)(content.Headers.ContentLength ?? 0));
            while (true)
            {
                var read = await stream.ReadAsync(body.GetMemory(AtOnce), cancellationToken).ConfigureAwait(false);
                if (read == 0)
                    return body.WrittenMemory;
                body.Advance(read);
                if (body.WrittenCount > longest)
                    return null;
            }
        }
    }
}
