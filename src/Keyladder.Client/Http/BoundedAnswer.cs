using System.Buffers;

namespace Keyladder.Client;

/// <summary>Reads a body that may be a lie about its length, or endless.</summary>
internal static class BoundedAnswer
{
    private const int FirstLength = 64 * 1024;

    /// <returns>The body, at the start of <paramref name="target"/>; null where it is longer than that.</returns>
    public static async Task<ReadOnlyMemory<byte>?> ReadAsync(HttpContent content, Memory<byte> target, CancellationToken cancellationToken)
    {
        var stream = await content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        await using (stream.ConfigureAwait(false))
        {
            var length = await stream.ReadAtLeastAsync(target, target.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
            var isWhole = length < target.Length || await stream.ReadAsync(new byte[1], cancellationToken).ConfigureAwait(false) == 0;
            return isWhole ? target[..length] : default(ReadOnlyMemory<byte>?); // a plain null would become memory of no bytes
        }
    }

    /// <returns>The body, or null where it is longer than <paramref name="longest"/> bytes.</returns>
    public static async Task<ReadOnlyMemory<byte>?> ReadAsync(HttpContent content, int longest, CancellationToken cancellationToken)
    {
        if (content.Headers.ContentLength > longest)
            return null;

        var stream = await content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        await using (stream.ConfigureAwait(false))
        {
            // With the byte that hears of the end. What a service announces is believed up to here: beyond it, memory follows what has come.
            var body = new ArrayBufferWriter<byte>((int)Math.Min(content.Headers.ContentLength ?? 1023, FirstLength) + 1);
            while (true)
            {
                var read = await stream.ReadAsync(body.GetMemory(), cancellationToken).ConfigureAwait(false);
                if (read == 0)
                    return body.WrittenMemory;
                body.Advance(read);
                if (body.WrittenCount > longest)
                    return null;
            }
        }
    }
}
