using System.Diagnostics.CodeAnalysis;
using Keyladder.Cryptography;
using Keyladder.Cryptography.Derivation;
using Keyladder.Cryptography.Secrets;
using Keyladder.Cryptography.Signing;
using Keyladder.Keys.Envelopes;
using Keyladder.Keys.Passphrases;

namespace Keyladder.Keys.Recovery;

/// <summary>
/// <c>h</c>, the person's share of the reset: on paper as <c>KR1-…</c>, and on each known device (docs/spec/passphrase-store.md section 1).
/// It opens nothing alone; without it no password is ever reset.
/// </summary>
public sealed class RecoveryCode : IDisposable
{
    /// <summary>Characters of the written form: <c>KR1</c> and eight groups of seven with a hyphen before each.</summary>
    public const int TextLength = WrittenCode.TextLength;

    private static readonly WrittenCode Code = new("KR1", Labels.RecoveryCodeCheck, "recovery code");

    private readonly SecretBytes secret;

    private RecoveryCode(SecretBytes secret) => this.secret = secret;

    public static RecoveryCode Generate() => new(SecretBytes.Generate(WrittenCode.SecretSize));

    /// <summary>Reads what a person typed or scanned, as a <see cref="SecretKey"/> is read.</summary>
    public static bool TryParse(
        ReadOnlySpan<char> typed, [NotNullWhen(true)] out RecoveryCode? recoveryCode, [NotNullWhen(false)] out UnlockSecretError? error)
    {
        recoveryCode = Code.TryRead(typed, out var secret, out error) ? new RecoveryCode(secret) : null;
        return recoveryCode is not null;
    }

    /// <summary>Writes the code for paper or for where a device keeps its secrets; the caller clears the buffer.</summary>
    /// <param name="destination">At least <see cref="TextLength"/> characters, which is what is written.</param>
    public void DangerousWriteTo(Span<char> destination) => Code.Write(secret, destination);

    /// <summary>Proves to a Guardian that the person's share is at hand, and tells it nothing of the share.</summary>
    /// <returns>To be disposed of.</returns>
    public Ed25519PrivateKey DeriveReleaseKey(GuardianPlace place)
    {
        ArgumentNullException.ThrowIfNull(place);
        using var seed = HkdfSha512.DeriveKey(
            secret.DangerousSpan, salt: [], Fields.Encode(Labels.ReleaseKey, place.Guardian.ToString(), place.Handle), Ed25519PrivateKey.SeedSize);
        return Ed25519PrivateKey.FromSeed(seed.DangerousSpan);
    }

    /// <summary>Whether the two are one code, as a person who typed it again would have it.</summary>
    public bool IsSame(RecoveryCode other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return secret.FixedTimeEquals(other.secret);
    }

    /// <returns>The same code, to be disposed of apart.</returns>
    public RecoveryCode Copy() => FromSecret(secret.DangerousSpan);

    public void Dispose() => secret.Dispose();

    /// <summary>Names the type and nothing of the content.</summary>
    public override string ToString() => nameof(RecoveryCode);

    internal SecretBytes CopySecret() => SecretBytes.CopyOf(secret.DangerousSpan);

    internal static RecoveryCode FromSecret(ReadOnlySpan<byte> secret) => new(SecretBytes.CopyOf(secret));
}
