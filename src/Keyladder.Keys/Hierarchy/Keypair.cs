using Keyladder.Cryptography;
using Keyladder.Cryptography.Dids;
using Keyladder.Cryptography.Secrets;
using Keyladder.Cryptography.Signing;
using Keyladder.Keys.Envelopes;

namespace Keyladder.Keys.Hierarchy;

/// <summary>A keypair that controls a DID and signs with it: content, or that the person is there to sign in to an app.</summary>
public sealed class Keypair : KeystoreKey
{
    private readonly PrivateKey privateKey;

    internal Keypair(AccountId account, KeyId id, KeyState state, PrivateKey privateKey)
        : base(account, id, KeyPurpose.Signing, state)
    {
        this.privateKey = privateKey;
        Did = Did.Of(privateKey.PublicKey);
    }

    public override PublicKey PublicKey => privateKey.PublicKey;

    /// <summary>Its <c>did:key</c>.</summary>
    public Did Did { get; }

    /// <param name="account">Whose it will be.</param>
    /// <param name="type">Ed25519 if null.</param>
    public static Keypair Generate(AccountId account, KeyType? type = null) => new(account, KeyId.Generate(), KeyState.Active, (type ?? KeyType.Ed25519).Generate());

    /// <summary>Signs everything that the stream still gives (docs/spec/signed-objects.md).</summary>
    /// <param name="now">By the signer's clock; it stands in the statement.</param>
    /// <returns>The statement as JWS: what a file <c>NAME.sig</c> holds, before its newline.</returns>
    /// <exception cref="KeyStateException">The key is not active.</exception>
    public Task<string> SignAsync(Stream content, DateTimeOffset now, CancellationToken cancellationToken = default) =>
        SignAsync(content, Did, now, cancellationToken);

    /// <summary>The same as another DID that has the key: its <c>did:jwk</c>, or a <c>did:web</c> whose document lists it.</summary>
    /// <exception cref="ArgumentException">The DID is made of another key.</exception>
    /// <inheritdoc cref="SignAsync(Stream, DateTimeOffset, CancellationToken)"/>
    public Task<string> SignAsync(Stream content, Did signer, DateTimeOffset now, CancellationToken cancellationToken = default)
    {
        RequireSealing("signs");
        return SignedContent.SignAsync(content, privateKey, signer, now, cancellationToken);
    }

    /// <summary>Shows an app that the person holds this DID (docs/spec/did-sign-in.md section 2).</summary>
    /// <param name="link">What the app's page shows. Whoever calls this has asked the person, and knows that the key is for this origin alone.</param>
    /// <returns>The statement as JWS.</returns>
    /// <exception cref="KeyStateException">The key is not active.</exception>
    public string SignIn(DidSignInLink link)
    {
        RequireSealing("signs");
        return DidSignIn.Sign(link, privateKey);
    }

    /// <summary>The private half in a form that other programs read: whoever has it signs as this person.</summary>
    /// <returns>To be disposed of.</returns>
    public SecretBytes DangerousExport(PrivateKeyFormat format) => privateKey.DangerousExport(format);

    private protected override void Erase() => privateKey.Dispose();

    internal override SecretBytes CopyKeyBytes() => KeypairBytes.Of(privateKey);
}
