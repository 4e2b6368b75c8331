using System.Diagnostics.CodeAnalysis;
using Keyladder.Cryptography.Secrets;
using Keyladder.Keys.Envelopes;

namespace Keyladder.Keys.Passphrases;

/// <summary>
/// The code of the account kit that makes a chosen passphrase strong: 32 random bytes with a checksum, written as <c>KL1-…</c>
/// (docs/spec/key-hierarchy.md section 1). It never reaches a service.
/// </summary>
public sealed class SecretKey : IDisposable
{
    /// <summary>Characters of the written form: <c>KL1</c> and eight groups of seven with a hyphen before each.</summary>
    public const int TextLength = WrittenCode.TextLength;

    private static readonly WrittenCode Code = new("KL1", Labels.SecretKeyCheck, "Secret Key");

    private readonly SecretBytes secret;

    private SecretKey(SecretBytes secret) => this.secret = secret;

    public static SecretKey Generate() => new(SecretBytes.Generate(WrittenCode.SecretSize));

    /// <summary>Reads what a person typed or scanned: in any case, with or without hyphens and spaces, O for 0, I and L for 1.</summary>
    public static bool TryParse(
        ReadOnlySpan<char> typed, [NotNullWhen(true)] out SecretKey? secretKey, [NotNullWhen(false)] out UnlockSecretError? error)
    {
        secretKey = Code.TryRead(typed, out var secret, out error) ? new SecretKey(secret) : null;
        return secretKey is not null;
    }

    /// <summary>Writes the code for the account kit, the profile or the system's keystore; the caller clears the buffer.</summary>
    /// <param name="destination">At least <see cref="TextLength"/> characters, which is what is written.</param>
    public void DangerousWriteTo(Span<char> destination) => Code.Write(secret, destination);

    public void Dispose() => secret.Dispose();

    public override string ToString() => nameof(SecretKey);

    internal SecretBytes CopySecret() => SecretBytes.CopyOf(secret.DangerousSpan);

    internal static SecretKey FromSecret(ReadOnlySpan<byte> secret) => new(SecretBytes.CopyOf(secret));
}
