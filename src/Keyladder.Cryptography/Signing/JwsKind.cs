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

    public static JwsKind KeystoreLogin { get; } = new("keystore-login+jwt");
    public static JwsKind KeystoreProof { get; } = new("keystore-proof+jwt");
    public static JwsKind KeystoreHead { get; } = new("keystore-head+jwt");
    public static JwsKind KeystoreAdmission { get; } = new("keystore-admission+jwt");
    public static JwsKind SignedContent { get; } = new("signed-content+jwt");

    public static IReadOnlyList<JwsKind> All { get; } = [KeystoreLogin, KeystoreProof, KeystoreHead, KeystoreAdmission, SignedContent];

    /// <summary>The <c>typ</c> of the header.</summary>
    public string Type { get; }

    internal string EncodedHeader { get; }

    public override string ToString() => Type;
}
