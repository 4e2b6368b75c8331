using System.Buffers.Binary;
using System.Security.Cryptography;
using Keyladder.Cryptography.Secrets;

namespace Keyladder.Cryptography.Oprf;

/// <summary>
/// The server's key of an oblivious pseudorandom function: OPRF(ristretto255, SHA-512) of RFC 9497 in mode 0. The client learns one value
/// of the function and nothing of the key; the server learns neither the input nor the value. <see cref="OprfBlinding"/> is the client's side.
/// </summary>
/// <remarks>
/// In this mode nothing proves which key was used. And whoever may ask often learns enough to weaken the key a little (RFC 9497 section
/// 7.2.3): who asks is to be counted.
/// </remarks>
public sealed class OprfKey : IDisposable
{
    /// <summary>Bytes of a key, a scalar.</summary>
    public const int Size = Ristretto255Sha512.ScalarSize;

    /// <summary>Bytes of a blinded element and of an evaluated one.</summary>
    public const int ElementSize = Ristretto255Sha512.ElementSize;

    /// <summary>Bytes of what a key is derived from.</summary>
    public const int SeedSize = Ristretto255Sha512.ScalarSize;

    private readonly SecretBytes scalar;

    private OprfKey(SecretBytes scalar) => this.scalar = scalar;

    /// <summary>GenerateKeyPair of RFC 9497 section 3.2, without the public key, which mode 0 has no use for.</summary>
    public static OprfKey Generate() => new(Ristretto255Sha512.RandomScalar());

    /// <param name="scalar">32 bytes, least significant first, as <see cref="DangerousExport"/> gives them.</param>
    /// <exception cref="ArgumentException">It has another length, is zero, or is not below the order of the group.</exception>
    public static OprfKey FromScalar(ReadOnlySpan<byte> scalar) =>
        Ristretto255Sha512.IsScalar(scalar)
            ? new(SecretBytes.CopyOf(scalar))
            : throw new ArgumentException("An OPRF key has 32 bytes and is a number above zero and below the order.", nameof(scalar));

    /// <summary>DeriveKeyPair of RFC 9497 section 3.2.1: the same key for the same seed and info.</summary>
    /// <param name="seed"><see cref="SeedSize"/> bytes from a cryptographic generator.</param>
    /// <param name="info">What the key is for; public, at most 65,535 bytes, may be empty.</param>
    /// <exception cref="ArgumentException">The seed has another length, or the info is longer.</exception>
    public static OprfKey Derive(ReadOnlySpan<byte> seed, ReadOnlySpan<byte> info)
    {
        if (seed.Length != SeedSize)
            throw new ArgumentException("An OPRF key is derived from 32 bytes.", nameof(seed));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(info.Length, ushort.MaxValue, nameof(info));
        var rest = new byte[sizeof(ushort) + info.Length + 1];
        BinaryPrimitives.WriteUInt16BigEndian(rest, (ushort)info.Length);
        info.CopyTo(rest.AsSpan(sizeof(ushort)));
        for (var counter = 0; counter <= byte.MaxValue; counter++)
        {
            rest[^1] = (byte)counter;
            var scalar = Ristretto255Sha512.HashToKey(seed, rest);
            if (Ristretto255Sha512.IsScalar(scalar.DangerousSpan))
                return new OprfKey(scalar);
            scalar.Dispose();
        }

        throw new CryptographicException("No key can be derived from this seed.");
    }

    /// <summary>Whether the bytes can be evaluated or finalized: an element in its one encoding (RFC 9496 section 4.3.1), and not the identity.</summary>
    public static bool IsElement(ReadOnlySpan<byte> bytes) => Ristretto255Sha512.IsElement(bytes);

    /// <summary>BlindEvaluate of RFC 9497 section 3.3.1.</summary>
    /// <param name="blindedElement">A client's <see cref="OprfBlinding.BlindedElement"/>, from anywhere.</param>
    /// <returns>The evaluated element, <see cref="ElementSize"/> bytes, for the client.</returns>
    /// <exception cref="CryptographicException">It is no element, or the identity.</exception>
    public byte[] BlindEvaluate(ReadOnlySpan<byte> blindedElement)
    {
        var evaluated = new byte[ElementSize];
        var isElement = Ristretto255Sha512.TryMultiply(scalar.DangerousSpan, blindedElement, evaluated);

        // What half a key evaluates to would tell that half.
        scalar.ThrowIfDisposed();
        return isElement ? evaluated : throw Ristretto255Sha512.Refusal();
    }

    /// <summary>A copy of the scalar, for sealing it; the caller disposes of it.</summary>
    public SecretBytes DangerousExport() => SecretBytes.CopyOf(scalar.DangerousSpan);

    /// <summary>Zeroes the key; every later use throws.</summary>
    public void Dispose() => scalar.Dispose();
}
