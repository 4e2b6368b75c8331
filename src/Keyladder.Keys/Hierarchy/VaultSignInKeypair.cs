using Keyladder.Cryptography;
using Keyladder.Cryptography.Secrets;
using Keyladder.Cryptography.Signing;
using Keyladder.Keys.Envelopes;

namespace Keyladder.Keys.Hierarchy;

/// <summary>The keypair that signs in to one account of a Vault (docs/spec/vault.md section 1), nothing else.</summary>
public sealed class VaultSignInKeypair : KeystoreKey
{
    private readonly Ed25519PrivateKey privateKey;

    internal VaultSignInKeypair(AccountId account, KeyId id, KeyState state, Ed25519PrivateKey privateKey, KeyService service)
        : base(account, id, KeyPurpose.VaultSignIn, state, service) => this.privateKey = privateKey;

    public override Ed25519PublicKey PublicKey => privateKey.PublicKey;

    /// <param name="account">Whose it is at the Keystore.</param>
    /// <param name="service">The account at the Vault that it is for.</param>
    public static VaultSignInKeypair Generate(AccountId account, KeyService service) =>
        new(account, KeyId.Generate(), KeyState.Active, Ed25519PrivateKey.Generate(), service);

    /// <summary>Signs the assertions and proofs of docs/spec/sign-in.md. It is the same key and no copy: whichever is disposed of ends both.</summary>
    public LoginKeypair OpenLogin() => new(privateKey);

    /// <exception cref="KeyStateException">Always, but for the state it has.</exception>
    public override void ChangeState(KeyState next)
    {
        if (next != State)
            throw new KeyStateException(State, next);
    }

    private protected override void Erase() => privateKey.Dispose();

    internal override SecretBytes CopyKeyBytes() => KeypairBytes.Of(privateKey);
}
