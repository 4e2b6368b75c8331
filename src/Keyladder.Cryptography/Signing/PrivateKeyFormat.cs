using System.Buffers;
using System.Buffers.Text;
using Keyladder.Cryptography.Secrets;

namespace Keyladder.Cryptography.Signing;

/// <summary>The forms in which other programs read a private key.</summary>
public enum PrivateKeyFormat
{
    /// <summary>The 32 bytes: the seed of RFC 8032, or the scalar of ECDSA, most significant byte first.</summary>
    Raw,

    /// <summary>JSON Web Key (RFC 7517; RFC 7518 section 6.2, RFC 8037, RFC 8812), UTF-8.</summary>
    Jwk,

    /// <summary>PKCS#8 (RFC 5958; RFC 8410 for Ed25519) as PEM (RFC 7468), ASCII.</summary>
    Pkcs8,
}

/// <summary>Writes them, in memory that is zeroed.</summary>
internal static class PrivateKeyFormats
{
    private const int PemLine = 64;

    private static ReadOnlySpan<byte> PemOpen => "-----BEGIN PRIVATE KEY-----\n"u8;

    private static ReadOnlySpan<byte> PemClose => "-----END PRIVATE KEY-----\n"u8;

    public static SecretBytes Write(PrivateKey key, PrivateKeyFormat format)
    {
        switch (format)
        {
            case PrivateKeyFormat.Raw:
                return key.CopyBytes();
            case PrivateKeyFormat.Jwk:
                using (var bytes = key.CopyBytes())
                    return ToJwk(key.PublicKey, bytes);
            case PrivateKeyFormat.Pkcs8:
                using (var der = key.CopyPkcs8())
                    return ToPem(der);
            default:
                throw new ArgumentOutOfRangeException(nameof(format));
        }
    }

    private static SecretBytes ToJwk(PublicKey publicKey, SecretBytes bytes)
    {
        // The public members, then the private one before the closing brace.
        var open = Jwk.Of(publicKey).ToUtf8Json()[..^1];
        var length = open.Length + ",\"d\":\"\"}"u8.Length + Base64Url.GetEncodedLength(bytes.Length);
        return SecretBytes.Create(length, (Open: open, Bytes: bytes), static (json, parts) =>
        {
            var writer = new Filling(json);
            writer.Add(parts.Open);
            writer.Add(",\"d\":\""u8);
            _ = Base64Url.EncodeToUtf8(parts.Bytes.DangerousSpan, writer.Rest, out _, out var written);
            writer.Skip(written);
            writer.Add("\"}"u8);
        });
    }

    private static SecretBytes ToPem(SecretBytes der)
    {
        var text = Base64.GetMaxEncodedToUtf8Length(der.Length);
        var lines = (text + PemLine - 1) / PemLine;
        using var base64 = SecretBytes.Create(text, der.DangerousSpan, static (text, der) => _ = Base64.EncodeToUtf8(der, text, out _, out _));
        return SecretBytes.Create(PemOpen.Length + text + lines + PemClose.Length, base64.DangerousSpan, static (pem, text) =>
        {
            var writer = new Filling(pem);
            writer.Add(PemOpen);
            for (var at = 0; at < text.Length; at += PemLine)
            {
                writer.Add(text[at..Math.Min(at + PemLine, text.Length)]);
                writer.Add("\n"u8);
            }

            writer.Add(PemClose);
        });
    }

    private ref struct Filling(Span<byte> memory)
    {
        public Span<byte> Rest { get; private set; } = memory;

        public void Add(ReadOnlySpan<byte> bytes)
        {
            bytes.CopyTo(Rest);
            Skip(bytes.Length);
        }

        public void Skip(int length) => Rest = Rest[length..];
    }
}
