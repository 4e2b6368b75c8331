using Keyladder.Cryptography;
using Keyladder.Cryptography.Heads;
using Keyladder.Cryptography.Secrets;
using Keyladder.Cryptography.Signing;
using Keyladder.Keys.Envelopes;

namespace Keyladder.Keys.Hierarchy;

/// <summary>The keypair that signs the heads of one account of a Vault and its deletion (docs/spec/vault.md section 3), nothing else.</summary>
public sealed class VaultHeadKeypair : KeystoreKey
{
    private readonly Ed25519PrivateKey privateKey;

    internal VaultHeadKeypair(AccountId account, KeyId id, KeyState state, Ed25519PrivateKey privateKey, KeyService service)
        : base(account, id, KeyPurpose.VaultHead, state, service) => this.privateKey = privateKey;

    public override Ed25519PublicKey PublicKey => privateKey.PublicKey;

    /// <param name="account">Whose it is at the Keystore.</param>
    /// <param name="service">The account at the Vault that it is for.</param>
    public static VaultHeadKeypair Generate(AccountId account, KeyService service) =>
        new(account, KeyId.Generate(), KeyState.Active, Ed25519PrivateKey.Generate(), service);

    /// <exception cref="ArgumentException">The head is of another account, breaks a rule of its format, or names another key.</exception>
    public SignedHead<VaultHead> Sign(VaultHead head)
    {
        ArgumentNullException.ThrowIfNull(head);
        if (head.Account != Service!.Account)
            throw new ArgumentException("The head is of another account.", nameof(head));
        return head.Sign(privateKey);
    }

    /// <returns>The JWS.</returns>
    /// <exception cref="ArgumentException">The deletion is of another account, or names another key.</exception>
    public string Sign(AccountDeletion deletion)
    {
        ArgumentNullException.ThrowIfNull(deletion);
        if (deletion.Account != Service!.Account)
            throw new ArgumentException("The deletion is of another account.", nameof(deletion));
        return deletion.Sign<VaultHead>(privateKey);
    }

    /// <exception cref="KeyStateException">Always, but for the state it has.</exception>
    public override void ChangeState(KeyState next)
    {
        if (next != State)
            throw new KeyStateException(State, next);
    }

    private protected override void Erase() => privateKey.Dispose();

    internal override SecretBytes CopyKeyBytes() => KeypairBytes.Of(privateKey);
}
