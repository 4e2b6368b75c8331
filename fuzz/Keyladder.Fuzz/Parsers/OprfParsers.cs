using System.Numerics;
using System.Security.Cryptography;
using Keyladder.Cryptography.Oprf;
using Keyladder.Fuzz.Engine;
using Keyladder.Fuzz.Samples;
using static Keyladder.Fuzz.Engine.PropertyException;

namespace Keyladder.Fuzz.Parsers;

/// <summary>Elements of an OPRF (docs/spec/oprf.md), as a server gets them of a client and a client of a server.</summary>
internal static class OprfParsers
{
    private static readonly OprfKey Key = OprfKey.Derive(Fixed.Bytes(OprfKey.SeedSize, 51), "fuzz"u8);
    private static readonly OprfKey InverseOfKey = InverseOf(Key);
    private static readonly OprfBlinding Blinding = BlindedBy(52);

    /// <summary>What a client sends to be evaluated.</summary>
    public static byte[] Element => Blinding.BlindedElement.ToArray();

    public static IReadOnlyList<Parser> All { get; } =
    [
        new("oprf-element", [.. Enumerable.Range(52, 6).Select(first => BlindedBy((byte)first).BlindedElement.ToArray()), Key.BlindEvaluate(Blinding.BlindedElement)], ReadElement)
        {
            Covers = ["OprfKey.IsElement", "Ristretto255Sha512.IsElement", "OprfKey.BlindEvaluate", "OprfBlinding.Finalize"],
        },
    ];

    private static OprfBlinding BlindedBy(byte first)
    {
        using var key = OprfKey.Derive(Fixed.Bytes(OprfKey.SeedSize, first), "blind"u8);
        using var scalar = key.DangerousExport();
        return OprfBlinding.Blind("input"u8, scalar.DangerousSpan);
    }

    private static OprfKey InverseOf(OprfKey key)
    {
        var order = (BigInteger.One << 252) + BigInteger.Parse("27742317777372353535851937790883648493", null);
        using var scalar = key.DangerousExport();
        var inverse = new byte[OprfKey.Size];
        _ = BigInteger.ModPow(new BigInteger(scalar.DangerousSpan, isUnsigned: true), order - 2, order).TryWriteBytes(inverse, out _, isUnsigned: true);
        return OprfKey.FromScalar(inverse);
    }

    private static bool ReadElement(byte[] input)
    {
        if (!OprfKey.IsElement(input))
        {
            Require(IsRefused(() => Key.BlindEvaluate(input)), "A server evaluates elements alone.");
            Require(IsRefused(() => Blinding.Finalize(input).Dispose()), "A client finalizes elements alone.");
            return false;
        }

        var evaluated = Key.BlindEvaluate(input);
        Require(InverseOfKey.BlindEvaluate(evaluated).AsSpan().SequenceEqual(input), "An element has one encoding.");
        using var output = Blinding.Finalize(input);
        using var other = Blinding.Finalize(evaluated);
        Require(!output.FixedTimeEquals(other), "Another element has another output.");
        return true;
    }

    private static bool IsRefused(Action use)
    {
        try
        {
            use();
            return false;
        }
        catch (CryptographicException)
        {
            return true;
        }
    }
}
