using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Keyladder.Cryptography.PublicKeyEncryption;

namespace Keyladder.Cryptography.Tests.PublicKeyEncryption;

/// <summary>ML-KEM-768 as libsodium has it beneath X-Wing (FIPS 203), and what an X-Wing key is refused for.</summary>
public sealed partial class MlKemTests
{
    private const int SeedSize = 64;
    private const int PublicKeySize = 1184;
    private const int SecretKeySize = 2400;
    private const int CiphertextSize = 1088;

    [Fact]
    public void Every_Wycheproof_case_is_judged_as_published()
    {
        // A seed, key or ciphertext of another length reaches no function of a library that takes pointers alone.
        var (valid, otherLength) = (0, 0);
        foreach (var (_, test) in PublicVectors.Wycheproof("mlkem_768_test.json"))
        {
            var (seed, ciphertext, expected) = (test.Hex("seed"), test.Hex("c"), test.Text("result"));
            if (seed.Length != SeedSize || ciphertext.Length != CiphertextSize)
            {
                Assert.Equal("invalid", expected);
                otherLength++;
                continue;
            }

            var (publicKey, secretKey, shared) = (new byte[PublicKeySize], new byte[SecretKeySize], new byte[32]);
            Assert.Equal(0, crypto_kem_mlkem768_seed_keypair(publicKey, secretKey, seed));
            Assert.Equal(test.Hex("ek"), publicKey);
            Assert.Equal(0, crypto_kem_mlkem768_dec(shared, ciphertext, secretKey));
            Assert.Equal((test.Hex("K").AsSpan().SequenceEqual(shared), "valid"), (true, expected));
            valid++;
        }

        Assert.Equal((153, 40), (valid, otherLength));
    }

    [Fact]
    public void A13_an_X_Wing_key_whose_part_of_ML_KEM_is_no_encoding_or_whose_point_is_of_small_order_is_refused()
    {
        using var key = XWingPrivateKey.Generate();
        Assert.NotEmpty(Hpke.Seal(key.PublicKey, [], "text"u8));
        for (var at = 0; at < 1152; at += 3)
        {
            // Two coefficients of 12 bits in three bytes, each below 3329 (FIPS 203 section 7.2): here the first is 4095.
            var altered = key.PublicKey.ToArray();
            (altered[at], altered[at + 1]) = (0xFF, (byte)(altered[at + 1] | 0x0F));
            Assert.Throws<CryptographicException>(() => Hpke.Seal(altered, [], "text"u8));
        }

        foreach (byte first in new byte[] { 0, 1 })
        {
            byte[] altered = [.. key.PublicKey[..PublicKeySize], first, .. new byte[31]];
            Assert.Throws<CryptographicException>(() => Hpke.Seal(altered, [], "text"u8));
        }

        Assert.Throws<CryptographicException>(() => Hpke.Seal(key.PublicKey[1..], [], "text"u8));
    }

    [LibraryImport("libsodium")]
    private static partial int crypto_kem_mlkem768_seed_keypair(Span<byte> publicKey, Span<byte> secretKey, ReadOnlySpan<byte> seed);

    [LibraryImport("libsodium")]
    private static partial int crypto_kem_mlkem768_dec(Span<byte> sharedSecret, ReadOnlySpan<byte> ciphertext, ReadOnlySpan<byte> secretKey);
}
