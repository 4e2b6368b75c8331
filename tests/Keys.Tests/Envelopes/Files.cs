using Keyladder.Cryptography.ChunkedEncryption;
using Keyladder.Keys.Envelopes;
using Keyladder.Keys.Hierarchy;

namespace Keyladder.Keys.Tests.Envelopes;

/// <summary>The file format in memory.</summary>
internal static class Files
{
    private static ReadOnlySpan<byte> FirstLine => "keyladder-file/v1\n"u8;

    public static byte[] Seal(DataEncryptionKey dek, byte[] content)
    {
        var file = new MemoryStream();
        dek.SealFileAsync(new MemoryStream(content), file).GetAwaiter().GetResult();
        return file.ToArray();
    }

    /// <exception cref="OpenFailedException">As the roles throw it.</exception>
    public static byte[] Open(DataEncryptionKey dek, byte[] file)
    {
        var read = SealedFile.TryReadAsync(new MemoryStream(file)).GetAwaiter().GetResult();
        Assert.NotNull(read);
        var content = new MemoryStream();
        using var opened = dek.OpenFile(read);
        opened.CopyTo(content);
        return content.ToArray();
    }

    public static byte[] Envelope(byte[] file)
    {
        Assert.True(file.AsSpan().StartsWith(FirstLine));
        return file[FirstLine.Length..];
    }

    public static byte[] WithFirstLine(byte[] envelope) => [.. FirstLine, .. envelope];
}
