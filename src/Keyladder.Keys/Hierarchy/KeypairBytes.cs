using System.Security.Cryptography;
using Keyladder.Cryptography.ChunkedEncryption;
using Keyladder.Cryptography.Secrets;
using Keyladder.Cryptography.Signing;

namespace Keyladder.Keys.Hierarchy;

/// <summary>The key bytes of an Ed25519 keypair: seed ‖ public half (docs/spec/key-hierarchy.md section 3).</summary>
internal static class KeypairBytes
{
    public const int Size = Ed25519PrivateKey.SeedSize + Ed25519PublicKey.Size;

    public static SecretBytes Of(Ed25519PrivateKey privateKey)
    {
        using var seed = privateKey.DangerousExportSeed();
        return SecretBytes.Create(Size, (Seed: seed, privateKey.PublicKey), static (bytes, halves) =>
        {
            halves.Seed.DangerousSpan.CopyTo(bytes);
            halves.PublicKey.Bytes.CopyTo(bytes[Ed25519PrivateKey.SeedSize..]);
        });
    }

    /// <param name="bytes">Of that size.</param>
    /// <exception cref="OpenFailedException">
    /// The public half inside is not the one computed from the seed, or not the one expected.
    /// </exception>
    public static Ed25519PrivateKey Read(SecretBytes bytes, Ed25519PublicKey? expected)
    {
        var privateKey = Ed25519PrivateKey.FromSeed(bytes.DangerousSpan[..Ed25519PrivateKey.SeedSize]);
        if (CryptographicOperations.FixedTimeEquals(privateKey.PublicKey.Bytes, bytes.DangerousSpan[Ed25519PrivateKey.SeedSize..])
            && privateKey.PublicKey.Equals(expected))
            return privateKey;
        privateKey.Dispose();
        throw new OpenFailedException();
    }
}
