using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Keyladder.Cryptography;
using Keyladder.Cryptography.Derivation;
using Keyladder.Cryptography.Secrets;
using Keyladder.Cryptography.Signing;
using Keyladder.Keys.Envelopes;
using Keyladder.Keys.Passphrases;

namespace Keyladder.Keys.Recovery;

/// <summary>
/// The password by which a person gets the words of the account back, in the canonical form of a chosen passphrase
/// (docs/spec/passphrase-store.md section 1). It unlocks nothing itself, and no service is ever shown anything of it that could be tried.
/// </summary>
public sealed class RecoveryPassword : IDisposable
{
    /// <summary>In code points of the canonical form.</summary>
    public const int MinLength = 12;

    private readonly SecretBytes canonical;

    private RecoveryPassword(SecretBytes canonical) => this.canonical = canonical;

    public static bool TryParse(
        ReadOnlySpan<char> typed, [NotNullWhen(true)] out RecoveryPassword? password, [NotNullWhen(false)] out UnlockSecretError? error)
    {
        password = CanonicalText.TryRead(typed, MinLength, UnlockSecretFault.PasswordTooShort, out var canonical, out error) ? new(canonical) : null;
        return password is not null;
    }

    /// <summary>Argon2id, off this thread: about a tenth of a second and 64 MiB.</summary>
    /// <param name="store">The origin of the Passphrase Store, as the person entered it and never as a service says.</param>
    /// <param name="username">There.</param>
    /// <param name="cancellationToken">Ends the waiting, not the work.</param>
    /// <returns>To be disposed of.</returns>
    public Task<StretchedPassword> StretchAsync(Origin store, Username username, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(username);
        return Task.Run(() => new StretchedPassword(Argon2id.Derive(canonical.DangerousSpan, Salt(store, username))), cancellationToken);
    }

    /// <summary>Whether the two are one password.</summary>
    public bool IsSame(RecoveryPassword other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return canonical.FixedTimeEquals(other.canonical);
    }

    public void Dispose() => canonical.Dispose();

    /// <summary>Names the type and nothing of the content.</summary>
    public override string ToString() => nameof(RecoveryPassword);

    internal SecretBytes ToPassword() => SecretBytes.CopyOf(canonical.DangerousSpan);

    internal static byte[] Salt(Origin store, Username username) =>
        SHA256.HashData(Fields.Encode(Labels.RecoverySalt, store.ToString(), username.Text))[..Argon2id.SaltSize];
}
