using System.Numerics;
using System.Security.Cryptography;
using CsCheck;
using Keyladder.Cryptography.Signing;
using Org.BouncyCastle.Crypto.Parameters;
using Org.BouncyCastle.Crypto.Signers;
using BigInteger = System.Numerics.BigInteger;

namespace Keyladder.Cryptography.Tests.Signing;

public sealed class EcdsaTests
{
    private static readonly (KeyType Type, string File, string BouncyCastle)[] Curves =
    [
        (KeyType.P256, "ecdsa_secp256r1_sha256_p1363_test.json", "secp256r1"),
        (KeyType.Secp256k1, "ecdsa_secp256k1_sha256_p1363_test.json", "secp256k1"),
    ];

    public static TheoryData<string> Types() => [.. Curves.Select(curve => curve.Type.Name)];

    [Theory]
    [InlineData("p-256", 173, 89)]
    [InlineData("secp256k1", 167, 85)]
    public void Every_Wycheproof_case_is_judged_as_published(string name, int expectedValid, int expectedInvalid)
    {
        var (type, file, _) = Curves.Single(curve => curve.Type.Name == name);
        var (valid, invalid) = (0, 0);
        foreach (var (group, test) in PublicVectors.Wycheproof(file))
        {
            Assert.True(EcdsaPublicKey.TryImport(type, Compressed(group.GetProperty("publicKey").Hex("uncompressed")), out var key));
            var accepted = key.Verify(test.Hex("msg"), test.Hex("sig"));
            Assert.True(accepted == (test.Text("result") == "valid"), $"tcId {test.GetProperty("tcId")}: {test.Text("comment")}");
            _ = accepted ? valid++ : invalid++;
        }

        Assert.Equal((expectedValid, expectedInvalid), (valid, invalid));
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void What_is_signed_verifies_here_and_elsewhere_and_only_so(string name)
    {
        var (type, _, other) = Curves.Single(curve => curve.Type.Name == name);
        var domain = Org.BouncyCastle.Asn1.X9.ECNamedCurveTable.GetByName(other);
        var parameters = new ECDomainParameters(domain.Curve, domain.G, domain.N, domain.H);
        Gen.Byte.Array[0, 100].Sample(
            data =>
            {
                using var key = EcdsaPrivateKey.Generate(type);
                var signature = key.Sign(data);
                var verifier = new ECDsaSigner();
                verifier.Init(forSigning: false, new ECPublicKeyParameters(domain.Curve.DecodePoint(key.PublicKey.Bytes.ToArray()), parameters));
                var (r, s) = (new Org.BouncyCastle.Math.BigInteger(1, signature[..32]), new Org.BouncyCastle.Math.BigInteger(1, signature[32..]));
                signature[^1] ^= 1;
                return verifier.VerifySignature(SHA256.HashData(data), r, s)
                    && !key.PublicKey.Verify(data, signature)
                    && key.PublicKey.Verify(data, key.Sign(data))
                    && !key.PublicKey.Verify([.. data, 0], key.Sign(data));
            },
            iter: 20);
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void Of_the_two_that_verify_the_signature_with_the_lower_s_is_made(string name)
    {
        Assert.True(KeyType.TryParse(name, out var type));
        using var key = EcdsaPrivateKey.Generate(type);
        var order = type.Curve!.Order;
        for (var i = 0; i < 32; i++)
        {
            byte[] data = [(byte)i];
            var signature = key.Sign(data);
            var s = new BigInteger(signature.AsSpan(32), isUnsigned: true, isBigEndian: true);
            Assert.True(s <= order / 2);
            Assert.True(key.PublicKey.Verify(data, [.. signature[..32], .. EcdsaCurve.ToBytes(order - s)]), "A verifier takes both.");
        }
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void A13_a_point_off_the_curve_and_every_other_form_of_one_on_it_is_refused(string name)
    {
        Assert.True(KeyType.TryParse(name, out var type));
        using var key = EcdsaPrivateKey.Generate(type);
        var own = key.PublicKey.Bytes.ToArray();
        Assert.True(type.TryImport(own, out var read));
        Assert.Equal(key.PublicKey, read);
        var (x, y) = key.PublicKey.Coordinates;
        byte[][] refused = [[], [0], own[1..], own[..^1], [.. own, 0], [4, .. own[1..]], [0, .. own[1..]], [4, .. x, .. y], [6, .. x, .. y], [2, .. Enumerable.Repeat((byte)0xFF, 32)]];
        Assert.All(refused, bytes => Assert.False(type.TryImport(bytes, out _), Convert.ToHexString(bytes)));

        // Of the numbers that x can be about half belong to no point.
        var off = 0;
        for (var i = 0; i < 256; i++)
        {
            byte[] bytes = [2, .. SHA256.HashData([(byte)i])];
            if (!type.TryImport(bytes, out var point))
                off++;
            else
                Assert.True(type.Curve!.TryCompress(((EcdsaPublicKey)point).Coordinates.X, ((EcdsaPublicKey)point).Coordinates.Y, out var again) && again.AsSpan().SequenceEqual(bytes));
        }

        Assert.InRange(off, 64, 192);
        y[^1] ^= 1;
        Assert.False(type.Curve!.TryCompress(x, y, out _));
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void A_private_key_is_a_number_above_zero_and_below_the_order(string name)
    {
        Assert.True(KeyType.TryParse(name, out var type));
        var order = type.Curve!.Order;
        foreach (var scalar in new[] { BigInteger.Zero, order, order + 1, (BigInteger.One << 256) - 1 })
            Assert.Throws<ArgumentException>(() => EcdsaPrivateKey.FromScalar(type, EcdsaCurve.ToBytes(scalar)));
        Assert.Throws<ArgumentException>(() => EcdsaPrivateKey.FromScalar(type, new byte[31]));
        foreach (var scalar in new[] { BigInteger.One, 255, 256, order / 2, order - 1 })
        {
            using var key = EcdsaPrivateKey.FromScalar(type, EcdsaCurve.ToBytes(scalar));
            Assert.True(key.PublicKey.Verify("text"u8, key.Sign("text"u8)));
        }

        Assert.Throws<ArgumentException>(() => EcdsaPrivateKey.Generate(KeyType.Ed25519));
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void Keys_of_two_curves_are_never_equal_and_verify_nothing_of_each_other(string name)
    {
        Assert.True(KeyType.TryParse(name, out var type));
        using var key = EcdsaPrivateKey.Generate(type);
        using var other = EcdsaPrivateKey.FromScalar(type == KeyType.P256 ? KeyType.Secp256k1 : KeyType.P256, key.DangerousExport(PrivateKeyFormat.Raw).DangerousSpan);
        Assert.NotEqual<PublicKey>(key.PublicKey, other.PublicKey);
        Assert.False(other.PublicKey.Verify("text"u8, key.Sign("text"u8)));
    }

    [Fact]
    public void A_disposed_key_signs_nothing()
    {
        var key = EcdsaPrivateKey.Generate(KeyType.P256);
        key.Dispose();
        Assert.Throws<ObjectDisposedException>(() => key.Sign("text"u8));
        Assert.Throws<ObjectDisposedException>(() => key.DangerousExport(PrivateKeyFormat.Jwk));
    }

    private static byte[] Compressed(byte[] uncompressed) => [(byte)(2 + (uncompressed[^1] & 1)), .. uncompressed[1..33]];
}
