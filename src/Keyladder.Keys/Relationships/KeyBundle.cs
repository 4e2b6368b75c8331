using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text.Json.Serialization;
using Keyladder.Cryptography;
using Keyladder.Cryptography.Dids;
using Keyladder.Cryptography.PublicKeyEncryption;
using Keyladder.Cryptography.Signing;
using Keyladder.Keys.Envelopes;

namespace Keyladder.Keys.Relationships;

/// <summary>
/// The public keys of a party to a relationship, signed by its DID (docs/spec/relationships.md section 2). Once verified it is what the other
/// side pins: nothing but a <see cref="KeyChange"/> puts another in its place.
/// </summary>
/// <param name="Subject">The party's pairwise DID.</param>
/// <param name="Relationship">The one that the keys are for.</param>
/// <param name="Purpose"><see cref="RelationshipPurpose"/>.</param>
/// <param name="Epoch">From 1; grows with each change of keys.</param>
/// <param name="SealingKey">X-Wing, 1,216 bytes: what is for the party is sealed to it.</param>
/// <param name="ChannelKey">Signs the party's requests at the other party's Vault.</param>
public sealed record KeyBundle(
    [property: JsonPropertyName("sub")] Did Subject,
    RelationshipId Relationship,
    string Purpose,
    long Epoch,
    byte[] SealingKey,
    Ed25519PublicKey ChannelKey)
{
    /// <summary>Tells its holder which of his keys a letter is sealed to; 16 bytes.</summary>
    [JsonIgnore]
    public byte[] SealingKeyName => NameOf(SealingKey);

    /// <summary>Characters of a bundle as JWS.</summary>
    public const int MaxLength = 4096;

    internal const string RelationshipPurpose = "relationship";

    /// <summary>Bytes of a key's name.</summary>
    internal const int NameSize = 16;

    /// <summary>Verifies the signature of the DID that is expected, and that the bundle is for that DID and a relationship.</summary>
    /// <param name="jws">From anywhere.</param>
    /// <param name="subject">Whose it must be.</param>
    /// <param name="bundle">Null where it is refused, whatever the reason.</param>
    public static bool TryVerify(string jws, Did subject, [NotNullWhen(true)] out KeyBundle? bundle)
    {
        ArgumentNullException.ThrowIfNull(subject);
        bundle = null;
        if (jws.Length <= MaxLength // it is kept as it is
            && Statement.TryVerify(JwsKind.KeyBundle, jws, subject, RelationshipJson.Strict.KeyBundle, out bundle)
            && bundle.Subject.Equals(subject)
            && bundle.Purpose == RelationshipPurpose
            && bundle.Epoch >= 1
            && XWingPrivateKey.IsPublicKey(bundle.SealingKey))
            return true;
        bundle = null;
        return false;
    }

    internal string Sign(Ed25519PrivateKey didKey) => Jws.Sign(JwsKind.KeyBundle, StrictJson.Write(this, RelationshipJson.Strict.KeyBundle), didKey);

    /// <summary>Tells the holder which of its keys a letter is sealed to.</summary>
    internal static byte[] NameOf(ReadOnlySpan<byte> sealingKey) =>
        SHA256.HashData(Fields.Encode(Labels.SealingKeyName, sealingKey.ToArray()))[..NameSize];
}
