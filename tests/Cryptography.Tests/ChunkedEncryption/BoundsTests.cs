using System.Buffers.Binary;
using System.Security.Cryptography;
using Keyladder.Cryptography.ChunkedEncryption;
using Keyladder.Cryptography.Derivation;
using Keyladder.Cryptography.Secrets;

namespace Keyladder.Cryptography.Tests.ChunkedEncryption;

/// <summary>
/// Attack E04: one key seals more than AES-GCM bears. It never seals by itself: each message has a key of its own, derived with a salt of
/// 24 random bytes, and a message has at most 2^38 chunks, each under its number.
/// </summary>
public sealed class BoundsTests
{
    // NIST SP 800-38D section 8: no more than 2^-32.
    private const double Accepted = -32;

    private static readonly byte[] Context = Fields.Encode("test/v1/thing", 1);

    /// <summary>
    /// For so many messages (their logarithm) of that length under one key, the logarithm of what an attacker gains at most: two messages
    /// with one salt (birthday bound), and AES taken for a random function (σ²/2^129 for σ blocks), for each message anew.
    /// </summary>
    [Theory, InlineData(55, 1L << 25), InlineData(63, 1L << 21), InlineData(72, 1L << 14), InlineData(0, Cobblestone.MaxChunks * Cobblestone.ChunkLength)]
    public void E04_more_messages_than_anyone_seals_stay_within_the_bounds(int messages, long length)
    {
        const double blocksOfChunk = (Cobblestone.ChunkLength / 16) + 2;
        var blocks = Math.Log2(blocksOfChunk) + Math.Log2((double)length / Cobblestone.ChunkLength);
        var sameSalt = (2 * messages) - 1 - (8 * Cobblestone.SaltLength);
        var blockCipher = messages + (2 * blocks) - 129;

        // A hundredth for the two blocks that a chunk has beside its content; the table of C2SP counts without them.
        Assert.InRange(sameSalt, double.NegativeInfinity, Accepted);
        Assert.InRange(blockCipher, double.NegativeInfinity, Accepted + 0.01);
    }

    [Fact]
    public void E04_no_two_messages_share_a_salt_or_an_AES_key_and_all_of_a_salt_is_random()
    {
        const int count = 20_000;
        using var key = SecretBytes.Generate(32);
        var (salts, keys, ones) = (new HashSet<string>(), new HashSet<string>(), new int[8 * Cobblestone.SaltLength]);
        for (var number = 0; number < count; number++)
        {
            var envelope = Envelope.Seal(key, Context, "the same"u8, Padding.Shortest);
            var salt = envelope.AsSpan(1, Cobblestone.SaltLength);
            var (messageKey, _) = Derive(key, salt);
            salts.Add(Convert.ToHexString(salt));
            keys.Add(Convert.ToHexString(messageKey));
            for (var bit = 0; bit < ones.Length; bit++)
                ones[bit] += (salt[bit / 8] >> (bit % 8)) & 1;
        }

        Assert.Equal(count, salts.Count);
        Assert.Equal(count, keys.Count);
        Assert.DoesNotContain(Convert.ToHexString(key.DangerousSpan), keys);
        // Ten standard deviations.
        Assert.All(ones, set => Assert.InRange(set, (count / 2) - 708, (count / 2) + 708));
    }

    [Fact]
    public void E04_each_chunk_is_sealed_under_the_messages_own_key_and_a_nonce_of_its_own()
    {
        using var key = SecretBytes.Generate(32);
        var content = RandomNumberGenerator.GetBytes((3 * Cobblestone.ChunkLength) + 5);
        var envelope = Envelope.Seal(key, Context, content, Padding.None);
        var (messageKey, baseNonce) = Derive(key, envelope.AsSpan(1, Cobblestone.SaltLength));
        using var aes = new AesGcm(messageKey, Cobblestone.TagLength);

        var rest = envelope.AsSpan(Envelope.HeaderLength);
        for (var number = 0L; number < 4; number++)
        {
            var nonce = baseNonce.ToArray();
            var counter = BinaryPrimitives.ReadUInt64BigEndian(nonce.AsSpan(4));
            BinaryPrimitives.WriteUInt64BigEndian(nonce.AsSpan(4), counter ^ (ulong)number);
            var chunk = rest[..Math.Min(rest.Length, Cobblestone.SealedChunkLength)];
            var opened = new byte[chunk.Length - Cobblestone.TagLength];
            aes.Decrypt(nonce, chunk[..opened.Length], chunk[opened.Length..], opened);
            Assert.Equal(content.AsSpan((int)number * Cobblestone.ChunkLength, opened.Length).ToArray(), opened);
            rest = rest[chunk.Length..];
        }

        Assert.True(rest.IsEmpty);
    }

    [Fact]
    public void E04_a_chunk_past_the_bound_is_refused_and_up_to_there_no_number_shares_a_nonce_with_another()
    {
        using var key = SecretBytes.Generate(32);
        var header = new byte[Cobblestone.HeaderLength];
        using var cipher = ChunkCipher.Create(key, Context, header);
        var sealedChunk = new byte[16 + Cobblestone.TagLength];

        foreach (var number in new[] { Cobblestone.MaxChunks, Cobblestone.MaxChunks + 1, long.MaxValue, -1 })
        {
            Assert.Throws<ArgumentOutOfRangeException>(() => cipher.Seal(number, new byte[16], sealedChunk));
            Assert.Throws<ArgumentOutOfRangeException>(() => cipher.TryOpen(number, sealedChunk, new byte[16]));
        }

        // Zeros under one key: what comes out is the same where the nonce is.
        long[] numbers = [.. Enumerable.Range(0, 2_000).Select(number => (long)number), .. Enumerable.Range(11, 27).Select(bit => 1L << bit), Cobblestone.MaxChunks - 1];
        var sealedChunks = numbers.Select(number =>
        {
            cipher.Seal(number, new byte[16], sealedChunk);
            return Convert.ToHexString(sealedChunk.AsSpan(0, 16));
        }).ToHashSet();
        Assert.Equal(numbers.Length, sealedChunks.Count);
    }

    // c2sp.org/chunked-encryption, "Key derivation".
    private static (byte[] Key, byte[] BaseNonce) Derive(SecretBytes key, ReadOnlySpan<byte> salt)
    {
        byte[] info = [.. "c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM\0"u8, .. salt, .. Context];
        using var derived = HkdfSha512.Expand(key.DangerousSpan, info, 32 + 12 + 32);
        return (derived.DangerousSpan[..32].ToArray(), derived.DangerousSpan.Slice(32, 12).ToArray());
    }
}
