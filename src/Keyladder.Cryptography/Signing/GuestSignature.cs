using System.Diagnostics.CodeAnalysis;

namespace Keyladder.Cryptography.Signing;

/// <summary>
/// The signature of one request by a guest: who has no account at the service and holds the key of one thing there, such as a channel
/// (RFC 9421, <c>ed25519</c>; docs/spec/sign-in.md section 7). As <see cref="HttpMessageSignature"/>, under the id of that thing.
/// </summary>
public sealed class GuestSignature
{
    private const string Algorithm = "ed25519";

    private readonly SignatureFields fields;

    private GuestSignature(SignatureFields fields, Guid keyId) => (this.fields, KeyId) = (fields, keyId);

    /// <summary>Of the thing whose guest signs: a channel, a record of recovery, a device that is known to one.</summary>
    public Guid KeyId { get; }

    /// <summary>Seconds since the epoch, by the signer's corrected clock.</summary>
    public long Created => fields.Created;

    /// <summary>Value of the <c>Signature-Input</c> field.</summary>
    public string SignatureInput => fields.SignatureInput;

    /// <summary>Value of the <c>Signature</c> field.</summary>
    public string Signature => fields.Signature;

    public static GuestSignature Sign(CoveredComponents request, Ed25519PrivateKey key, Guid keyId, DateTimeOffset created)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(key);
        return new GuestSignature(SignatureFields.Sign(request, keyId.ToString("D"), Algorithm, created, bytes => key.Sign(bytes)), keyId);
    }

    /// <summary>Reads the two fields without a look at the signature: the service learns from it whose key to look up.</summary>
    /// <returns>False for every other form: another label, component, parameter, order or spacing, several signatures.</returns>
    public static bool TryParse(string? signatureInput, string? signature, [NotNullWhen(true)] out GuestSignature? parsed)
    {
        parsed = SignatureFields.TryParse(signatureInput, signature, Algorithm, Ed25519PrivateKey.SignatureSize, out var fields)
            && Uuid.TryParse(fields.KeyId, out Guid keyId)
            ? new GuestSignature(fields, keyId)
            : null;
        return parsed is not null;
    }

    /// <summary>Whether the signature is that of this request by this key's owner.</summary>
    public bool Verify(CoveredComponents request, Ed25519PublicKey key)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(key);
        return key.Verify(fields.BaseOf(request), fields.Value);
    }

    /// <summary>Whether the signer's clock and this one are close enough.</summary>
    public bool IsTimely(DateTimeOffset now) => fields.IsTimely(now);
}
