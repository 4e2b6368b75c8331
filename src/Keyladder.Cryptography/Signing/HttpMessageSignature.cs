using System.Diagnostics.CodeAnalysis;

namespace Keyladder.Cryptography.Signing;

/// <summary>
/// The signature of one request by a session's key (RFC 9421, <c>hmac-sha256</c>) in the one form that docs/spec/sign-in.md section 4
/// allows. A reader compares; it does not let the message choose what is covered.
/// </summary>
public sealed class HttpMessageSignature
{
    /// <summary>How far <c>created</c> may be from the reader's clock, either way.</summary>
    public const int MaxClockOffsetSeconds = 60;

    private const string Algorithm = "hmac-sha256";
    private const int MacSize = 32;

    private readonly SignatureFields fields;

    private HttpMessageSignature(SignatureFields fields, SessionKeyId keyId) => (this.fields, KeyId) = (fields, keyId);

    public SessionKeyId KeyId { get; }

    /// <summary>Seconds since the epoch, by the signer's corrected clock.</summary>
    public long Created => fields.Created;

    /// <summary>Value of the <c>Signature-Input</c> field.</summary>
    public string SignatureInput => fields.SignatureInput;

    /// <summary>Value of the <c>Signature</c> field.</summary>
    public string Signature => fields.Signature;

    public static HttpMessageSignature Sign(CoveredComponents request, SessionKey key, SessionKeyId keyId, DateTimeOffset created)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(key);
        return new HttpMessageSignature(SignatureFields.Sign(request, keyId.ToString(), Algorithm, created, bytes => key.Sign(bytes)), keyId);
    }

    /// <summary>Reads the two fields without a look at the signature: the service learns from it whose session to look up.</summary>
    /// <returns>False for every other form: another label, component, parameter, order or spacing, several signatures.</returns>
    public static bool TryParse(string? signatureInput, string? signature, [NotNullWhen(true)] out HttpMessageSignature? parsed)
    {
        parsed = SignatureFields.TryParse(signatureInput, signature, Algorithm, MacSize, out var fields) && SessionKeyId.TryParse(fields.KeyId, out var keyId)
            ? new HttpMessageSignature(fields, keyId)
            : null;
        return parsed is not null;
    }

    /// <summary>Whether the signature is that of this request under this key; compares in constant time.</summary>
    public bool Verify(CoveredComponents request, SessionKey key)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(key);
        return key.Verify(fields.BaseOf(request), fields.Value);
    }

    /// <summary>Whether the signer's clock and this one are close enough.</summary>
    public bool IsTimely(DateTimeOffset now) => fields.IsTimely(now);
}
