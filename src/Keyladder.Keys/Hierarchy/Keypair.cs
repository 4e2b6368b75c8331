using Keyladder.Cryptography;
using Keyladder.Cryptography.Dids;
using Keyladder.Cryptography.Secrets;
using Keyladder.Cryptography.Signing;
using Keyladder.Keys.Envelopes;

namespace Keyladder.Keys.Hierarchy;

/// <summary>A keypair that controls a DID and signs content with it, nothing else.</summary>
public sealed class Keypair : KeystoreKey
{
    private readonly Ed25519PrivateKey privateKey;

    internal Keypair(AccountId account, KeyId id, KeyState state, Ed25519PrivateKey privateKey)
        : base(account, id, KeyPurpose.Signing, state)
    {
        this.privateKey = privateKey;
        Did = Did.Of(privateKey.PublicKey);
    }

    public override Ed25519PublicKey PublicKey => privateKey.PublicKey;

    public Did Did { get; }

    public static Keypair Generate(AccountId account) => new(account, KeyId.Generate(), KeyState.Active, Ed25519PrivateKey.Generate());

    /// <summary>Signs everything that the stream still gives (docs/spec/signed-objects.md).</summary>
    /// <param name="now">By the signer's clock; it stands in the statement.</param>
    /// <returns>The statement as JWS: what a file <c>NAME.sig</c> holds, before its newline.</returns>
    /// <exception cref="KeyStateException">The key is not active.</exception>
    public Task<string> SignAsync(Stream content, DateTimeOffset now, CancellationToken cancellationToken = default)
    {
        RequireSealing("signs");
        return SignedContent.SignAsync(content, privateKey, now, cancellationToken);
    }

    private protected override void Erase() => privateKey.Dispose();

    internal override SecretBytes CopyKeyBytes() => KeypairBytes.Of(privateKey);
}
