using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Keyladder.Cryptography.Secrets;

namespace Keyladder.Keys.Passphrases;

/// <summary>
/// A passphrase that a person chose, in its canonical form: NFKC, without spaces at the ends, UTF-8 (docs/spec/key-hierarchy.md section 1).
/// What could come out different on another system is refused. It unlocks only together with a <see cref="SecretKey"/>.
/// </summary>
public sealed class Passphrase : IDisposable
{
    /// <summary>In code points of the canonical form.</summary>
    public const int MinLength = 8;

    /// <summary>In code points of the canonical form.</summary>
    public const int MaxLength = 1024;

    // Bounds the work; no text this long has a canonical form of 1,024 code points, unless most of it is spaces at the ends.
    private const int MaxTypedLength = 16 * MaxLength;

    private readonly SecretBytes canonical;

    private Passphrase(SecretBytes canonical) => this.canonical = canonical;

    public static bool TryParse(
        ReadOnlySpan<char> typed, [NotNullWhen(true)] out Passphrase? passphrase, [NotNullWhen(false)] out UnlockSecretError? error)
    {
        passphrase = null;
        error = CheckTyped(typed);
        if (error is not null)
            return false;

        var normalized = Normalizer.Normalize(typed);
        try
        {
            var canonical = normalized.AsSpan().Trim(' ');
            error = CheckCanonical(typed, canonical);
            if (error is null)
            {
                passphrase = new Passphrase(SecretBytes.Create(
                    Encoding.UTF8.GetByteCount(canonical),
                    (ReadOnlySpan<char>)canonical,
                    static (bytes, chars) => Encoding.UTF8.GetBytes(chars, bytes)));
            }

            return passphrase is not null;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(normalized.AsSpan()));
        }
    }

    public void Dispose() => canonical.Dispose();

    public override string ToString() => nameof(Passphrase);

    internal SecretBytes ToPassword() => SecretBytes.CopyOf(canonical.DangerousSpan);

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

    private static UnlockSecretError? CheckCanonical(ReadOnlySpan<char> typed, ReadOnlySpan<char> canonical)
    {
        if (UnlockSecret.IsShapeOfWords(canonical))
            return new UnlockSecretError(UnlockSecretFault.ShapeOfWords);

        // No character becomes a control character, so the typed text tells where it is.
        for (var i = 0; i < typed.Length; i++)
        {
            if (char.IsControl(typed[i]))
                return new UnlockSecretError(UnlockSecretFault.ControlCharacter, CodePoints(typed[..i]) + 1);
        }

        return CodePoints(canonical) switch
        {
            < MinLength => new UnlockSecretError(UnlockSecretFault.TooShort),
            > MaxLength => new UnlockSecretError(UnlockSecretFault.TooLong),
            _ => null,
        };
    }

    private static int CodePoints(ReadOnlySpan<char> text)
    {
        var count = 0;
        foreach (var _ in text.EnumerateRunes())
            count++;
        return count;
    }
}
