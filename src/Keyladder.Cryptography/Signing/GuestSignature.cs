using System.Diagnostics.CodeAnalysis;

namespace Keyladder.Cryptography.Signing;

/// <summary>
/// The signature of one request by a channel's guest (RFC 9421, <c>ed25519</c>; docs/spec/sign-in.md section 7): as
/// <see cref="HttpMessageSignature"/>, by a keypair that belongs to the channel alone, under the channel's id.
/// </summary>
public sealed class GuestSignature
{
    private const string Algorithm = "ed25519";

    private readonly SignatureFields fields;

    private GuestSignature(SignatureFields fields, ChannelId channel) => (this.fields, Channel) = (fields, channel);

    public ChannelId Channel { get; }

    /// <summary>Seconds since the epoch, by the signer's corrected clock.</summary>
    public long Created => fields.Created;

    /// <summary>Value of the <c>Signature-Input</c> field.</summary>
    public string SignatureInput => fields.SignatureInput;

    /// <summary>Value of the <c>Signature</c> field.</summary>
    public string Signature => fields.Signature;

    public static GuestSignature Sign(CoveredComponents request, Ed25519PrivateKey key, ChannelId channel, DateTimeOffset created)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(key);
        return new GuestSignature(SignatureFields.Sign(request, channel.ToString(), Algorithm, created, bytes => key.Sign(bytes)), channel);
    }

    /// <summary>Reads the two fields without a look at the signature: the service learns from it whose key to look up.</summary>
    /// <returns>False for every other form: another label, component, parameter, order or spacing, several signatures.</returns>
    public static bool TryParse(string? signatureInput, string? signature, [NotNullWhen(true)] out GuestSignature? parsed)
    {
        parsed = SignatureFields.TryParse(signatureInput, signature, Algorithm, Ed25519PrivateKey.SignatureSize, out var fields)
            && ChannelId.TryParse(fields.KeyId, out var channel)
            ? new GuestSignature(fields, channel)
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
