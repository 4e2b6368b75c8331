using Keyladder.Cryptography;
using Keyladder.Cryptography.Dids;
using Keyladder.Cryptography.Signing;
using Keyladder.Keys.Envelopes;

namespace Keyladder.Client;

/// <summary>
/// A key of the account as a list shows it: what is known about it, proven and decrypted, and the key itself still wrapped. It shows the
/// moment it was read and holds no secret.
/// </summary>
public sealed class AccountKey
{
    internal AccountKey(StoredKey stored, KeyOverview overview)
    {
        Stored = stored;
        Overview = overview;
        Did = overview is { Purpose: KeyPurpose.Signing, PublicKey: { } publicKey } ? Did.Of(publicKey) : null;
    }

    public KeyId Id => Stored.Id;

    /// <summary>What the key is for; sealed with it, so that no service can change it.</summary>
    public KeyPurpose Purpose => Overview.Purpose;

    /// <summary>After NIST SP 800-57; decides what the key may do.</summary>
    public KeyState State => Overview.State;

    /// <summary>What the person calls it; null if nothing.</summary>
    public string? Label => Overview.Label;

    /// <summary>Of a keypair; null for a DEK.</summary>
    public KeyType? Type => Overview.PublicKey?.Type;

    /// <summary>In UTC.</summary>
    public DateOnly Created => Overview.Created;

    /// <summary>Of a signing keypair; it resolves to its document and its public key offline. Null for a DEK.</summary>
    public Did? Did { get; }

    internal StoredKey Stored { get; }

    internal KeyOverview Overview { get; }

    public override string ToString() => $"{Purpose.ToText()} {Id}";
}

/// <summary>A key to generate.</summary>
/// <param name="Purpose">Any but <see cref="KeyPurpose.Identity"/>: an account has one of those from the start.</param>
/// <param name="Label">1 to 128 bytes of UTF-8 without control characters; null for none.</param>
/// <param name="Type">Of a signing keypair; Ed25519 if null.</param>
public sealed record NewKey(KeyPurpose Purpose, string? Label = null, KeyType? Type = null);
