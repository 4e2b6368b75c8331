using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using System.Security.Cryptography;
using System.Text;

namespace Keyladder.Cryptography.Tests.Oprf;

/// <summary>
/// The function that an OPRF key computes, written out from RFC 9497, RFC 9380 and RFC 9496 in plain numbers: without libsodium, and without
/// blinding. Slow, and for no secrets.
/// </summary>
internal static class OprfOracle
{
    /// <summary>The order of the group.</summary>
    public static readonly BigInteger Order = (BigInteger.One << 252) + BigInteger.Parse("27742317777372353535851937790883648493", null);

    /// <summary>The prime of the field.</summary>
    public static readonly BigInteger P = (BigInteger.One << 255) - 19;

    private static readonly BigInteger D = Mod(-121665 * Invert(121666));
    private static readonly BigInteger RootOfMinusOne = BigInteger.ModPow(2, (P - 1) / 4, P);
    private static readonly BigInteger OneMinusDSquared = Mod(1 - (D * D));
    private static readonly BigInteger DMinusOneSquared = Mod((D - 1) * (D - 1));
    private static readonly BigInteger InverseRootOfAMinusD = RootOfRatio(1, Mod(-1 - D)).Root;

    // RFC 9496 section 4.1 has the negative one of the two roots of -d - 1.
    private static readonly BigInteger RootOfAdMinusOne = Mod(-RootOfRatio(Mod(-D - 1), 1).Root);

    /// <summary>Evaluate of RFC 9497 section 3.3.1: 64 bytes.</summary>
    public static byte[] Evaluate(BigInteger key, byte[] input)
    {
        var issued = Encode(Multiply(key, MapToGroup(Expand(input, "HashToGroup-OPRFV1-\0-ristretto255-SHA512"))));
        return SHA512.HashData([.. Two(input.Length), .. input, .. Two(issued.Length), .. issued, .. "Finalize"u8]);
    }

    /// <summary>RFC 9496 section 4.3.4 over the two halves.</summary>
    public static byte[] MapToElement(byte[] uniform) => Encode(MapToGroup(uniform));

    /// <summary>Whether RFC 9496 section 4.3.1 decodes it, to something else than the identity.</summary>
    public static bool IsElement(byte[] bytes) => bytes.Length == 32 && TryDecode(bytes, out var point) && !point.X.IsZero;

    /// <summary>32 bytes, least significant first.</summary>
    public static byte[] Bytes(BigInteger number)
    {
        var bytes = new byte[32];
        Assert.True(number.TryWriteBytes(bytes, out _, isUnsigned: true));
        return bytes;
    }

    public static BigInteger Number(ReadOnlySpan<byte> bytes) => new(bytes, isUnsigned: true);

    /// <summary>expand_message_xmd of RFC 9380 section 5.3.1, to 64 bytes.</summary>
    private static byte[] Expand(byte[] message, string tag)
    {
        byte[] suffix = [.. Encoding.ASCII.GetBytes(tag), (byte)tag.Length];
        var first = SHA512.HashData([.. new byte[128], .. message, .. Two(64), 0, .. suffix]);
        return SHA512.HashData([.. first, 1, .. suffix]);
    }

    private static Point MapToGroup(byte[] uniform) => Map(uniform.AsSpan(..32)) + Map(uniform.AsSpan(32..));

    private static Point Map(ReadOnlySpan<byte> half)
    {
        var t = Mod(Number(half) & ((BigInteger.One << 255) - 1));
        var r = Mod(RootOfMinusOne * t * t);
        var u = Mod((r + 1) * OneMinusDSquared);
        var v = Mod((-1 - (r * D)) * (r + D));
        var (isSquare, s) = RootOfRatio(u, v);
        var c = isSquare ? -1 : r;
        if (!isSquare)
            s = Mod(-Absolute(Mod(s * t)));
        var n = Mod((c * (r - 1) * DMinusOneSquared) - v);
        var (w0, w1, w2, w3) = (Mod(2 * s * v), Mod(n * RootOfAdMinusOne), Mod(1 - (s * s)), Mod(1 + (s * s)));
        return new(Mod(w0 * w3), Mod(w2 * w1), Mod(w1 * w3), Mod(w0 * w2));
    }

    private static bool TryDecode(byte[] bytes, [MaybeNullWhen(false)] out Point point)
    {
        point = null;
        var s = Number(bytes);
        if (s >= P || !s.IsEven)
            return false;
        var (u1, u2) = (Mod(1 - (s * s)), Mod(1 + (s * s)));
        var v = Mod(-(D * u1 * u1) - (u2 * u2));
        var (isSquare, root) = RootOfRatio(1, Mod(v * u2 * u2));
        var (denominatorX, denominatorY) = (Mod(root * u2), Mod(root * root * u2 * v));
        var (x, y) = (Absolute(Mod(2 * s * denominatorX)), Mod(u1 * denominatorY));
        point = new Point(x, y, 1, Mod(x * y));
        return isSquare && point.T.IsEven && !y.IsZero;
    }

    private static byte[] Encode(Point point)
    {
        var (x, y, z, t) = point;
        var (u1, u2) = (Mod((z + y) * (z - y)), Mod(x * y));
        var root = RootOfRatio(1, Mod(u1 * u2 * u2)).Root;
        var (first, second) = (Mod(root * u1), Mod(root * u2));
        var inverse = Mod(first * second * t);
        var denominator = second;
        if (!Mod(t * inverse).IsEven)
            (x, y, denominator) = (Mod(y * RootOfMinusOne), Mod(x * RootOfMinusOne), Mod(first * InverseRootOfAMinusD));
        if (!Mod(x * inverse).IsEven)
            y = Mod(-y);
        return Bytes(Absolute(Mod(denominator * (z - y))));
    }

    private static Point Multiply(BigInteger scalar, Point point)
    {
        var product = new Point(0, 1, 1, 0);
        for (var bit = (int)scalar.GetBitLength() - 1; bit >= 0; bit--)
        {
            product += product;
            if (!((scalar >> bit) & 1).IsZero)
                product += point;
        }

        return product;
    }

    /// <summary>SQRT_RATIO_M1, RFC 9496 section 4.2.</summary>
    private static (bool IsSquare, BigInteger Root) RootOfRatio(BigInteger u, BigInteger v)
    {
        var root = Mod(u * BigInteger.ModPow(v, 3, P) * BigInteger.ModPow(u * BigInteger.ModPow(v, 7, P), (P - 5) / 8, P));
        var check = Mod(v * root * root);
        var isSquare = check == Mod(u) || check == Mod(-u);
        if (check == Mod(-u) || check == Mod(-u * RootOfMinusOne))
            root = Mod(root * RootOfMinusOne);
        return (isSquare, Absolute(root));
    }

    // Negative is what is odd (RFC 9496 section 2.1).
    private static BigInteger Absolute(BigInteger number) => number.IsEven ? number : P - number;

    private static BigInteger Invert(BigInteger number) => BigInteger.ModPow(number, P - 2, P);

    private static BigInteger Mod(BigInteger number) => ((number % P) + P) % P;

    private static byte[] Two(int number)
    {
        var bytes = new byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(bytes, (ushort)number);
        return bytes;
    }

    /// <summary>In extended coordinates (RFC 8032 section 5.1.4).</summary>
    private sealed record Point(BigInteger X, BigInteger Y, BigInteger Z, BigInteger T)
    {
        public static Point operator +(Point p, Point q)
        {
            var a = (p.Y - p.X) * (q.Y - q.X);
            var b = (p.Y + p.X) * (q.Y + q.X);
            var c = Mod(2 * D * p.T) * q.T;
            var d = 2 * p.Z * q.Z;
            var (e, f, g, h) = (Mod(b - a), Mod(d - c), Mod(d + c), Mod(b + a));
            return new(Mod(e * f), Mod(g * h), Mod(f * g), Mod(e * h));
        }
    }
}
