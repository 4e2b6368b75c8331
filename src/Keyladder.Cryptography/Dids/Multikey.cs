using System.Diagnostics.CodeAnalysis;
using Keyladder.Cryptography.Signing;
using SimpleBase;

namespace Keyladder.Cryptography.Dids;

/// <summary>Public keys as text: <c>z</c>, the multibase letter for base58btc, then the multicodec of the key's kind and the key.</summary>
internal static class Multikey
{
    private const char Base58Btc = 'z';

    // Longer than any key here; base58 takes quadratic time.
    private const int MaxLength = 64;

    // The multicodec of X25519 as a varint; those of keys that sign are with their types.
    private static ReadOnlySpan<byte> X25519 => [0xEC, 0x01];

    public static string Encode(PublicKey key) => Encode(key.Type.Multicodec.Span, key.Bytes);

    public static string EncodeX25519(ReadOnlySpan<byte> key) => Encode(X25519, key);

    /// <param name="text">From anywhere.</param>
    /// <param name="key">The key, if it signs.</param>
    /// <param name="agreementKey">The key, if it is one of X25519.</param>
    /// <returns>False for another multibase, another kind of key, no public key of its kind, and every second way to write the same one.</returns>
    public static bool TryDecode(string text, out PublicKey? key, out byte[]? agreementKey)
    {
        (key, agreementKey) = (null, null);
        Span<byte> decoded = stackalloc byte[MaxLength];
        if (text.Length == 0 || !TryDecodeBase58(text.AsSpan(1), decoded, out var length))
            return false;

        // Writing it again compares the multibase letter too.
        decoded = decoded[..length];
        if (Encode([], decoded) != text)
            return false;
        if (decoded.StartsWith(X25519))
        {
            agreementKey = X25519PrivateKey.IsPublicKey(decoded[X25519.Length..]) ? decoded[X25519.Length..].ToArray() : null;
            return agreementKey is not null;
        }

        foreach (var type in KeyType.All)
        {
            if (decoded.StartsWith(type.Multicodec.Span))
                return type.TryImport(decoded[type.Multicodec.Length..], out key);
        }

        return false;
    }

    /// <summary>A key without the multicodec, as older documents have it.</summary>
    public static bool TryDecodeBase58(KeyType type, string text, [NotNullWhen(true)] out PublicKey? key)
    {
        key = null;
        Span<byte> decoded = stackalloc byte[MaxLength];
        return TryDecodeBase58(text, decoded, out var length) && type.TryImport(decoded[..length], out key);
    }

    // Above 'z' the decoder looks behind the end of its table.
    private static bool TryDecodeBase58(ReadOnlySpan<char> text, Span<byte> decoded, out int length)
    {
        length = 0;
        return text.Length is > 0 and < MaxLength && !text.ContainsAnyExceptInRange('0', 'z') && Base58.Bitcoin.TryDecode(text, decoded, out length);
    }

    private static string Encode(ReadOnlySpan<byte> codec, ReadOnlySpan<byte> key) => Base58Btc + Base58.Bitcoin.Encode([.. codec, .. key]);
}
