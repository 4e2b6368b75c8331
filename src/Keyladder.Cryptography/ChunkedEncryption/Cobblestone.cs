namespace Keyladder.Cryptography.ChunkedEncryption;

/// <summary>The measures of a Cobblestone-256 message (c2sp.org/chunked-encryption): salt, commitment, then the chunks.</summary>
internal static class Cobblestone
{
    public const int KeyLength = Aes256Gcm.KeyLength;
    public const int SaltLength = 24;
    public const int CommitmentLength = 32;
    public const int HeaderLength = SaltLength + CommitmentLength;
    public const int TagLength = Aes256Gcm.TagLength;

    /// <summary>Plaintext of every chunk but the last, which holds less and may be empty.</summary>
    public const int ChunkLength = 16 * 1024;

    public const int SealedChunkLength = ChunkLength + TagLength;

    /// <summary>The construction's bound, 4 PiB of message.</summary>
    public const long MaxChunks = 1L << 38;

    public static long MessageLength(long plaintextLength) =>
        HeaderLength + plaintextLength + (((plaintextLength / ChunkLength) + 1) * TagLength);

    /// <summary>What the chunks of that length hold, if every one is genuine.</summary>
    /// <returns>False for lengths that no message has.</returns>
    public static bool TryPlaintextLength(long chunksLength, out long plaintextLength)
    {
        var (fullChunks, last) = long.DivRem(chunksLength, SealedChunkLength);
        plaintextLength = (fullChunks * ChunkLength) + last - TagLength;
        return last >= TagLength && fullChunks < MaxChunks;
    }
}
