using System.Text;

namespace Keyladder.Cryptography.Signing;

/// <summary>
/// What a signature is about. Each kind has one header for each kind of key that may sign it, fixed byte for byte; a reader names the kind
/// and has the key, so that a signature of one kind never verifies as another (docs/spec/signed-objects.md).
/// </summary>
public sealed class JwsKind
{
    private readonly Dictionary<KeyType, string> encodedHeaders;

    private JwsKind(string type, params IEnumerable<KeyType> others)
    {
        Type = type;
        encodedHeaders = others.Prepend(KeyType.Ed25519).ToDictionary(
            key => key, key => Base64UrlText.Encode(Encoding.UTF8.GetBytes($$"""{"alg":"{{key.Algorithm}}","typ":"{{type}}"}""")));
    }

    /// <summary>Opens a session (docs/spec/sign-in.md section 2).</summary>
    public static JwsKind KeystoreLogin { get; } = new("keystore-login+jwt");

    /// <summary>Permits one change of slots (docs/spec/sign-in.md section 5).</summary>
    public static JwsKind KeystoreProof { get; } = new("keystore-proof+jwt");

    /// <summary>Says what an account holds (docs/spec/heads.md section 3).</summary>
    public static JwsKind KeystoreHead { get; } = new("keystore-head+jwt");

    /// <summary>Lets a new account in, for an app that the operator trusts (docs/spec/admission.md).</summary>
    public static JwsKind KeystoreAdmission { get; } = new("keystore-admission+jwt");

    /// <summary>Ends an account: nothing follows it (docs/spec/heads.md section 7).</summary>
    public static JwsKind KeystoreDeletion { get; } = new("keystore-deletion+jwt");

    /// <summary>Says what an account of a Vault holds (docs/spec/vault.md section 3).</summary>
    public static JwsKind VaultHead { get; } = new("vault-head+jwt");

    /// <summary>Ends an account of a Vault (docs/spec/vault.md section 3).</summary>
    public static JwsKind VaultDeletion { get; } = new("vault-deletion+jwt");

    /// <summary>What a person signs with a DID (docs/spec/signed-objects.md): this kind and the next alone are open to other keys than Ed25519.</summary>
    public static JwsKind SignedContent { get; } = new("signed-content+jwt", KeyType.P256, KeyType.Secp256k1);

    /// <summary>Shows an app that somebody holds a DID (docs/spec/did-sign-in.md).</summary>
    public static JwsKind DidSignIn { get; } = new("did-sign-in+jwt", KeyType.P256, KeyType.Secp256k1);

    /// <summary>The public keys of a party to a relationship (docs/spec/relationships.md section 2).</summary>
    public static JwsKind KeyBundle { get; } = new("key-bundle+jwt");

    /// <summary>Takes an invitation (docs/spec/relationships.md section 4).</summary>
    public static JwsKind Acceptance { get; } = new("relationship-acceptance+jwt");

    /// <summary>Says that an acceptance was taken (docs/spec/relationships.md section 4).</summary>
    public static JwsKind Confirmation { get; } = new("relationship-confirmation+jwt");

    /// <summary>Puts other keys in the place of a party's (docs/spec/relationships.md section 6).</summary>
    public static JwsKind KeyChange { get; } = new("key-change+jwt");

    /// <summary>What a share is, or that it is none any more (docs/spec/relationships.md section 7).</summary>
    public static JwsKind Share { get; } = new("share+jwt");

    /// <summary>What happened to one attribute of a share (docs/spec/relationships.md section 8).</summary>
    public static JwsKind ShareEvent { get; } = new("share-event+jwt");

    public static IReadOnlyList<JwsKind> All { get; } =
    [
        KeystoreLogin, KeystoreProof, KeystoreHead, KeystoreAdmission, KeystoreDeletion, VaultHead, VaultDeletion, SignedContent, DidSignIn,
        KeyBundle, Acceptance, Confirmation, KeyChange, Share, ShareEvent,
    ];

    /// <summary>The <c>typ</c> of the header.</summary>
    public string Type { get; }

    /// <summary>That of an Ed25519 key, with which every kind can be signed.</summary>
    internal string EncodedHeader => encodedHeaders[KeyType.Ed25519];

    /// <summary>One for each kind of key that may sign it.</summary>
    internal IReadOnlyDictionary<KeyType, string> EncodedHeaders => encodedHeaders;

    public override string ToString() => Type;
}
