using Keyladder.Cryptography;
using Keyladder.Cryptography.Heads;
using Keyladder.Cryptography.Signing;

namespace Keyladder.Client;

/// <summary>What the Keystore settled about an account of a Vault: its id there, and its two keypairs (docs/spec/vault.md section 3).</summary>
internal sealed class VaultTrust(VaultKeys keys) : RootOfTrust<VaultHead>
{
    public override AccountId Account => keys.Service.Account;

    public override Ed25519PublicKey Signer => keys.Head.PublicKey;

    public override void RequireOwnSlot(VaultHead head)
    {
        if (!head.SignIn.Equals(keys.SignIn.PublicKey))
            throw Alarms.HeadInvalid(head.Number, "names another key to sign in with than the account's");
    }

    public override SignedHead<VaultHead> Sign(VaultHead head) => keys.Head.Sign(head);

    public override string Sign(AccountDeletion deletion) => keys.Head.Sign(deletion);

    public override void Dispose()
    {
        // The keys belong to the unlocked account, and end with it.
    }

    protected override void RequireKeys(VaultHead head)
    {
        if (!head.Key.Equals(keys.Head.PublicKey))
            throw Alarms.HeadInvalid(head.Number, "names another key than the one that signs the account's heads");
    }
}
