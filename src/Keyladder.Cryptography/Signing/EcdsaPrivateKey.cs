using System.Numerics;
using System.Security.Cryptography;
using Keyladder.Cryptography.Secrets;

namespace Keyladder.Cryptography.Signing;

/// <summary>
/// The private half of an ECDSA keypair on P-256 or secp256k1. Signatures are made with the system's randomness, and no two are alike.
/// </summary>
public sealed class EcdsaPrivateKey : PrivateKey
{
    private readonly SecretBytes scalar;
    private readonly EcdsaCurve curve;

    private EcdsaPrivateKey(KeyType type, SecretBytes scalar)
    {
        (this.scalar, curve) = (scalar, EcdsaPublicKey.CurveOf(type));
        using var ecdsa = Load();
        var point = ecdsa.ExportParameters(includePrivateParameters: false).Q;
        PublicKey = curve.TryCompress(point.X, point.Y, out var compressed) && EcdsaPublicKey.TryImport(type, compressed, out var publicKey)
            ? publicKey
            : throw new CryptographicException("The system computed a public key that is none.");
    }

    public override EcdsaPublicKey PublicKey { get; }

    /// <param name="type"><see cref="KeyType.P256"/> or <see cref="KeyType.Secp256k1"/>.</param>
    /// <exception cref="PlatformNotSupportedException">The system's cryptography does not have the curve (secp256k1 on Apple's).</exception>
    public static EcdsaPrivateKey Generate(KeyType type)
    {
        var curve = EcdsaPublicKey.CurveOf(type);
        while (true)
        {
            // Each of the two orders is so close to 2^256 that this is done at the first draw (FIPS 186-5 appendix A.2.2).
            var scalar = SecretBytes.Generate(EcdsaCurve.Size);
            if (curve.IsScalar(scalar.DangerousSpan))
                return Own(type, scalar);
            scalar.Dispose();
        }
    }

    /// <param name="type"><see cref="KeyType.P256"/> or <see cref="KeyType.Secp256k1"/>.</param>
    /// <param name="scalar">32 bytes, most significant first.</param>
    /// <exception cref="ArgumentException">It has another length, is zero, or is not below the order of the group.</exception>
    public static EcdsaPrivateKey FromScalar(KeyType type, ReadOnlySpan<byte> scalar) =>
        scalar.Length == EcdsaCurve.Size && EcdsaPublicKey.CurveOf(type).IsScalar(scalar)
            ? Own(type, SecretBytes.CopyOf(scalar))
            : throw new ArgumentException("An ECDSA private key has 32 bytes and is a number above zero and below the order.", nameof(scalar));

    /// <summary>
    /// ECDSA with SHA-256. Of the two s that verify it is the lower one, which verifiers take that know no other (libsecp256k1).
    /// </summary>
    /// <inheritdoc/>
    public override byte[] Sign(ReadOnlySpan<byte> data)
    {
        using var ecdsa = Load();
        var signature = ecdsa.SignData(data, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        var s = new BigInteger(signature.AsSpan(EcdsaCurve.Size), isUnsigned: true, isBigEndian: true);
        if (s > curve.Order / 2)
            EcdsaCurve.ToBytes(curve.Order - s).CopyTo(signature, EcdsaCurve.Size);
        return signature;
    }

    public override void Dispose() => scalar.Dispose();

    internal override SecretBytes CopyBytes() => SecretBytes.CopyOf(scalar.DangerousSpan);

    internal override SecretBytes CopyPkcs8()
    {
        using var ecdsa = Load();
        var der = ecdsa.ExportPkcs8PrivateKey();
        try
        {
            return SecretBytes.CopyOf(der);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(der);
        }
    }

    private static EcdsaPrivateKey Own(KeyType type, SecretBytes scalar)
    {
        try
        {
            return new EcdsaPrivateKey(type, scalar);
        }
        catch
        {
            scalar.Dispose();
            throw;
        }
    }

    /// <summary>The key in the system's own form, for one use: it is not said that two threads may share one.</summary>
    private ECDsa Load()
    {
        var copy = GC.AllocateArray<byte>(EcdsaCurve.Size, pinned: true);
        try
        {
            scalar.DangerousSpan.CopyTo(copy);
            scalar.ThrowIfDisposed();
            return ECDsa.Create(new ECParameters { Curve = curve.Named, D = copy });
        }
        finally
        {
            CryptographicOperations.ZeroMemory(copy);
        }
    }
}
