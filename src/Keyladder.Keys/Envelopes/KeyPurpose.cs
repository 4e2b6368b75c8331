using System.Diagnostics;
using Keyladder.Cryptography.Signing;

namespace Keyladder.Keys.Envelopes;

/// <summary>The one duty that a key of an account has (docs/spec/key-hierarchy.md section 3).</summary>
public enum KeyPurpose
{
    /// <summary>Seals the person's own data.</summary>
    PersonalDek,

    /// <summary>Seals what is exchanged with another person.</summary>
    SharingDek,

    /// <summary>Signs the account's heads; one per account.</summary>
    Identity,

    /// <summary>Controls a DID, signs content.</summary>
    Signing,

    /// <summary>Signs in to one account of a Vault.</summary>
    VaultSignIn,

    /// <summary>Signs the heads of one account of a Vault.</summary>
    VaultHead,

    /// <summary>Is the person in one relationship: controls its DID, opens what is sealed to it, signs at the other party's Vault.</summary>
    Relationship,
}

/// <summary>How purposes are written, and the types of key that each may have.</summary>
public static class KeyPurposes
{
    /// <summary>As in overviews and contexts.</summary>
    public static string ToText(this KeyPurpose purpose) => purpose switch
    {
        KeyPurpose.PersonalDek => "personal-dek",
        KeyPurpose.SharingDek => "sharing-dek",
        KeyPurpose.Identity => "identity",
        KeyPurpose.Signing => "signing",
        KeyPurpose.VaultSignIn => "vault-sign-in",
        KeyPurpose.VaultHead => "vault-head",
        KeyPurpose.Relationship => "relationship",
        _ => throw new UnreachableException(),
    };

    /// <summary>The algorithm, as in overviews and contexts.</summary>
    /// <param name="type">Of a keypair; null for a DEK, which has one.</param>
    internal static string TypeText(KeyType? type) => type?.Name ?? "cobblestone-256";

    /// <summary>Whether a keypair with this duty may be of that type: what a person signs with may be of any, the others are Ed25519.</summary>
    public static bool Allows(this KeyPurpose purpose, KeyType type) => purpose == KeyPurpose.Signing || (type == KeyType.Ed25519 && purpose.IsKeypair());

    public static bool IsKeypair(this KeyPurpose purpose) => purpose is KeyPurpose.Identity or KeyPurpose.Signing || purpose.IsForVault();

    /// <summary>Whether the key has a duty at one Vault and nowhere else: the program makes it, and the person does nothing with it by name.</summary>
    public static bool IsForVault(this KeyPurpose purpose) => purpose is KeyPurpose.VaultSignIn or KeyPurpose.VaultHead or KeyPurpose.Relationship;

    /// <summary>Whether a key with this duty stays active for as long as it is there.</summary>
    public static bool StaysActive(this KeyPurpose purpose) => purpose == KeyPurpose.Identity || purpose.IsForVault();

    public static bool TryParse(string? text, out KeyPurpose purpose)
    {
        foreach (var known in Enum.GetValues<KeyPurpose>())
        {
            if (known.ToText() == text)
            {
                purpose = known;
                return true;
            }
        }

        purpose = default;
        return false;
    }
}
