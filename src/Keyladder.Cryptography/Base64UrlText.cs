using System.Buffers;
using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;

namespace Keyladder.Cryptography;

/// <summary>The <c>b64u</c> of docs/spec/README.md (RFC 4648 section 5): exactly one text per byte string.</summary>
public static class Base64UrlText
{
    /// <summary>RFC 4648 section 5, without padding.</summary>
    public static string Encode(ReadOnlySpan<byte> bytes) => Base64Url.EncodeToString(bytes);

    /// <returns>False for padding, white space, other alphabets, impossible lengths and trailing bits that are not zero.</returns>
    public static bool TryDecode(ReadOnlySpan<char> text, [NotNullWhen(true)] out byte[]? bytes)
    {
        bytes = null;
        if (!Base64Url.IsValid(text, out var length))
            return false;

        // Not TryDecodeFromChars, which throws for trailing bits.
        var decoded = new byte[length];
        if (Base64Url.DecodeFromChars(text, decoded, out _, out var written) != OperationStatus.Done || written != length)
            return false;

        // The framework forgives padding and white space; encoding again does not.
        if (!text.SequenceEqual(Base64Url.EncodeToString(decoded)))
            return false;

        bytes = decoded;
        return true;
    }
}
