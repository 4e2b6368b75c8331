using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Keyladder.Cryptography.Derivation;
using Keyladder.Cryptography.Secrets;
using Keyladder.Keys.Envelopes;

namespace Keyladder.Keys.Passphrases;

/// <summary>
/// What unlocks an account: words, a passphrase with its Secret Key, or a device's random secret (docs/spec/key-hierarchy.md section 1).
/// What was typed tells which of the first two; no service is asked. It keeps copies: its sources may be disposed of.
/// </summary>
public sealed class UnlockSecret : IDisposable
{
    /// <summary>Fixed by the version of both forms; nobody else has a say.</summary>
    internal const int Iterations = 600_000;

    private const int SaltSize = 32;
    private const int PassphraseDerivedKeySize = 64;

    // What is stretched; a device's secret is as strong as it gets, and is not.
    private readonly SecretBytes password;
    private readonly SecretBytes? secret;

    private UnlockSecret(string kind, SecretBytes password, SecretBytes? secret) =>
        (SlotKind, this.password, this.secret) = (kind, password, secret);

    /// <summary>
    /// Which of the forms it has: the kind of the slot that it unlocks, one of <see cref="Cryptography.Heads.SlotKind"/>.
    /// </summary>
    public string SlotKind { get; }

    public static UnlockSecret FromWords(Words words)
    {
        ArgumentNullException.ThrowIfNull(words);
        return new UnlockSecret(Cryptography.Heads.SlotKind.Words, words.ToPassword(), secret: null);
    }

    public static UnlockSecret FromPassphrase(Passphrase passphrase, SecretKey secretKey)
    {
        ArgumentNullException.ThrowIfNull(passphrase);
        ArgumentNullException.ThrowIfNull(secretKey);
        return new UnlockSecret(Cryptography.Heads.SlotKind.Passphrase, passphrase.ToPassword(), secretKey.CopySecret());
    }

    public static UnlockSecret FromDevice(DeviceSecret deviceSecret)
    {
        ArgumentNullException.ThrowIfNull(deviceSecret);
        return new UnlockSecret(Cryptography.Heads.SlotKind.Device, deviceSecret.CopySecret(), secret: null);
    }

    /// <summary>Reads what a person typed, in whichever form it is.</summary>
    /// <param name="secretKey">Needed, and looked at, only if the text has not the shape of words.</param>
    public static bool TryParse(
        ReadOnlySpan<char> typed,
        SecretKey? secretKey,
        [NotNullWhen(true)] out UnlockSecret? secret,
        [NotNullWhen(false)] out UnlockSecretError? error)
    {
        secret = null;
        if (HasShapeOfWords(typed))
        {
            if (!Words.TryParse(typed, out var words, out error))
                return false;
            using (words)
                secret = FromWords(words);
            return true;
        }

        if (!Passphrase.TryParse(typed, out var passphrase, out error))
            return false;
        using (passphrase)
        {
            if (secretKey is null)
                error = new UnlockSecretError(UnlockSecretFault.SecretKeyAbsent);
            else
                secret = FromPassphrase(passphrase, secretKey);
        }

        return secret is not null;
    }

    /// <summary>
    /// Whether the text's NFKC form is twelve runs of ASCII letters with white space between: a text of this shape is read as words and
    /// cannot be a passphrase.
    /// </summary>
    public static bool HasShapeOfWords(ReadOnlySpan<char> typed)
    {
        var normalized = Normalizer.Normalize(typed);
        try
        {
            return IsShapeOfWords(normalized);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(normalized.AsSpan()));
        }
    }

    /// <param name="normalized">In NFKC, if it has that.</param>
    internal static bool IsShapeOfWords(ReadOnlySpan<char> normalized)
    {
        var count = 0;
        foreach (var run in new Runs(normalized))
        {
            count++;
            foreach (var letter in normalized[run])
            {
                if (!char.IsAsciiLetter(letter))
                    return false;
            }
        }

        return count == Words.Count;
    }

    public void Dispose()
    {
        password.Dispose();
        secret?.Dispose();
    }

    public override string ToString() => nameof(UnlockSecret);

    /// <summary>
    /// PDK, then <c>PRK = HKDF-Extract(secret, PDK)</c> (docs/spec/key-hierarchy.md section 2). A third of a second of work; of a device's
    /// secret PRK follows at once.
    /// </summary>
    internal SecretBytes DerivePseudorandomKey()
    {
        if (SlotKind == Cryptography.Heads.SlotKind.Device)
            return HkdfSha512.Extract(Label(Labels.DeviceSecret), password.DangerousSpan);
        using var passphraseDerivedKey = DerivePassphraseDerivedKey();
        return HkdfSha512.Extract(secret is null ? [] : secret.DangerousSpan, passphraseDerivedKey.DangerousSpan);
    }

    internal SecretBytes DerivePassphraseDerivedKey()
    {
        if (secret is null)
            return Pbkdf2Sha512.Derive(password.DangerousSpan, Label(Labels.WordsSalt), Iterations, PassphraseDerivedKeySize);

        using var salt = HkdfSha512.DeriveKey(secret.DangerousSpan, salt: [], Label(Labels.PassphraseSalt), SaltSize);
        return Pbkdf2Sha512.Derive(password.DangerousSpan, salt.DangerousSpan, Iterations, PassphraseDerivedKeySize);
    }

    private static byte[] Label(string label) => Encoding.ASCII.GetBytes(label);
}
