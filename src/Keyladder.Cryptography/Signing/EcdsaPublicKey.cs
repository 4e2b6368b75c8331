using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace Keyladder.Cryptography.Signing;

/// <summary>The public half of an ECDSA keypair on P-256 or secp256k1: a point that is known to be on its curve.</summary>
/// <remarks>Both curves have the cofactor 1: every point on them but the one at infinity, which has no such encoding, is of the group's order.</remarks>
public sealed class EcdsaPublicKey : PublicKey
{
    private readonly ECPoint point;

    private EcdsaPublicKey(KeyType type, ReadOnlySpan<byte> compressed, ECPoint point)
        : base(type, compressed) => this.point = point;

    /// <summary>The affine coordinates, 32 bytes each, most significant byte first.</summary>
    internal (byte[] X, byte[] Y) Coordinates => (point.X!, point.Y!);

    /// <param name="type"><see cref="KeyType.P256"/> or <see cref="KeyType.Secp256k1"/>.</param>
    /// <param name="compressed">33 bytes, SEC 1 section 2.3.3.</param>
    /// <param name="publicKey">Null where it is refused.</param>
    /// <returns>False for another length or form, and for a point off the curve.</returns>
    public static bool TryImport(KeyType type, ReadOnlySpan<byte> compressed, [NotNullWhen(true)] out EcdsaPublicKey? publicKey)
    {
        publicKey = CurveOf(type).TryDecompress(compressed, out var point) ? new EcdsaPublicKey(type, compressed, point) : null;
        return publicKey is not null;
    }

    /// <summary>
    /// ECDSA with SHA-256 over r ‖ s. Both of the two s that verify are taken: neither RFC 7518 section 3.4 nor RFC 8812 section 3.2 asks
    /// for the lower one, and nothing here depends on there being one signature.
    /// </summary>
    /// <inheritdoc/>
    /// <exception cref="PlatformNotSupportedException">The system's cryptography does not have the curve (secp256k1 on Apple's).</exception>
    public override bool Verify(ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature)
    {
        if (signature.Length != PrivateKey.SignatureSize)
            return false;
        using var ecdsa = ECDsa.Create(new ECParameters { Curve = Type.Curve!.Named, Q = point });
        return ecdsa.VerifyData(data, signature, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
    }

    internal static EcdsaCurve CurveOf(KeyType type)
    {
        ArgumentNullException.ThrowIfNull(type);
        return type.Curve ?? throw new ArgumentException("ECDSA has another kind of keys.", nameof(type));
    }
}
