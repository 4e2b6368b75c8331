using Keyladder.Cryptography.Secrets;

namespace Keyladder.Cryptography.Signing;

/// <summary>The private half of a keypair that signs.</summary>
public abstract class PrivateKey : IDisposable
{
    /// <summary>In bytes, of every kind here.</summary>
    public const int SignatureSize = 64;

    private protected PrivateKey()
    {
    }

    /// <summary>Computed from the private half.</summary>
    public abstract PublicKey PublicKey { get; }

    /// <returns>64 bytes: R ‖ S of RFC 8032, or r ‖ s of ECDSA (RFC 7518 section 3.4).</returns>
    public abstract byte[] Sign(ReadOnlySpan<byte> data);

    /// <summary>The private key in a form that other programs read; the caller disposes of it.</summary>
    public SecretBytes DangerousExport(PrivateKeyFormat format) => PrivateKeyFormats.Write(this, format);

    /// <summary>The 32 bytes that the key is: a seed (RFC 8032) or a scalar, most significant byte first.</summary>
    internal abstract SecretBytes CopyBytes();

    /// <summary>PKCS#8 in DER.</summary>
    internal abstract SecretBytes CopyPkcs8();

    public abstract void Dispose();
}
