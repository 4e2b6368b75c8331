using System.Security.Cryptography;
using CsCheck;
using Keyladder.Cryptography.Signing;
using Org.BouncyCastle.Crypto.Agreement;
using Org.BouncyCastle.Crypto.Parameters;

namespace Keyladder.Cryptography.Tests.Signing;

public sealed class X25519Tests
{
    [Fact]
    public void A13_every_Wycheproof_case_is_judged_as_published_and_all_zero_results_are_refused()
    {
        var (agreed, refused) = (0, 0);
        foreach (var (_, test) in PublicVectors.Wycheproof("x25519_test.json"))
        {
            using var key = X25519PrivateKey.FromScalar(test.Hex("private"));
            var (other, expected) = (test.Hex("public"), test.Hex("shared"));
            if (expected.AsSpan().ContainsAnyExcept((byte)0))
            {
                using var shared = key.Agree(other);
                Assert.True(shared.FixedTimeEquals(expected), $"tcId {test.GetProperty("tcId")}: {test.Text("comment")}");
                Assert.True(X25519PrivateKey.IsPublicKey(other));
                agreed++;
            }
            else
            {
                // "acceptable" in the file: RFC 7748 leaves the check to the protocol, and ours asks for it.
                Assert.Equal("acceptable", test.Text("result"));
                Assert.Throws<CryptographicException>(() => key.Agree(other));
                Assert.False(X25519PrivateKey.IsPublicKey(other));
                refused++;
            }
        }

        Assert.Equal(518, agreed + refused);
        Assert.True(refused > 0);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(31)]
    [InlineData(33)]
    public void A_public_key_has_32_bytes(int length)
    {
        using var key = X25519PrivateKey.Generate();
        var other = new byte[length];
        other.AsSpan().Fill(9);
        Assert.False(X25519PrivateKey.IsPublicKey(other));
        Assert.Throws<CryptographicException>(() => key.Agree(other));
    }

    [Fact]
    public void Another_implementation_agrees_on_the_same() =>
        Gen.Select(Gen.Byte.Array[32], Gen.Byte.Array[32]).Sample((ours, theirs) =>
        {
            using var key = X25519PrivateKey.FromScalar(ours);
            var other = new X25519PrivateKeyParameters(theirs);
            var agreement = new X25519Agreement();
            agreement.Init(other);
            var expected = new byte[X25519PrivateKey.Size];
            agreement.CalculateAgreement(new X25519PublicKeyParameters(key.PublicKey), expected);

            using var shared = key.Agree(other.GeneratePublicKey().GetEncoded());
            return shared.FixedTimeEquals(expected);
        });
}
