using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;
using Keyladder.Cryptography.Signing;

namespace Keyladder.Cryptography.Heads;

/// <summary>
/// The last that an account signs: that it is to be deleted (docs/spec/heads.md section 7). It has the place of the next head, and no head
/// follows it. It names the key that signed it, so that it can be shown when nothing else of the account is left.
/// </summary>
/// <param name="Audience">The service that is to delete it.</param>
/// <param name="Account">The account.</param>
/// <param name="Number">One more than that of the newest head; below 2^53.</param>
/// <param name="Day">The day it was signed, in UTC, by the clock of the client.</param>
/// <param name="Head">Hash of the newest head.</param>
/// <param name="Identity">Public half of the keypair that signs the account's heads.</param>
public sealed record AccountDeletion(
    [property: JsonPropertyName("aud")] Origin Audience,
    AccountId Account,
    long Number,
    DateOnly Day,
    Hash256 Head,
    Ed25519PublicKey Identity)
{
    private const long Limit = 1L << 53;

    /// <returns>The JWS, of the kind that the service's heads say.</returns>
    /// <exception cref="ArgumentException">The key is not the one that is named.</exception>
    public string Sign<THead>(Ed25519PrivateKey identityKey)
        where THead : Head, IHead<THead>
    {
        ArgumentNullException.ThrowIfNull(identityKey);
        return identityKey.PublicKey.Equals(Identity)
            ? Jws.Sign(THead.DeletionKind, StrictJson.Write(this, HeadJson.Strict.AccountDeletion), identityKey)
            : throw new ArgumentException("The deletion names another identity key.", nameof(identityKey));
    }

    /// <summary>Form, and the signature by the key that it names. Whose key that is, is for the reader to know.</summary>
    public static bool TryVerify<THead>(string jws, [NotNullWhen(true)] out AccountDeletion? deletion)
        where THead : Head, IHead<THead>
    {
        if (Jws.TryReadUnverified(THead.DeletionKind, jws, out var payload)
            && StrictJson.TryRead(payload, HeadJson.Strict.AccountDeletion, out deletion)
            && deletion.Number is >= 2 and < Limit
            && Jws.TryVerify(THead.DeletionKind, jws, deletion.Identity, out _))
            return true;
        deletion = null;
        return false;
    }
}
