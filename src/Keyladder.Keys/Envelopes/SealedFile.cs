using Keyladder.Cryptography.ChunkedEncryption;

namespace Keyladder.Keys.Envelopes;

/// <summary>
/// A file of docs/spec/envelopes.md whose beginning has been read. It names no key: the one that opens it is found among many by
/// <see cref="Hierarchy.DataEncryptionKey.HasSealed"/>.
/// </summary>
public sealed class SealedFile
{
    private readonly byte[] header;

    private SealedFile(byte[] header, Stream rest) => (this.header, Rest) = (header, rest);

    /// <summary>What every file begins with.</summary>
    internal static ReadOnlySpan<byte> Signature => "keyladder-file/v1\n"u8;

    internal ReadOnlySpan<byte> Header => header;

    internal Stream Rest { get; }

    /// <summary>Reads the beginning of a file, and no further.</summary>
    /// <param name="source">Stays open and belongs to the result from here on. If it can seek, the opened file can.</param>
    /// <returns>Null if it is no file of this format.</returns>
    public static async Task<SealedFile?> TryReadAsync(Stream source, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        var start = new byte[Signature.Length + Envelope.HeaderLength];
        var read = await source.ReadAtLeastAsync(start, start.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
        return start.AsSpan(0, read).StartsWith(Signature) ? new SealedFile(start[Signature.Length..read], source) : null;
    }
}
