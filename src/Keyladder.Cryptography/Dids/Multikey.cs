using System.Diagnostics.CodeAnalysis;
using SimpleBase;

namespace Keyladder.Cryptography.Dids;

/// <summary>Public keys as text: <c>z</c>, the multibase letter for base58btc, then the multicodec of the key's kind and the key.</summary>
internal static class Multikey
{
    private const char Base58Btc = 'z';

    // Longer than any key here; base58 takes quadratic time.
    private const int MaxLength = 64;

    // Multicodec codes as varints.
    public static ReadOnlySpan<byte> Ed25519 => [0xED, 0x01];

    public static ReadOnlySpan<byte> X25519 => [0xEC, 0x01];

    public static string Encode(ReadOnlySpan<byte> codec, ReadOnlySpan<byte> key) => Base58Btc + Base58.Bitcoin.Encode([.. codec, .. key]);

    /// <returns>False for another multibase, another codec and every second way to write the same bytes.</returns>
    public static bool TryDecode(ReadOnlySpan<byte> codec, string text, [NotNullWhen(true)] out byte[]? key)
    {
        key = null;
        Span<byte> decoded = stackalloc byte[MaxLength];
        // Above 'z' the decoder looks behind the end of its table.
        if (text.Length is 0 or > MaxLength || text.AsSpan().ContainsAnyExceptInRange('0', 'z') || !Base58.Bitcoin.TryDecode(text.AsSpan(1), decoded, out var length))
            return false;

        // Writing it again compares the multibase letter too.
        decoded = decoded[..length];
        if (!decoded.StartsWith(codec) || Encode([], decoded) != text)
            return false;
        key = decoded[codec.Length..].ToArray();
        return true;
    }
}
