using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace Keyladder.Cryptography.Signing;

/// <summary>
/// The signature of one request (RFC 9421, <c>hmac-sha256</c>) in the one form that docs/spec/sign-in.md section 4 allows: fixed
/// components, fixed parameters, fixed order. A reader compares; it does not let the message choose what is covered.
/// </summary>
public sealed partial class HttpMessageSignature
{
    /// <summary>How far <c>created</c> may be from the reader's clock, either way.</summary>
    public const int MaxClockOffsetSeconds = 60;

    private const string Label = "sig=";
    private const int NonceSize = 16;

    private readonly string parameters;
    private readonly byte[] mac;

    private HttpMessageSignature(string parameters, SessionKeyId keyId, long created, byte[] mac)
    {
        this.parameters = parameters;
        this.mac = mac;
        (KeyId, Created) = (keyId, created);
    }

    public SessionKeyId KeyId { get; }

    /// <summary>Seconds since the epoch, by the signer's corrected clock.</summary>
    public long Created { get; }

    /// <summary>Value of the <c>Signature-Input</c> field.</summary>
    public string SignatureInput => Label + parameters;

    /// <summary>Value of the <c>Signature</c> field.</summary>
    public string Signature => $"{Label}:{Convert.ToBase64String(mac)}:";

    public static HttpMessageSignature Sign(CoveredComponents request, SessionKey key, SessionKeyId keyId, DateTimeOffset created)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(key);
        var seconds = created.ToUnixTimeSeconds();
        Span<byte> nonce = stackalloc byte[NonceSize];
        RandomNumberGenerator.Fill(nonce);
        var parameters = string.Create(
            CultureInfo.InvariantCulture,
            $"{CoveredComponents.List};created={seconds};nonce=\"{Base64UrlText.Encode(nonce)}\";keyid=\"{keyId}\";alg=\"hmac-sha256\"");
        return new HttpMessageSignature(parameters, keyId, seconds, key.Sign(SignatureBase(request.ToLines(), parameters)));
    }

    /// <summary>Reads the two fields without a look at the signature: the service learns from it whose session to look up.</summary>
    /// <returns>False for every other form: another label, component, parameter, order or spacing, several signatures.</returns>
    public static bool TryParse(string? signatureInput, string? signature, [NotNullWhen(true)] out HttpMessageSignature? parsed)
    {
        parsed = null;
        const string opening = Label + CoveredComponents.List;
        if (signatureInput is null || signature is null || !signatureInput.StartsWith(opening, StringComparison.Ordinal))
            return false;

        var input = ParametersForm().Match(signatureInput[opening.Length..]);
        var value = SignatureForm().Match(signature);
        if (!input.Success
            || !value.Success
            || !Base64UrlText.TryDecode(input.Groups["nonce"].Value, out _)
            || !SessionKeyId.TryParse(input.Groups["keyid"].Value, out var keyId))
            return false;

        var created = long.Parse(input.Groups["created"].Value, NumberStyles.None, CultureInfo.InvariantCulture);
        var mac = Convert.FromBase64String(value.Groups["mac"].Value);
        var candidate = new HttpMessageSignature(signatureInput[Label.Length..], keyId, created, mac);
        parsed = candidate.Signature == signature ? candidate : null; // trailing bits
        return parsed is not null;
    }

    /// <summary>Whether the signature is that of this request under this key; compares in constant time.</summary>
    public bool Verify(CoveredComponents request, SessionKey key)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(key);
        return key.Verify(SignatureBase(request.ToLines(), parameters), mac);
    }

    /// <summary>Whether the signer's clock and this one are close enough.</summary>
    public bool IsTimely(DateTimeOffset now) => Math.Abs(now.ToUnixTimeSeconds() - Created) <= MaxClockOffsetSeconds;

    /// <summary>RFC 9421 section 2.5.</summary>
    internal static byte[] SignatureBase(IEnumerable<(string Name, string Value)> lines, string parameters)
    {
        var text = new StringBuilder();
        foreach (var (name, value) in lines)
            text.Append('"').Append(name).Append("\": ").Append(value).Append('\n');
        return Encoding.ASCII.GetBytes(text.Append("\"@signature-params\": ").Append(parameters).ToString());
    }

    // An Integer of RFC 8941 has at most 15 digits.
    [GeneratedRegex(
        """^;created=(?<created>0|[1-9][0-9]{0,14});nonce="(?<nonce>[A-Za-z0-9_-]{22})";"""
        + """keyid="(?<keyid>[A-Za-z0-9_-]{44})";alg="hmac-sha256"\z""",
        RegexOptions.CultureInvariant)]
    private static partial Regex ParametersForm();

    [GeneratedRegex("""^sig=:(?<mac>[A-Za-z0-9+/]{43}=):\z""", RegexOptions.CultureInvariant)]
    private static partial Regex SignatureForm();
}
