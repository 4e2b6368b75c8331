using System.Diagnostics.CodeAnalysis;
using System.Text;
using Keyladder.Keys.Passphrases;

namespace Keyladder.Keys.Recovery;

/// <summary>
/// An e-mail address in its one form: what a Passphrase Store knows a person by (docs/spec/passphrase-store.md section 1). It is nothing
/// secret, but it is somebody's: <see cref="ToString"/> does not tell it.
/// </summary>
public sealed class Username : IEquatable<Username>
{
    /// <summary>In bytes of UTF-8.</summary>
    public const int MaxBytes = 254;

    private Username(string text) => Text = text;

    /// <summary>NFKC, lower case, without white space at the ends.</summary>
    public string Text { get; }

    /// <summary>Reads what a person typed.</summary>
    /// <returns>False where it is no address, is too long, or holds a character that has no certain form on all systems.</returns>
    public static bool TryParse(ReadOnlySpan<char> typed, [NotNullWhen(true)] out Username? username)
    {
        username = null;
        // No address is longer, and most of anything longer would be white space at the ends.
        if (typed.Length > 4 * MaxBytes || Normalizer.IndexOfUnsettled(typed) >= 0)
            return false;
        var text = Canonical(typed);
        var at = text.IndexOf('@', StringComparison.Ordinal);
        if (at > 0
            && at < text.Length - 1
            && at == text.LastIndexOf('@')
            && Encoding.UTF8.GetByteCount(text) <= MaxBytes
            && !text.Any(character => char.IsWhiteSpace(character) || char.IsControl(character))
            && Canonical(text) == text) // what has no one form would be two persons
            username = new Username(text);
        return username is not null;
    }

    public bool Equals(Username? other) => other is not null && Text == other.Text;

    public override bool Equals(object? obj) => Equals(obj as Username);

    public override int GetHashCode() => StringComparer.Ordinal.GetHashCode(Text);

    /// <summary>Names the type and nothing of the content.</summary>
    public override string ToString() => nameof(Username);

    private static string Canonical(ReadOnlySpan<char> text) => new string(Normalizer.Normalize(text)).ToLowerInvariant().Trim();
}
