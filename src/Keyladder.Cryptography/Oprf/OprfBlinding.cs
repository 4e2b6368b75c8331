using System.Security.Cryptography;
using Keyladder.Cryptography.Interop;
using Keyladder.Cryptography.Secrets;

namespace Keyladder.Cryptography.Oprf;

/// <summary>
/// The client's side of one evaluation of an <see cref="OprfKey"/> (RFC 9497 section 3.3.1): it blinds an input for the server, and makes
/// of the server's answer the value of the function. Each server and each evaluation gets a blinding of its own: one that is shown twice
/// tells that the input was the same.
/// </summary>
public sealed class OprfBlinding : IDisposable
{
    /// <summary>Bytes of an input, at most (RFC 9497 section 5.1).</summary>
    public const int MaxInputLength = ushort.MaxValue;

    /// <summary>Bytes of a value.</summary>
    public const int OutputSize = Ristretto255Sha512.HashSize;

    private readonly SecretBytes input;
    private readonly SecretBytes scalar;
    private readonly byte[] blindedElement;

    private OprfBlinding(SecretBytes input, SecretBytes scalar, byte[] blindedElement) =>
        (this.input, this.scalar, this.blindedElement) = (input, scalar, blindedElement);

    /// <summary><see cref="OprfKey.ElementSize"/> bytes for the server: evenly random, whatever the input.</summary>
    public ReadOnlySpan<byte> BlindedElement => blindedElement;

    /// <summary>Blind.</summary>
    /// <param name="input">Secret, at most <see cref="MaxInputLength"/> bytes; the caller zeroes the original.</param>
    /// <exception cref="ArgumentOutOfRangeException">The input is longer.</exception>
    /// <exception cref="CryptographicException">The input has no value (InvalidInputError of the RFC): its hash is the identity element. None is known.</exception>
    public static OprfBlinding Blind(ReadOnlySpan<byte> input)
    {
        using var scalar = Ristretto255Sha512.RandomScalar();
        return Blind(input, scalar.DangerousSpan);
    }

    /// <summary>
    /// Finalize. In this mode the value is that of whatever key the server used: what is opened with it has to tell a wrong one.
    /// </summary>
    /// <param name="evaluatedElement">The server's answer, from anywhere.</param>
    /// <returns>The value, <see cref="OutputSize"/> bytes, to be disposed of.</returns>
    /// <exception cref="CryptographicException">It is no element, or the identity.</exception>
    public SecretBytes Finalize(ReadOnlySpan<byte> evaluatedElement)
    {
        Span<byte> inverse = stackalloc byte[Ristretto255Sha512.ScalarSize];
        Span<byte> unblinded = stackalloc byte[Ristretto255Sha512.ElementSize];
        try
        {
            _ = Libsodium.crypto_core_ristretto255_scalar_invert(inverse, scalar.DangerousSpan);
            scalar.ThrowIfDisposed();
            return Ristretto255Sha512.TryMultiply(inverse, evaluatedElement, unblinded)
                ? SecretBytes.Create(OutputSize, (ReadOnlySpan<byte>)unblinded, Hash)
                : throw Ristretto255Sha512.Refusal();
        }
        finally
        {
            CryptographicOperations.ZeroMemory(inverse);
            CryptographicOperations.ZeroMemory(unblinded);
        }
    }

    /// <summary>Zeroes the input and the blind; every later use throws.</summary>
    public void Dispose()
    {
        input.Dispose();
        scalar.Dispose();
    }

    /// <inheritdoc cref="Blind(ReadOnlySpan{byte})"/>
    /// <param name="scalar">The blind: 32 bytes, above zero and below the order of the group.</param>
    internal static OprfBlinding Blind(ReadOnlySpan<byte> input, ReadOnlySpan<byte> scalar)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(input.Length, MaxInputLength, nameof(input));
        var blinded = new byte[Ristretto255Sha512.ElementSize];
        Span<byte> hashed = stackalloc byte[Ristretto255Sha512.ElementSize];
        try
        {
            Ristretto255Sha512.HashToGroup(input, hashed);
            return Ristretto255Sha512.TryMultiply(scalar, hashed, blinded)
                ? new OprfBlinding(SecretBytes.CopyOf(input), SecretBytes.CopyOf(scalar), blinded)
                : throw new CryptographicException("The function has no value for this input.");
        }
        finally
        {
            CryptographicOperations.ZeroMemory(hashed);
        }
    }

    private void Hash(Span<byte> output, ReadOnlySpan<byte> unblinded)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA512);
        hash.AppendData([(byte)(input.Length >> 8), (byte)input.Length]);
        hash.AppendData(input.DangerousSpan);
        hash.AppendData([0, Ristretto255Sha512.ElementSize]);
        hash.AppendData(unblinded);
        hash.AppendData("Finalize"u8);
        hash.GetHashAndReset(output);
        input.ThrowIfDisposed();
    }
}
