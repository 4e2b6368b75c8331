using Keyladder.Cryptography;
using Keyladder.Cryptography.Heads;
using Keyladder.Cryptography.Secrets;
using Keyladder.Cryptography.Signing;
using Keyladder.Keys.Envelopes;

namespace Keyladder.Keys.Hierarchy;

/// <summary>The keypair that signs the account's heads and its deletion (docs/spec/heads.md), nothing else; one per account, always active.</summary>
public sealed class IdentityKeypair : KeystoreKey
{
    private readonly Ed25519PrivateKey privateKey;

    internal IdentityKeypair(AccountId account, KeyId id, KeyState state, Ed25519PrivateKey privateKey)
        : base(account, id, KeyPurpose.Identity, state) => this.privateKey = privateKey;

    public override Ed25519PublicKey PublicKey => privateKey.PublicKey;

    public static IdentityKeypair Generate(AccountId account) =>
        new(account, KeyId.Generate(), KeyState.Active, Ed25519PrivateKey.Generate());

    /// <exception cref="ArgumentException">The head is of another account or breaks a rule of its format.</exception>
    public SignedHead<KeystoreHead> Sign(KeystoreHead head)
    {
        ArgumentNullException.ThrowIfNull(head);
        if (head.Account != Account)
            throw new ArgumentException("The head is of another account.", nameof(head));
        return head.Sign(privateKey);
    }

    /// <returns>The JWS.</returns>
    /// <exception cref="ArgumentException">The deletion is of another account, or names another key.</exception>
    public string Sign(AccountDeletion deletion)
    {
        ArgumentNullException.ThrowIfNull(deletion);
        if (deletion.Account != Account)
            throw new ArgumentException("The deletion is of another account.", nameof(deletion));
        return deletion.Sign<KeystoreHead>(privateKey);
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
