using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace Keyladder.Cryptography.Signing;

/// <summary>The <c>Content-Digest</c> field (RFC 9530) in its one form here, <c>sha-256=:…:</c>.</summary>
public sealed record ContentDigest
{
    private const string Prefix = "sha-256=:";
    private const string Suffix = ":";

    private readonly string field;

    private ContentDigest(string base64) => field = Prefix + base64 + Suffix;

    /// <summary>That of a message without a body.</summary>
    public static ContentDigest OfNothing { get; } = Of([]);

    /// <summary>SHA-256 of a body (RFC 9530); of the empty string where there is none.</summary>
    public static ContentDigest Of(ReadOnlySpan<byte> body) => OfHash(SHA256.HashData(body));

    /// <param name="sha256">32 bytes, for who hashes a body while it passes.</param>
    public static ContentDigest OfHash(ReadOnlySpan<byte> sha256) =>
        sha256.Length == SHA256.HashSizeInBytes
            ? new ContentDigest(Convert.ToBase64String(sha256))
            : throw new ArgumentException("SHA-256 has 32 bytes.", nameof(sha256));

    /// <summary>Reads the value of the field; other algorithms, several digests, parameters and white space are refused.</summary>
    public static bool TryParse(string? field, [NotNullWhen(true)] out ContentDigest? digest)
    {
        digest = null;
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes + 1];
        if (field is null
            || !field.StartsWith(Prefix, StringComparison.Ordinal)
            || !field.EndsWith(Suffix, StringComparison.Ordinal)
            || field.Length < Prefix.Length + Suffix.Length
            || !Convert.TryFromBase64Chars(field.AsSpan(Prefix.Length..^Suffix.Length), hash, out var length)
            || length != SHA256.HashSizeInBytes)
            return false;

        // The framework forgives white space and trailing bits; writing it again does not.
        var candidate = OfHash(hash[..length]);
        digest = candidate.field == field ? candidate : null;
        return digest is not null;
    }

    /// <summary>The value of the field.</summary>
    public override string ToString() => field;
}
