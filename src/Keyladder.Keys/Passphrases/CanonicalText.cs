using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Keyladder.Cryptography.Secrets;

namespace Keyladder.Keys.Passphrases;

/// <summary>The canonical form of a secret that a person chose (docs/spec/key-hierarchy.md section 1, "canonical passphrase").</summary>
internal static class CanonicalText
{
    /// <summary>In code points of the canonical form.</summary>
    public const int MaxLength = 1024;

    // Bounds the work; no text this long has a canonical form of 1,024 code points, unless most of it is spaces at the ends.
    private const int MaxTypedLength = 16 * MaxLength;

    /// <param name="typed">From a person.</param>
    /// <param name="minLength">In code points of the canonical form.</param>
    /// <param name="tooShort">What is said of less.</param>
    /// <param name="canonical">UTF-8.</param>
    /// <param name="error">Why it is none.</param>
    public static bool TryRead(
        ReadOnlySpan<char> typed,
        int minLength,
        UnlockSecretFault tooShort,
        [NotNullWhen(true)] out SecretBytes? canonical,
        [NotNullWhen(false)] out UnlockSecretError? error)
    {
        canonical = null;
        error = CheckTyped(typed);
        if (error is not null)
            return false;

        var normalized = Normalizer.Normalize(typed);
        try
        {
            var trimmed = normalized.AsSpan().Trim(' ');
            error = CheckCanonical(typed, trimmed, minLength, tooShort);
            if (error is null)
            {
                canonical = SecretBytes.Create(
                    Encoding.UTF8.GetByteCount(trimmed),
                    (ReadOnlySpan<char>)trimmed,
                    static (bytes, chars) => Encoding.UTF8.GetBytes(chars, bytes));
            }

            return canonical is not null;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(normalized.AsSpan()));
        }
    }

    private static UnlockSecretError? CheckTyped(ReadOnlySpan<char> typed)
    {
        if (typed.Length > MaxTypedLength)
            return new UnlockSecretError(UnlockSecretFault.TooLong);

        var unsettled = Normalizer.IndexOfUnsettled(typed);
        if (unsettled >= 0)
        {
            var fault = Rune.DecodeFromUtf16(typed[unsettled..], out _, out _) != OperationStatus.Done ? UnlockSecretFault.LoneSurrogate
                : Normalizer.IsAvailable ? UnlockSecretFault.UnsettledCharacter
                : UnlockSecretFault.NoNormalization;
            return new UnlockSecretError(fault, CodePoints(typed[..unsettled]) + 1);
        }

        return null;
    }

    private static UnlockSecretError? CheckCanonical(
        ReadOnlySpan<char> typed, ReadOnlySpan<char> canonical, int minLength, UnlockSecretFault tooShort)
    {
        if (UnlockSecret.IsShapeOfWords(canonical))
            return new UnlockSecretError(UnlockSecretFault.ShapeOfWords);

        // No character becomes a control character, so the typed text tells where it is.
        for (var i = 0; i < typed.Length; i++)
        {
            if (char.IsControl(typed[i]))
                return new UnlockSecretError(UnlockSecretFault.ControlCharacter, CodePoints(typed[..i]) + 1);
        }

        var length = CodePoints(canonical);
        return length < minLength ? new UnlockSecretError(tooShort)
            : length > MaxLength ? new UnlockSecretError(UnlockSecretFault.TooLong)
            : null;
    }

    private static int CodePoints(ReadOnlySpan<char> text)
    {
        var count = 0;
        foreach (var _ in text.EnumerateRunes())
            count++;
        return count;
    }
}
