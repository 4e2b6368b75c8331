using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Numerics;
using System.Security.Cryptography;

namespace Keyladder.Cryptography.Signing;

/// <summary>
/// The curves y² = x³ + ax + b of cofactor 1 that ECDSA is used with here, and what the platform does not do with their points: find y
/// from a compressed point, and check it. Public values only; every arithmetic on a secret is the platform's.
/// </summary>
internal sealed class EcdsaCurve
{
    /// <summary>Bytes of a coordinate, a scalar, r and s.</summary>
    public const int Size = 32;

    private const byte EvenY = 2;
    private const byte OddY = 3;

    private readonly BigInteger prime;
    private readonly BigInteger a;
    private readonly BigInteger b;
    private readonly byte[] orderBytes;

    private EcdsaCurve(string oid, string prime, int a, string b, string order)
    {
        Named = ECCurve.CreateFromValue(oid);
        (this.prime, this.a, this.b, Order) = (Hex(prime), a, Hex(b), Hex(order));
        orderBytes = ToBytes(Order);

        static BigInteger Hex(string digits) => BigInteger.Parse("0" + digits, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
    }

    /// <summary>secp256r1, SEC 2 section 2.4.2.</summary>
    public static EcdsaCurve P256 { get; } = new(
        "1.2.840.10045.3.1.7",
        "FFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFF",
        -3,
        "5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B",
        "FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551");

    /// <summary>secp256k1, SEC 2 section 2.4.1.</summary>
    public static EcdsaCurve Secp256k1 { get; } = new(
        "1.3.132.0.10",
        "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEFFFFFC2F",
        0,
        "7",
        "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141");

    /// <summary>By its object identifier.</summary>
    public ECCurve Named { get; }

    /// <summary>Of the base point; a prime.</summary>
    public BigInteger Order { get; }

    public static byte[] ToBytes(BigInteger value)
    {
        var bytes = new byte[Size];
        _ = value.TryWriteBytes(bytes.AsSpan(Size - value.GetByteCount(isUnsigned: true)), out _, isUnsigned: true, isBigEndian: true);
        return bytes;
    }

    /// <param name="compressed">From anywhere.</param>
    /// <returns>False where it is not the compressed form of a point on the curve: 33 bytes, x below the prime, a y there is.</returns>
    public bool TryDecompress(ReadOnlySpan<byte> compressed, out ECPoint point)
    {
        point = default;
        if (compressed.Length != 1 + Size || compressed[0] is not (EvenY or OddY))
            return false;
        var x = new BigInteger(compressed[1..], isUnsigned: true, isBigEndian: true);
        if (x >= prime)
            return false;

        // Both primes are 3 modulo 4: if there is a root, this is one (SEC 1 section 2.3.4). None is zero, for the order is odd.
        var square = Square(x);
        var y = BigInteger.ModPow(square, (prime + 1) / 4, prime);
        if (y * y % prime != square)
            return false;
        if (y.IsEven != (compressed[0] == EvenY))
            y = prime - y;
        point = new ECPoint { X = compressed[1..].ToArray(), Y = ToBytes(y) };
        return true;
    }

    /// <param name="x">From anywhere.</param>
    /// <param name="y">Likewise.</param>
    /// <param name="compressed">33 bytes.</param>
    /// <returns>False where these are not 32 bytes each, below the prime, of a point on the curve.</returns>
    public bool TryCompress(ReadOnlySpan<byte> x, ReadOnlySpan<byte> y, [NotNullWhen(true)] out byte[]? compressed)
    {
        compressed = null;
        if (x.Length != Size || y.Length != Size)
            return false;
        var (left, right) = (new BigInteger(y, isUnsigned: true, isBigEndian: true), new BigInteger(x, isUnsigned: true, isBigEndian: true));
        if (left >= prime || right >= prime || left * left % prime != Square(right))
            return false;
        compressed = [left.IsEven ? EvenY : OddY, .. x];
        return true;
    }

    /// <summary>Whether 32 bytes are a private key: above zero, below the order. Takes the same time for all.</summary>
    public bool IsScalar(ReadOnlySpan<byte> scalar)
    {
        var (borrow, any) = (0, 0);
        for (var i = Size - 1; i >= 0; i--)
        {
            borrow = (scalar[i] - orderBytes[i] - borrow) >> 31 & 1;
            any |= scalar[i];
        }

        return (borrow & (any != 0 ? 1 : 0)) == 1;
    }

    private BigInteger Square(BigInteger x)
    {
        var square = ((BigInteger.ModPow(x, 3, prime) + (a * x) + b) % prime);
        return square.Sign < 0 ? square + prime : square;
    }
}
