using System.Security.Cryptography;
using Keyladder.Cryptography;
using Keyladder.Cryptography.Derivation;
using Keyladder.Cryptography.Oprf;
using Keyladder.Cryptography.Secrets;
using Keyladder.Keys.Envelopes;

namespace Keyladder.Keys.Recovery;

/// <summary>
/// <c>w</c>: what Argon2id made of a password (docs/spec/passphrase-store.md section 1). Whoever has it can try the two services with it;
/// it opens nothing without what both of them evaluate.
/// </summary>
public sealed class StretchedPassword : IDisposable
{
    private readonly SecretBytes stretched;

    internal StretchedPassword(SecretBytes stretched) => this.stretched = stretched;

    /// <summary>A blinding of its own for each service and each attempt: two that are the same would tell that the two are one person's.</summary>
    /// <returns>To be disposed of.</returns>
    public OprfBlinding Blind() => OprfBlinding.Blind(stretched.DangerousSpan);

    /// <param name="store">The Store's value <c>y₁</c>, from <see cref="OprfBlinding.Finalize"/>.</param>
    /// <param name="guardian">The Guardian's, <c>y₂</c>.</param>
    /// <param name="place">Of the slot.</param>
    /// <returns>To be disposed of.</returns>
    public PasswordSlotKey DeriveSlotKey(SecretBytes store, SecretBytes guardian, RecoveryPlace place)
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(guardian);
        ArgumentNullException.ThrowIfNull(place);
        using var material = SecretBytes.Create(
            store.Length + guardian.Length + stretched.Length,
            (store, guardian, stretched),
            static (bytes, parts) =>
            {
                parts.store.DangerousSpan.CopyTo(bytes);
                parts.guardian.DangerousSpan.CopyTo(bytes[parts.store.Length..]);
                parts.stretched.DangerousSpan.CopyTo(bytes[(parts.store.Length + parts.guardian.Length)..]);
            });
        return new PasswordSlotKey(HkdfSha512.DeriveKey(material.DangerousSpan, salt: [], Contexts.PasswordSlot(place), PasswordSlotKey.KeySize), place);
    }

    public void Dispose() => stretched.Dispose();

    /// <summary>Names the type and nothing of the content.</summary>
    public override string ToString() => nameof(StretchedPassword);
}
