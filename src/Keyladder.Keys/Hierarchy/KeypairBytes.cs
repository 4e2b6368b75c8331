using System.Security.Cryptography;
using Keyladder.Cryptography.ChunkedEncryption;
using Keyladder.Cryptography.Secrets;
using Keyladder.Cryptography.Signing;

namespace Keyladder.Keys.Hierarchy;

/// <summary>The key bytes of a keypair: private half ‖ public half (docs/spec/key-hierarchy.md section 3).</summary>
internal static class KeypairBytes
{
    private const int PrivateSize = Ed25519PrivateKey.SeedSize;

    /// <summary>Of an Ed25519 keypair.</summary>
    public const int Size = PrivateSize + Ed25519PublicKey.Size;

    /// <param name="publicKey">Of the kind; null for a DEK, whose overview opens no keypair.</param>
    public static int SizeFor(PublicKey? publicKey) => PrivateSize + (publicKey?.Bytes.Length ?? 0);

    public static SecretBytes Of(PrivateKey privateKey)
    {
        using var half = privateKey.DangerousExport(PrivateKeyFormat.Raw);
        return SecretBytes.Create(SizeFor(privateKey.PublicKey), (Private: half, privateKey.PublicKey), static (bytes, halves) =>
        {
            halves.Private.DangerousSpan.CopyTo(bytes);
            halves.PublicKey.Bytes.CopyTo(bytes[PrivateSize..]);
        });
    }

    /// <inheritdoc cref="Read(SecretBytes, PublicKey)"/>
    public static Ed25519PrivateKey ReadEd25519(SecretBytes bytes, PublicKey? expected) =>
        expected is Ed25519PublicKey ? (Ed25519PrivateKey)Read(bytes, expected) : throw new OpenFailedException();

    /// <param name="bytes">Of <see cref="SizeFor"/> that key.</param>
    /// <param name="expected">The public half that the overview shows, which decides the kind.</param>
    /// <exception cref="OpenFailedException">
    /// The private half is none, or the public half inside is not the one computed from it, or not the one expected.
    /// </exception>
    public static PrivateKey Read(SecretBytes bytes, PublicKey? expected)
    {
        PrivateKey privateKey;
        try
        {
            privateKey = (expected ?? throw new OpenFailedException()).Type.FromBytes(bytes.DangerousSpan[..PrivateSize]);
        }
        catch (ArgumentException)
        {
            throw new OpenFailedException();
        }

        if (CryptographicOperations.FixedTimeEquals(privateKey.PublicKey.Bytes, bytes.DangerousSpan[PrivateSize..]) && privateKey.PublicKey.Equals(expected))
            return privateKey;
        privateKey.Dispose();
        throw new OpenFailedException();
    }
}
