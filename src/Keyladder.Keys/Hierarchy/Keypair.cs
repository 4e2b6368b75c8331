using Keyladder.Cryptography;
using Keyladder.Cryptography.Dids;
using Keyladder.Cryptography.Secrets;
using Keyladder.Cryptography.Signing;
using Keyladder.Keys.Envelopes;

namespace Keyladder.Keys.Hierarchy;

/// <summary>A keypair that controls a DID and signs content with it, nothing else.</summary>
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

    /// <summary>The private half in a form that other programs read: whoever has it signs as this person.</summary>
    /// <returns>To be disposed of.</returns>
    public SecretBytes DangerousExport(PrivateKeyFormat format) => privateKey.DangerousExport(format);

    private protected override void Erase() => privateKey.Dispose();

    internal override SecretBytes CopyKeyBytes() => KeypairBytes.Of(privateKey);
}
