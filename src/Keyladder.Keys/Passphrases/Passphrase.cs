using System.Diagnostics.CodeAnalysis;
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
    public const int MaxLength = CanonicalText.MaxLength;

    private readonly SecretBytes canonical;

    private Passphrase(SecretBytes canonical) => this.canonical = canonical;

    public static bool TryParse(
        ReadOnlySpan<char> typed, [NotNullWhen(true)] out Passphrase? passphrase, [NotNullWhen(false)] out UnlockSecretError? error)
    {
        passphrase = CanonicalText.TryRead(typed, MinLength, UnlockSecretFault.TooShort, out var canonical, out error) ? new Passphrase(canonical) : null;
        return passphrase is not null;
    }

    public void Dispose() => canonical.Dispose();

    public override string ToString() => nameof(Passphrase);

    internal SecretBytes ToPassword() => SecretBytes.CopyOf(canonical.DangerousSpan);
}
