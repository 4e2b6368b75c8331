using System.Numerics;
using System.Security.Cryptography;
using System.Text;
using CsCheck;
using Keyladder.Cryptography.Oprf;

namespace Keyladder.Cryptography.Tests.Oprf;

public sealed class OprfTests
{
    /// <summary>RFC 9496 appendix A.3: the elements of the SHA-512 of these texts.</summary>
    private static readonly (string Text, string Element)[] Hashed =
    [
        ("Ristretto is traditionally a short shot of espresso coffee", "3066f82a1a747d45120d1740f14358531a8f04bbffe6a819f86dfe50f44a0a46"),
        ("made with the normal amount of ground coffee but extracted with", "f26e5b6f7d362d2d2a94c5d0e7602cb4773c95a2e5c31a64f133189fa76ed61b"),
        ("about half the amount of water in the same amount of time", "006ccd2a9e6867e6a2c5cea83d3302cc9de128dd2a9a57dd8ee7b9d7ffe02826"),
        ("by using a finer grind.", "f8f0c87cf237953c5890aec3998169005dae3eca1fbb04548c635953c817f92a"),
        ("This produces a concentrated shot of coffee per volume.", "ae81e7dedf20a497e10c304a765c1767a42d6e06029758d2d7e8ef7cc4c41179"),
        ("Just pulling a normal shot short will produce a weaker shot", "e2705652ff9f5e44d3e841bf1c251cf7dddb77d140870d1ab2ed64f1a9ce8628"),
        ("and is not a Ristretto as some believe.", "80bd07262511cdde4863f8a7434cef696750681cb9510eea557088f76d9e5065"),
    ];

    [Fact]
    public void The_published_vectors_give_their_keys_elements_and_outputs()
    {
        var suite = PublicVectors.Read("oprf/allVectors.json").EnumerateArray()
            .Single(suite => (suite.Text("identifier"), suite.GetProperty("mode").GetInt32()) == ("ristretto255-SHA512", 0));
        using var derived = OprfKey.Derive(suite.Hex("seed"), suite.Hex("keyInfo"));
        using var exported = derived.DangerousExport();
        Assert.Equal(suite.Hex("skSm"), exported.DangerousSpan);
        using var key = OprfKey.FromScalar(suite.Hex("skSm"));

        // Batches exist where there is a proof, which mode 0 has none of.
        var vectors = suite.GetProperty("vectors").EnumerateArray().ToList();
        Assert.Equal([1, 1], vectors.Select(vector => vector.GetProperty("Batch").GetInt32()));
        foreach (var vector in vectors)
        {
            using var blinding = OprfBlinding.Blind(vector.Hex("Input"), vector.Hex("Blind"));
            Assert.Equal(vector.Hex("BlindedElement"), blinding.BlindedElement);
            Assert.Equal(vector.Hex("EvaluationElement"), derived.BlindEvaluate(blinding.BlindedElement));
            Assert.Equal(vector.Hex("EvaluationElement"), key.BlindEvaluate(blinding.BlindedElement));
            using var output = blinding.Finalize(vector.Hex("EvaluationElement"));
            Assert.Equal(vector.Hex("Output"), output.DangerousSpan);
            Assert.Equal(vector.Hex("Output"), OprfOracle.Evaluate(OprfOracle.Number(suite.Hex("skSm")), vector.Hex("Input")));
        }
    }

    [Fact]
    public void Uniform_bytes_become_the_published_elements()
    {
        var element = new byte[OprfKey.ElementSize];
        foreach (var (text, expected) in Hashed)
        {
            var uniform = SHA512.HashData(Encoding.ASCII.GetBytes(text));
            Ristretto255Sha512.MapToGroup(uniform, element);
            Assert.Equal(expected, Convert.ToHexStringLower(element));
            Assert.Equal(expected, Convert.ToHexStringLower(OprfOracle.MapToElement(uniform)));
        }
    }

    [Fact]
    public void Blinded_evaluated_and_finalized_any_input_has_the_value_that_the_RFC_computes_without_blinding() =>
        Gen.Select(Gen.Byte.Array[0, 300], Gen.Byte.Array[32], Gen.Byte.Array[0, 40]).Sample(
            (input, seed, info) =>
            {
                using var key = OprfKey.Derive(seed, info);
                using var scalar = key.DangerousExport();
                using var blinding = OprfBlinding.Blind(input);
                using var output = blinding.Finalize(key.BlindEvaluate(blinding.BlindedElement));
                return output.FixedTimeEquals(OprfOracle.Evaluate(OprfOracle.Number(scalar.DangerousSpan), input));
            },
            iter: 60);

    [Fact]
    public void An_input_has_one_value_under_a_key_and_another_blinding_each_time()
    {
        using var key = OprfKey.Generate();
        using var other = OprfKey.Generate();
        using var first = OprfBlinding.Blind("a password"u8);
        using var second = OprfBlinding.Blind("a password"u8);
        Assert.NotEqual(first.BlindedElement.ToArray(), second.BlindedElement.ToArray());

        using var output = first.Finalize(key.BlindEvaluate(first.BlindedElement));
        using var again = second.Finalize(key.BlindEvaluate(second.BlindedElement));
        Assert.Equal(OprfBlinding.OutputSize, output.Length);
        Assert.True(output.FixedTimeEquals(again));

        using var underAnother = second.Finalize(other.BlindEvaluate(second.BlindedElement));
        using var crossed = second.Finalize(key.BlindEvaluate(first.BlindedElement));
        Assert.All([underAnother, crossed], value => Assert.False(output.FixedTimeEquals(value)));
    }

    [Fact]
    public void F09_the_identity_and_what_is_no_canonical_encoding_is_refused_by_both_sides_in_one_way()
    {
        using var key = OprfKey.Generate();
        using var blinding = OprfBlinding.Blind("a password"u8);
        var messages = new HashSet<string>();
        foreach (var (wrong, bytes) in InvalidElements.All())
        {
            Assert.False(OprfKey.IsElement(bytes), wrong);
            Assert.False(OprfOracle.IsElement(bytes), wrong);
            messages.Add(Assert.Throws<CryptographicException>(() => key.BlindEvaluate(bytes)).Message);
            messages.Add(Assert.Throws<CryptographicException>(() => blinding.Finalize(bytes)).Message);
        }

        Assert.Single(messages);
        using var stillThere = blinding.Finalize(key.BlindEvaluate(blinding.BlindedElement));
    }

    [Fact]
    public void F09_a_changed_bit_of_an_element_is_refused_or_leads_to_another_output()
    {
        using var key = OprfKey.Generate();
        using var blinding = OprfBlinding.Blind("a password"u8);
        var (blinded, evaluated) = (blinding.BlindedElement.ToArray(), key.BlindEvaluate(blinding.BlindedElement));
        using var genuine = blinding.Finalize(evaluated);
        var (refused, others) = (0, new HashSet<string> { Convert.ToHexString(genuine.DangerousSpan) });
        for (var bit = 0; bit < 8 * OprfKey.ElementSize; bit++)
        {
            Check(Flip(evaluated, bit), element => element);
            Check(Flip(blinded, bit), element => key.BlindEvaluate(element));
        }

        Assert.Equal(2 * 8 * OprfKey.ElementSize, refused + others.Count - 1);
        Assert.True(refused > 0 && others.Count > 1);

        void Check(byte[] changed, Func<byte[], byte[]> evaluate)
        {
            Assert.Equal(OprfOracle.IsElement(changed), OprfKey.IsElement(changed));
            if (OprfKey.IsElement(changed))
            {
                using var output = blinding.Finalize(evaluate(changed));
                others.Add(Convert.ToHexString(output.DangerousSpan));
                return;
            }

            Assert.Throws<CryptographicException>(() => key.BlindEvaluate(changed));
            Assert.Throws<CryptographicException>(() => blinding.Finalize(changed));
            refused++;
        }
    }

    [Fact]
    public void F09_an_element_of_the_server_s_own_choice_leads_to_another_output_for_each_blinding()
    {
        using var key = OprfKey.Generate();
        using var unrelated = OprfBlinding.Blind("what the server chose"u8);
        var outputs = new HashSet<string>();
        for (var session = 0; session < 20; session++)
        {
            using var blinding = OprfBlinding.Blind("a password"u8);
            using var genuine = blinding.Finalize(key.BlindEvaluate(blinding.BlindedElement));
            using var output = blinding.Finalize(unrelated.BlindedElement);
            using var echoed = blinding.Finalize(blinding.BlindedElement);
            Assert.All([output, echoed], value => Assert.False(genuine.FixedTimeEquals(value)));
            outputs.Add(Convert.ToHexString(output.DangerousSpan));
        }

        Assert.Equal(20, outputs.Count);
    }

    [Fact]
    public void F09_an_input_that_hashes_to_the_identity_has_no_blinded_element()
    {
        // No input is known whose hash is this; the two halves of zeros map to points that add up to the identity.
        var (identity, product) = (new byte[OprfKey.ElementSize], new byte[OprfKey.ElementSize]);
        identity.AsSpan().Fill(0xFF);
        Ristretto255Sha512.MapToGroup(new byte[Ristretto255Sha512.UniformSize], identity);
        Assert.Equal(new byte[OprfKey.ElementSize], identity);
        using var scalar = Ristretto255Sha512.RandomScalar();
        Assert.False(Ristretto255Sha512.TryMultiply(scalar.DangerousSpan, identity, product));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(OprfBlinding.MaxInputLength)]
    public void An_input_of_any_length_up_to_the_greatest_is_taken(int length)
    {
        var input = RandomNumberGenerator.GetBytes(length);
        using var key = OprfKey.Generate();
        using var scalar = key.DangerousExport();
        using var blinding = OprfBlinding.Blind(input);
        using var output = blinding.Finalize(key.BlindEvaluate(blinding.BlindedElement));
        Assert.Equal(OprfOracle.Evaluate(OprfOracle.Number(scalar.DangerousSpan), input), output.DangerousSpan);
    }

    [Fact]
    public void A_longer_input_or_info_and_a_seed_of_another_length_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => OprfBlinding.Blind(new byte[OprfBlinding.MaxInputLength + 1]));
        Assert.Throws<ArgumentOutOfRangeException>(() => OprfKey.Derive(new byte[OprfKey.SeedSize], new byte[ushort.MaxValue + 1]));
        Assert.Throws<ArgumentException>(() => OprfKey.Derive(new byte[OprfKey.SeedSize - 1], []));
        Assert.Throws<ArgumentException>(() => OprfKey.Derive(new byte[OprfKey.SeedSize + 1], []));
        OprfKey.Derive(new byte[OprfKey.SeedSize], new byte[ushort.MaxValue]).Dispose();
    }

    [Fact]
    public void A_key_is_a_number_above_zero_and_below_the_order()
    {
        foreach (var number in new[] { BigInteger.One, 2, OprfOracle.Order - 1 })
        {
            using var key = OprfKey.FromScalar(OprfOracle.Bytes(number));
            using var exported = key.DangerousExport();
            Assert.Equal(OprfOracle.Bytes(number), exported.DangerousSpan);
        }

        foreach (var number in new[] { BigInteger.Zero, OprfOracle.Order, OprfOracle.Order + 1, 2 * OprfOracle.Order, (BigInteger.One << 256) - 1 })
            Assert.Throws<ArgumentException>(() => OprfKey.FromScalar(OprfOracle.Bytes(number)));
        Assert.Throws<ArgumentException>(() => OprfKey.FromScalar(OprfOracle.Bytes(1).AsSpan(..31)));
        Assert.Throws<ArgumentException>(() => OprfKey.FromScalar([.. OprfOracle.Bytes(1), 0]));
    }

    [Fact]
    public void A_key_that_was_exported_evaluates_as_before_and_one_that_was_drawn_is_no_other_s()
    {
        using var key = OprfKey.Generate();
        using var exported = key.DangerousExport();
        using var again = OprfKey.FromScalar(exported.DangerousSpan);
        using var blinding = OprfBlinding.Blind("a password"u8);
        Assert.Equal(key.BlindEvaluate(blinding.BlindedElement), again.BlindEvaluate(blinding.BlindedElement));
        using var other = OprfKey.Generate();
        Assert.NotEqual(key.BlindEvaluate(blinding.BlindedElement), other.BlindEvaluate(blinding.BlindedElement));
    }

    [Fact]
    public void What_was_disposed_of_evaluates_and_finalizes_nothing()
    {
        var key = OprfKey.Generate();
        var blinding = OprfBlinding.Blind("a password"u8);
        var evaluated = key.BlindEvaluate(blinding.BlindedElement);
        key.Dispose();
        blinding.Dispose();
        Assert.Throws<ObjectDisposedException>(() => key.BlindEvaluate(blinding.BlindedElement));
        Assert.Throws<ObjectDisposedException>(key.DangerousExport);
        Assert.Throws<ObjectDisposedException>(() => blinding.Finalize(evaluated));
    }

    private static byte[] Flip(byte[] bytes, int bit)
    {
        var changed = bytes.ToArray();
        changed[bit / 8] ^= (byte)(1 << (bit % 8));
        return changed;
    }
}
