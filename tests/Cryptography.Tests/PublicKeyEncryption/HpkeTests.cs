using System.Security.Cryptography;
using System.Text.Json;
using Keyladder.Cryptography.ChunkedEncryption;
using Keyladder.Cryptography.PublicKeyEncryption;

namespace Keyladder.Cryptography.Tests.PublicKeyEncryption;

public sealed class HpkeTests
{
    private const ushort ChaCha20Poly1305 = 3;

    [Fact]
    public void X_Wing_makes_the_published_keys_encapsulations_and_secrets()
    {
        var cases = PublicVectors.Read("xwing/test-vectors.json").EnumerateArray().ToList();
        Assert.Equal(3, cases.Count);
        foreach (var test in cases)
        {
            using var key = XWingPrivateKey.FromSeed(test.Hex("seed"));
            Assert.Equal(test.Hex("pk"), key.PublicKey.ToArray());
            var encapsulation = new byte[XWingPrivateKey.EncapsulationSize];
            using var made = XWingPrivateKey.Encapsulate(key.PublicKey, encapsulation, test.Hex("eseed"));
            Assert.Equal(test.Hex("ct"), encapsulation);
            using var found = key.TryDecapsulate(encapsulation);
            Assert.All([made, found!], secret => Assert.Equal(test.Hex("ss"), secret.DangerousSpan.ToArray()));
        }
    }

    [Fact]
    public void The_first_of_the_published_messages_opens_with_the_keys_that_the_schedule_derives()
    {
        var test = PublicVectors.Read("hpke/hpke-pq.json").EnumerateArray()
            .Single(test => (test.GetProperty("kem_id").GetInt32(), test.GetProperty("kdf_id").GetInt32()) == (0x647A, 1));
        using var recipient = XWingPrivateKey.FromSeed(test.Hex("skRm"));
        Assert.Equal(test.Hex("pkRm"), recipient.PublicKey.ToArray());
        var encapsulation = new byte[XWingPrivateKey.EncapsulationSize];
        XWingPrivateKey.Encapsulate(recipient.PublicKey, encapsulation, test.Hex("ikmE")).Dispose();
        Assert.Equal(test.Hex("enc"), encapsulation);
        using var shared = recipient.TryDecapsulate(test.Hex("enc"))!;
        Assert.Equal(test.Hex("shared_secret"), shared.DangerousSpan.ToArray());
        using var keys = new HpkeKeySchedule(shared, test.Hex("info"), ChaCha20Poly1305);
        Assert.Equal(test.Hex("key"), keys.Key.DangerousSpan.ToArray());
        Assert.Equal(test.Hex("base_nonce"), keys.BaseNonce.DangerousSpan.ToArray());

        Assert.SkipUnless(System.Security.Cryptography.ChaCha20Poly1305.IsSupported, "This system has no ChaCha20-Poly1305.");
        using var cipher = new ChaCha20Poly1305(keys.Key.DangerousSpan);
        var first = test.GetProperty("encryptions").EnumerateArray().First();
        var ciphertext = first.Hex("ct");
        var plaintext = new byte[ciphertext.Length - 16];
        cipher.Decrypt(keys.BaseNonce.DangerousSpan, ciphertext.AsSpan(..^16), ciphertext.AsSpan(^16..), plaintext, first.Hex("aad"));
        Assert.Equal(first.Hex("pt"), plaintext);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(5000)]
    public void What_is_sealed_opens_for_its_key_and_its_purpose_alone(int length)
    {
        using var key = XWingPrivateKey.Generate();
        using var other = XWingPrivateKey.Generate();
        var plaintext = RandomNumberGenerator.GetBytes(length);
        var sealedBytes = Hpke.Seal(key.PublicKey, "for this"u8, plaintext);
        Assert.Equal(length + Hpke.Overhead, sealedBytes.Length);

        using var opened = Hpke.Open(key, "for this"u8, sealedBytes);
        Assert.Equal(plaintext, opened.DangerousSpan.ToArray());
        Assert.NotEqual(sealedBytes, Hpke.Seal(key.PublicKey, "for this"u8, plaintext));
        Assert.Throws<OpenFailedException>(() => Hpke.Open(other, "for this"u8, sealedBytes));
        Assert.Throws<OpenFailedException>(() => Hpke.Open(key, "for that"u8, sealedBytes));
    }

    [Fact]
    public void An_altered_byte_or_another_length_opens_nothing()
    {
        using var key = XWingPrivateKey.Generate();
        var sealedBytes = Hpke.Seal(key.PublicKey, [], "a key"u8);
        for (var at = 0; at < sealedBytes.Length; at++)
        {
            var altered = sealedBytes.ToArray();
            altered[at] ^= 0x80;
            Assert.Throws<OpenFailedException>(() => Hpke.Open(key, [], altered));
        }

        for (var length = 0; length < sealedBytes.Length; length += 7)
            Assert.Throws<OpenFailedException>(() => Hpke.Open(key, [], sealedBytes.AsSpan(0, length)));
        Assert.Throws<OpenFailedException>(() => Hpke.Open(key, [], [.. sealedBytes, 0]));
    }

    [Fact]
    public void A_point_of_small_order_in_a_public_key_or_an_encapsulation_is_refused()
    {
        using var key = XWingPrivateKey.Generate();
        var weak = key.PublicKey.ToArray();
        weak.AsSpan(^32..).Clear();
        Assert.Throws<CryptographicException>(() => Hpke.Seal(weak, [], "a key"u8));
        Assert.Throws<CryptographicException>(() => Hpke.Seal(weak.AsSpan(1), [], "a key"u8));
        var sealedBytes = Hpke.Seal(key.PublicKey, [], "a key"u8);
        sealedBytes.AsSpan(XWingPrivateKey.EncapsulationSize - 32, 32).Clear();
        Assert.Throws<OpenFailedException>(() => Hpke.Open(key, [], sealedBytes));
    }

    [Fact]
    public void A_public_key_whose_numbers_are_too_large_is_refused()
    {
        using var key = XWingPrivateKey.Generate();
        var large = key.PublicKey.ToArray();
        large.AsSpan(0, 3).Fill(0xFF); // two numbers of 4095, where FIPS 203 section 7.2 has less than 3329
        Assert.Throws<CryptographicException>(() => Hpke.Seal(large, [], "a key"u8));
    }
}
