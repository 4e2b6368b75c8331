using System.Security.Cryptography;
using Keyladder.Cryptography.Derivation;

namespace Keyladder.Cryptography.Tests.Derivation;

public sealed class HkdfSha512Tests
{
    [Fact]
    public void All_83_public_vectors_give_what_they_say()
    {
        var seen = 0;
        foreach (var (_, theCase) in PublicVectors.Wycheproof("hkdf_sha512_test.json"))
        {
            var size = theCase.GetProperty("size").GetInt32();
            if (theCase.Text("result") == "valid")
            {
                using var derived = HkdfSha512.DeriveKey(theCase.Hex("ikm"), theCase.Hex("salt"), theCase.Hex("info"), size);
                Assert.Equal(theCase.Hex("okm"), derived.DangerousSpan);
            }
            else
            {
                Assert.Throws<ArgumentOutOfRangeException>(() =>
                    HkdfSha512.DeriveKey(theCase.Hex("ikm"), theCase.Hex("salt"), theCase.Hex("info"), size));
            }

            seen++;
        }

        Assert.Equal(83, seen);
    }

    [Fact]
    public void All_174_public_vectors_of_the_HMAC_below_give_what_they_say()
    {
        var seen = 0;
        foreach (var (group, theCase) in PublicVectors.Wycheproof("hmac_sha512_test.json"))
        {
            var tag = HMACSHA512.HashData(theCase.Hex("key"), theCase.Hex("msg"));
            var length = group.GetProperty("tagSize").GetInt32() / 8;
            Assert.Equal(theCase.Text("result") == "valid", tag.AsSpan(0, length).SequenceEqual(theCase.Hex("tag")));
            seen++;
        }

        Assert.Equal(174, seen);
    }

    [Fact]
    public void The_longest_output_is_accepted_and_one_more_byte_is_refused()
    {
        using var longest = HkdfSha512.Expand(new byte[32], default, HkdfSha512.MaxOutputLength);
        Assert.Equal(16_320, longest.Length);
        Assert.Throws<ArgumentOutOfRangeException>(() => HkdfSha512.Expand(new byte[32], default, HkdfSha512.MaxOutputLength + 1));
    }

    [Fact]
    public void An_info_longer_than_the_stack_buffer_derives_the_same_as_the_formula()
    {
        var info = RandomNumberGenerator.GetBytes(5_000);
        var key = RandomNumberGenerator.GetBytes(32);
        byte[] firstInput = [.. info, 1];
        var first = HMACSHA512.HashData(key, firstInput);
        byte[] secondInput = [.. first, .. info, 2];
        var second = HMACSHA512.HashData(key, secondInput);

        using var derived = HkdfSha512.Expand(key, info, 100);
        Assert.Equal([.. first, .. second[..36]], derived.DangerousSpan);
    }
}
