using System.Security.Cryptography;
using Keyladder.Cryptography.Derivation;
using Keyladder.Cryptography.Secrets;

namespace Keyladder.Keys.Tests.Envelopes;

/// <summary>Envelopes made from docs/spec/envelopes.md, of what no role would seal.</summary>
internal static class ByHand
{
    private const int ChunkSize = 16_384;

    /// <param name="length">That the content is padded to.</param>
    public static byte[] Seal(SecretBytes key, byte[] context, ReadOnlySpan<byte> content, int length)
    {
        var padded = new byte[length];
        content.CopyTo(padded);
        padded[content.Length] = 0x80;
        var salt = new byte[24];
        byte[] info = [.. "c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM"u8, 0, .. salt, .. context];
        using var derived = HkdfSha512.Expand(key.DangerousSpan, info, 76);
        using var aes = new AesGcm(derived.DangerousSpan[..32], 16);
        List<byte> envelope = [1, .. salt, .. derived.DangerousSpan[44..]];
        for (var number = 0; number * ChunkSize <= padded.Length; number++)
        {
            var part = padded.AsSpan(number * ChunkSize, Math.Min(ChunkSize, padded.Length - (number * ChunkSize)));
            var nonce = derived.DangerousSpan[32..44].ToArray();
            nonce[^1] ^= (byte)number;
            var (ciphertext, tag) = (new byte[part.Length], new byte[16]);
            aes.Encrypt(nonce, part, ciphertext, tag);
            envelope.AddRange([.. ciphertext, .. tag]);
        }

        return [.. envelope];
    }
}
