using System.Text;

namespace Keyladder.Cryptography.Signing;

/// <summary>
/// What a signature is about. Each kind has one header, fixed byte for byte, and a reader names the kind it expects, so that a signature
/// of one kind never verifies as another (docs/spec/signed-objects.md).
/// </summary>
public sealed class JwsKind
{
    private JwsKind(string type)
    {
        Type = type;
        EncodedHeader = Base64UrlText.Encode(Encoding.UTF8.GetBytes($$"""{"alg":"Ed25519","typ":"{{type}}"}"""));
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

    /// <summary>What a person signs with a DID (docs/spec/signed-objects.md).</summary>
    public static JwsKind SignedContent { get; } = new("signed-content+jwt");

    public static IReadOnlyList<JwsKind> All { get; } =
        [KeystoreLogin, KeystoreProof, KeystoreHead, KeystoreAdmission, KeystoreDeletion, VaultHead, VaultDeletion, SignedContent];

    /// <summary>The <c>typ</c> of the header.</summary>
    public string Type { get; }

    internal string EncodedHeader { get; }

    public override string ToString() => Type;
}
