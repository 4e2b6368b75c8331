using System.Numerics;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Keyladder.Cryptography.Signing;

namespace Keyladder.Cryptography.Tests.Signing;

/// <summary>Arithmetic in the group of Ed25519, for signatures that an honest signer never makes.</summary>
internal static partial class LibsodiumGroup
{
    /// <summary>The order of the base point, RFC 8032 section 5.1.</summary>
    private static readonly BigInteger Order = (BigInteger.One << 252) + BigInteger.Parse("27742317777372353535851937790883648493", null);

    /// <summary>y of a point of order 8; the other six of small order are 0, ±1 and the signs.</summary>
    private const string OrderEight = "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa";

    /// <summary>Every encoding of a point of small order, the non-canonical ones included.</summary>
    public static IEnumerable<byte[]> SmallOrder()
    {
        var p = (BigInteger.One << 255) - 19;
        var eight = new BigInteger(Convert.FromHexString(OrderEight), isUnsigned: true) & ((BigInteger.One << 255) - 1);
        foreach (var y in new[] { BigInteger.Zero, BigInteger.One, p - 1, eight, p - eight, p, p + 1 })
        {
            yield return Bytes(y);
            yield return Bytes(y | (BigInteger.One << 255));
        }
    }

    public static byte[] Neutral() => Bytes(BigInteger.One);

    public static byte[] PointOfOrderEight() => Convert.FromHexString(OrderEight);

    public static byte[] Add(ReadOnlySpan<byte> p, ReadOnlySpan<byte> q)
    {
        var sum = new byte[32];
        Assert.Equal(0, crypto_core_ed25519_add(sum, p, q));
        return sum;
    }

    /// <summary>A signature whose commitment is r·B plus a point of the signer's choice; r = 0 leaves that point alone.</summary>
    public static byte[] SignWith(Ed25519PrivateKey key, ReadOnlySpan<byte> data, int r, byte[] added)
    {
        var commitment = added;
        if (r != 0)
        {
            var multiple = new byte[32];
            Assert.Equal(0, crypto_scalarmult_ed25519_base_noclamp(multiple, Bytes(r)));
            commitment = Add(multiple, added);
        }

        using var seed = key.DangerousExportSeed();
        var expanded = SHA512.HashData(seed.DangerousSpan)[..32];
        expanded[0] &= 248;
        expanded[31] = (byte)((expanded[31] & 127) | 64);
        var challenge = new BigInteger(SHA512.HashData([.. commitment, .. key.PublicKey.Bytes, .. data]), isUnsigned: true);
        var s = (r + (challenge * new BigInteger(expanded, isUnsigned: true))) % Order;
        return [.. commitment, .. Bytes(s)];
    }

    /// <summary>The same signature with S + L instead of S.</summary>
    public static byte[] WithSecondS(byte[] signature) =>
        [.. signature[..32], .. Bytes(new BigInteger(signature.AsSpan(32), isUnsigned: true) + Order)];

    private static byte[] Bytes(BigInteger value)
    {
        var bytes = new byte[32];
        value.TryWriteBytes(bytes, out _, isUnsigned: true);
        return bytes;
    }

    [LibraryImport("libsodium")]
    private static partial int crypto_core_ed25519_add(Span<byte> sum, ReadOnlySpan<byte> p, ReadOnlySpan<byte> q);

    [LibraryImport("libsodium")]
    private static partial int crypto_scalarmult_ed25519_base_noclamp(Span<byte> result, ReadOnlySpan<byte> scalar);
}
