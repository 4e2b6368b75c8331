using System.Diagnostics.CodeAnalysis;

namespace Keyladder.Cryptography.Signing;

/// <summary>
/// The kinds of keys that sign (docs/spec/signed-objects.md): what each is called where keys are described, and how its public keys are
/// read. A key decides the algorithm, never a message.
/// </summary>
public sealed class KeyType
{
    private KeyType(string name, string algorithm, string jwkCurve, byte[] multicodec, EcdsaCurve? curve) =>
        (Name, Algorithm, JwkCurve, Multicodec, Curve) = (name, algorithm, jwkCurve, multicodec, curve);

    /// <summary>RFC 8032. What is used unless another is asked for, and the only kind that signs for an account.</summary>
    public static KeyType Ed25519 { get; } = new("ed25519", "Ed25519", "Ed25519", [0xED, 0x01], curve: null);

    /// <summary>ECDSA with SHA-256 on secp256r1 (FIPS 186-5; ES256 of RFC 7518).</summary>
    public static KeyType P256 { get; } = new("p-256", "ES256", "P-256", [0x80, 0x24], EcdsaCurve.P256);

    /// <summary>ECDSA with SHA-256 on secp256k1 (SEC 2; ES256K of RFC 8812).</summary>
    public static KeyType Secp256k1 { get; } = new("secp256k1", "ES256K", "secp256k1", [0xE7, 0x01], EcdsaCurve.Secp256k1);

    public static IReadOnlyList<KeyType> All { get; } = [Ed25519, P256, Secp256k1];

    /// <summary>As in overviews of keys and on the command line.</summary>
    public string Name { get; }

    /// <summary>The <c>alg</c> of JOSE: fully specified (RFC 9864).</summary>
    public string Algorithm { get; }

    /// <summary>The <c>crv</c> of a JWK.</summary>
    internal string JwkCurve { get; }

    /// <summary>The multicodec of a public key, as a varint.</summary>
    internal ReadOnlyMemory<byte> Multicodec { get; }

    /// <summary>Null for Ed25519.</summary>
    internal EcdsaCurve? Curve { get; }

    public static bool TryParse(string? name, [NotNullWhen(true)] out KeyType? type)
    {
        type = All.FirstOrDefault(known => known.Name == name);
        return type is not null;
    }

    /// <summary>Reads a public key in its one form: 32 bytes of RFC 8032, or a compressed point of 33 bytes (SEC 1 section 2.3.3).</summary>
    public bool TryImport(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out PublicKey? publicKey)
    {
        publicKey = Curve is null
            ? Ed25519PublicKey.TryImport(bytes, out var edwards) ? edwards : null
            : EcdsaPublicKey.TryImport(this, bytes, out var weierstrass) ? weierstrass : null;
        return publicKey is not null;
    }

    public PrivateKey Generate() => Curve is null ? Ed25519PrivateKey.Generate() : EcdsaPrivateKey.Generate(this);

    /// <param name="bytes">What <see cref="PrivateKeyFormat.Raw"/> exports, 32 bytes.</param>
    /// <exception cref="ArgumentException">It is no private key of this kind.</exception>
    internal PrivateKey FromBytes(ReadOnlySpan<byte> bytes) =>
        Curve is null ? Ed25519PrivateKey.FromSeed(bytes) : EcdsaPrivateKey.FromScalar(this, bytes);

    public override string ToString() => Name;
}
