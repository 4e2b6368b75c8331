using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;
using Keyladder.Cryptography.Signing;

namespace Keyladder.Cryptography.Heads;

/// <summary>A head of a Vault (docs/spec/vault.md section 3): besides the tree, the two keys that the Vault knows the person by.</summary>
public sealed record VaultHead : Head, IHead<VaultHead>
{
    /// <summary>Public half of the keypair that signs the account's heads.</summary>
    public required Ed25519PublicKey Key { get; init; }

    /// <summary>Public half of the keypair that signs in.</summary>
    public required Ed25519PublicKey SignIn { get; init; }

    /// <summary>Name of the DEK that seals from this head on; null where none was named yet.</summary>
    public Hash256? Dek { get; init; }

    public static AuditChain Events => AuditChain.Vault;

    public static JwsKind DeletionKind => JwsKind.VaultDeletion;

    [JsonIgnore]
    public override Ed25519PublicKey Signer => Key;

    internal override JwsKind Kind => JwsKind.VaultHead;

    /// <inheritdoc/>
    /// <remarks>The DEK may be another one, and be named for the first time; none of it is taken back.</remarks>
    public override bool KeepsKeysOf(Head previous) =>
        previous is VaultHead before && Key.Equals(before.Key) && SignIn.Equals(before.SignIn) && (Dek is not null || before.Dek is null);

    /// <exception cref="ArgumentException">The head breaks a rule of section 3, or names another key.</exception>
    public SignedHead<VaultHead> Sign(Ed25519PrivateKey headKey)
    {
        ArgumentNullException.ThrowIfNull(headKey);
        return headKey.PublicKey.Equals(Key)
            ? SignedHead<VaultHead>.Sign(this, headKey)
            : throw new ArgumentException("The head names another key.", nameof(headKey));
    }

    /// <inheritdoc cref="KeystoreHead.TryRead"/>
    public static bool TryRead(string jws, [NotNullWhen(true)] out SignedHead<VaultHead>? head)
    {
        head = Jws.TryReadUnverified(JwsKind.VaultHead, jws, out var payload)
            && StrictJson.TryRead(payload, HeadJson.Strict.VaultHead, out var read)
            && read.IsWellFormed()
                ? new SignedHead<VaultHead>(jws, read)
                : null;
        return head is not null;
    }

    internal override byte[] Write() => StrictJson.Write(this, HeadJson.Strict.VaultHead);

    internal override bool IsWellFormed() => base.IsWellFormed() && (Number != 1 || (Count == 0 && Root == Hash256.Zero)) && !Key.Equals(SignIn);
}
