using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Keyladder.Cryptography.ChunkedEncryption;
using Keyladder.Cryptography.Derivation;
using Keyladder.Cryptography.Secrets;

namespace Keyladder.Cryptography.Tests.ChunkedEncryption;

/// <summary>
/// GCM commits to no key: who knows two of them can make one text that is genuine under both. The header's commitment is what ends that.
/// </summary>
public sealed class KeyCommitmentTests
{
    private static readonly byte[] Context = Fields.Encode("test/v1/thing", 1);

    [Fact]
    public void E01_a_chunk_that_is_genuine_under_two_keys_opens_under_the_one_that_its_header_names()
    {
        using var one = SecretBytes.Generate(32);
        using var other = SecretBytes.Generate(32);
        var salt = RandomNumberGenerator.GetBytes(Cobblestone.SaltLength);
        var (first, second) = (Derive(one, salt), Derive(other, salt));
        var chunk = GenuineUnderBoth(first, second);

        // Control: without a commitment both would read something, and not the same.
        Assert.NotEqual(first.Decrypt(chunk), second.Decrypt(chunk));

        foreach (var (named, commitment, unnamed) in new[] { (one, first.Commitment, other), (other, second.Commitment, one) })
        {
            byte[] header = [Envelope.Version, .. salt, .. commitment];
            using var opening = new OpeningStream(new MemoryStream(chunk), header, named, Context);
            opening.ReadExactly(new byte[32]);
            Assert.Equal(-1, opening.ReadByte());
            Assert.Throws<OpenFailedException>(() => new OpeningStream(new MemoryStream(chunk), header, unnamed, Context));
        }
    }

    [Fact]
    public void E02_of_many_candidates_a_header_made_by_who_knows_them_all_fits_at_most_one()
    {
        var candidates = Enumerable.Range(0, 200).Select(_ => SecretBytes.Generate(32)).ToArray();
        var salt = RandomNumberGenerator.GetBytes(Cobblestone.SaltLength);
        var commitments = candidates.Select(candidate => Derive(candidate, salt).Commitment).ToArray();
        for (var at = 0; at < candidates.Length; at++)
        {
            byte[] header = [Envelope.Version, .. salt, .. commitments[at]];
            Assert.Equal([candidates[at]], candidates.Where(candidate => Envelope.IsSealedUnder(candidate, Context, header)));

            // Of two commitments a half each: fits none.
            commitments[(at + 1) % commitments.Length].AsSpan(16).CopyTo(header.AsSpan(^16));
            Assert.DoesNotContain(candidates, candidate => Envelope.IsSealedUnder(candidate, Context, header));
        }

        Array.ForEach(candidates, candidate => candidate.Dispose());
    }

    // docs/spec/envelopes.md: key ‖ base nonce ‖ commitment.
    private static Derived Derive(SecretBytes key, byte[] salt)
    {
        byte[] info = [.. Encoding.ASCII.GetBytes("c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM\0"), .. salt, .. Context];
        using var derived = HkdfSha512.Expand(key.DangerousSpan, info, 32 + 12 + 32);
        var bytes = derived.DangerousSpan;
        return new Derived(bytes[..32].ToArray(), bytes[32..44].ToArray(), bytes[44..].ToArray());
    }

    // Two blocks and a tag. The tag of C1, C2 is C1·H³ + C2·H² + L·H + S: with a free C1 it is one linear equation for C2 that both agree.
    private static byte[] GenuineUnderBoth(Derived first, Derived second)
    {
        var (h1, h2) = (first.Encrypt(UInt128.Zero), second.Encrypt(UInt128.Zero));
        var (s1, s2) = (first.Encrypt(first.FirstCounter), second.Encrypt(second.FirstCounter));
        var length = (UInt128)(2 * 128);
        var free = BinaryPrimitives.ReadUInt128BigEndian(RandomNumberGenerator.GetBytes(16));
        var solved = Multiply(
            Multiply(free, Power(h1, 3) ^ Power(h2, 3)) ^ Multiply(length, h1 ^ h2) ^ s1 ^ s2,
            Inverse(Power(h1, 2) ^ Power(h2, 2)));
        var tag = Multiply(free, Power(h1, 3)) ^ Multiply(solved, Power(h1, 2)) ^ Multiply(length, h1) ^ s1;
        var chunk = new byte[48];
        BinaryPrimitives.WriteUInt128BigEndian(chunk, free);
        BinaryPrimitives.WriteUInt128BigEndian(chunk.AsSpan(16), solved);
        BinaryPrimitives.WriteUInt128BigEndian(chunk.AsSpan(32), tag);
        return chunk;
    }

    // The field of SP 800-38D section 6.3, whose first bit is the coefficient of 1.
    private static UInt128 Multiply(UInt128 x, UInt128 y)
    {
        var product = UInt128.Zero;
        for (var bit = 127; bit >= 0; bit--)
        {
            if ((x >> bit & 1) == 1)
                product ^= y;
            y = (y & 1) == 1 ? (y >> 1) ^ ((UInt128)0xE1 << 120) : y >> 1;
        }

        return product;
    }

    private static UInt128 Power(UInt128 x, int exponent) => exponent == 1 ? x : Multiply(x, Power(x, exponent - 1));

    // x to the 2^128 - 2.
    private static UInt128 Inverse(UInt128 x)
    {
        var (inverse, square) = ((UInt128)1 << 127, x);
        for (var bit = 1; bit < 128; bit++)
        {
            square = Multiply(square, square);
            inverse = Multiply(inverse, square);
        }

        return inverse;
    }

    private sealed record Derived(byte[] Key, byte[] Nonce, byte[] Commitment)
    {
        public UInt128 FirstCounter => BinaryPrimitives.ReadUInt128BigEndian((byte[])[.. Nonce, 0, 0, 0, 1]);

        public UInt128 Encrypt(UInt128 block)
        {
            var bytes = new byte[16];
            BinaryPrimitives.WriteUInt128BigEndian(bytes, block);
            using var aes = Aes.Create();
            aes.Key = Key;
            return BinaryPrimitives.ReadUInt128BigEndian(aes.EncryptEcb(bytes, PaddingMode.None));
        }

        public byte[] Decrypt(byte[] chunk)
        {
            var plaintext = new byte[chunk.Length - 16];
            using var gcm = new AesGcm(Key, 16);
            gcm.Decrypt(Nonce, chunk.AsSpan(..^16), chunk.AsSpan(^16), plaintext);
            return plaintext;
        }
    }
}
