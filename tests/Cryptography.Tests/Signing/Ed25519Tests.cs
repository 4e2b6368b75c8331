using CsCheck;
using Keyladder.Cryptography.Signing;
using Org.BouncyCastle.Crypto.Parameters;
using Org.BouncyCastle.Crypto.Signers;

namespace Keyladder.Cryptography.Tests.Signing;

public sealed class Ed25519Tests
{
    [Fact]
    public void E10_every_Wycheproof_case_is_judged_as_published()
    {
        var (valid, invalid) = (0, 0);
        foreach (var (group, test) in PublicVectors.Wycheproof("ed25519_test.json"))
        {
            Assert.True(Ed25519PublicKey.TryImport(group.GetProperty("publicKey").Hex("pk"), out var key));
            var accepted = key.Verify(test.Hex("msg"), test.Hex("sig"));
            Assert.True(accepted == (test.Text("result") == "valid"), $"tcId {test.GetProperty("tcId")}: {test.Text("comment")}");
            _ = accepted ? valid++ : invalid++;
        }

        Assert.Equal((88, 63), (valid, invalid));
    }

    [Fact]
    public void E10_no_encoding_of_a_point_of_small_order_is_a_public_key() =>
        Assert.All(
            LibsodiumGroup.SmallOrder(),
            point => Assert.False(Ed25519PublicKey.TryImport(point, out _), Convert.ToHexString(point)));

    [Fact]
    public void E10_a_public_key_of_mixed_order_is_refused()
    {
        using var key = Ed25519PrivateKey.Generate();
        Assert.False(Ed25519PublicKey.TryImport(LibsodiumGroup.Add(key.PublicKey.Bytes, LibsodiumGroup.PointOfOrderEight()), out _));
    }

    [Fact]
    public void E10_a_commitment_of_small_order_is_refused()
    {
        using var key = Ed25519PrivateKey.Generate();
        foreach (var point in LibsodiumGroup.SmallOrder())
            Assert.False(key.PublicKey.Verify("text"u8, LibsodiumGroup.SignWith(key, "text"u8, 0, point)), Convert.ToHexString(point));
    }

    [Fact]
    public void E10_a_commitment_of_mixed_order_is_refused()
    {
        using var key = Ed25519PrivateKey.Generate();
        Assert.True(key.PublicKey.Verify("text"u8, LibsodiumGroup.SignWith(key, "text"u8, 5, LibsodiumGroup.Neutral())));
        Assert.False(key.PublicKey.Verify("text"u8, LibsodiumGroup.SignWith(key, "text"u8, 5, LibsodiumGroup.PointOfOrderEight())));
    }

    [Fact]
    public void E10_S_above_the_group_order_is_refused()
    {
        using var key = Ed25519PrivateKey.Generate();
        var signature = key.Sign("text"u8);
        Assert.True(key.PublicKey.Verify("text"u8, signature));
        Assert.False(key.PublicKey.Verify("text"u8, LibsodiumGroup.WithSecondS(signature)));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(31)]
    [InlineData(33)]
    public void A_public_key_has_32_bytes(int length) => Assert.False(Ed25519PublicKey.TryImport(new byte[length], out _));

    [Theory]
    [InlineData(31)]
    [InlineData(33)]
    public void A_seed_has_32_bytes(int length) => Assert.Throws<ArgumentException>(() => Ed25519PrivateKey.FromSeed(new byte[length]));

    [Fact]
    public void Every_flipped_bit_ends_a_signature()
    {
        using var key = Ed25519PrivateKey.Generate();
        var signature = key.Sign("text"u8);
        for (var bit = 0; bit < signature.Length * 8; bit++)
        {
            var changed = (byte[])signature.Clone();
            changed[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.False(key.PublicKey.Verify("text"u8, changed), $"bit {bit}");
        }
    }

    [Fact]
    public void E09_another_implementation_makes_the_same_keys_and_signatures() =>
        Gen.Select(Gen.Byte.Array[32], Gen.Byte.Array[0, 300]).Sample((seed, data) =>
        {
            using var key = Ed25519PrivateKey.FromSeed(seed);
            var other = new Ed25519PrivateKeyParameters(seed);
            var signer = new Ed25519Signer();
            signer.Init(true, other);
            signer.BlockUpdate(data);
            var signature = signer.GenerateSignature();

            return key.PublicKey.Bytes.SequenceEqual(other.GeneratePublicKey().GetEncoded())
                && key.Sign(data).AsSpan().SequenceEqual(signature)
                && key.PublicKey.Verify(data, signature);
        });

    [Fact]
    public void Generated_keys_differ_and_come_back_from_their_seed()
    {
        using var key = Ed25519PrivateKey.Generate();
        using var other = Ed25519PrivateKey.Generate();
        Assert.NotEqual(key.PublicKey, other.PublicKey);
        Assert.False(other.PublicKey.Verify("text"u8, key.Sign("text"u8)));

        using var seed = key.DangerousExportSeed();
        using var again = Ed25519PrivateKey.FromSeed(seed.DangerousSpan);
        Assert.Equal(key.PublicKey, again.PublicKey);
        Assert.Equal(key.PublicKey.GetHashCode(), again.PublicKey.GetHashCode());
    }

    [Fact]
    public void A_disposed_key_signs_nothing()
    {
        var key = Ed25519PrivateKey.Generate();
        key.Dispose();
        Assert.Throws<ObjectDisposedException>(() => key.Sign("text"u8));
        Assert.Throws<ObjectDisposedException>(key.DangerousExportSeed);
    }
}
