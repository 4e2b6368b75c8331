using System.Diagnostics.CodeAnalysis;
using System.Text;
using Keyladder.Protocol.PassphraseStore;

namespace Keyladder.PassphraseStore;

/// <summary>An e-mail address in the one form of docs/spec/passphrase-store.md section 1. Clients bring it into that form; what comes otherwise is no username.</summary>
internal sealed class Username
{
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private Username(string text, byte[] bytes) => (Text, Bytes) = (text, bytes);

    public string Text { get; }

    /// <summary>UTF-8, at most <see cref="RecoveryLimits.MaxUsernameBytes"/>.</summary>
    public byte[] Bytes { get; }

    public static bool TryParse(string text, [NotNullWhen(true)] out Username? username)
    {
        username = null;
        try
        {
            if (text.Length > RecoveryLimits.MaxUsernameBytes || text.Any(character => char.IsWhiteSpace(character) || char.IsControl(character)))
                return false;
            var at = text.IndexOf('@', StringComparison.Ordinal);
            var bytes = StrictUtf8.GetBytes(text);
            if (at > 0 && at == text.LastIndexOf('@') && at < text.Length - 1 && bytes.Length <= RecoveryLimits.MaxUsernameBytes
                && text.IsNormalized(NormalizationForm.FormKC) && string.Equals(text.ToLowerInvariant(), text, StringComparison.Ordinal))
                username = new Username(text, bytes);
        }
        catch (ArgumentException)
        {
            // A lone surrogate, or what is no character at all.
        }

        return username is not null;
    }

    /// <summary>Says nothing: usernames stand in no log.</summary>
    public override string ToString() => nameof(Username);
}
