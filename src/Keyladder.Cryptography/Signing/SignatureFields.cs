using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace Keyladder.Cryptography.Signing;

/// <summary>
/// <c>Signature-Input</c> and <c>Signature</c> of one request (RFC 9421) in the one form that docs/spec/sign-in.md section 4 allows: fixed components, fixed parameters, fixed order.
/// Sessions and guests differ in the key that signs, its name and its algorithm alone.
/// </summary>
/// <param name="Parameters">The value of <c>@signature-params</c>.</param>
/// <param name="KeyId">As it stands there.</param>
/// <param name="Created">Seconds since the epoch, by the signer's corrected clock.</param>
/// <param name="Value">The signature or MAC.</param>
internal sealed partial record SignatureFields(string Parameters, string KeyId, long Created, byte[] Value)
{
    private const string Label = "sig=";
    private const int NonceSize = 16;

    public string SignatureInput => Label + Parameters;

    public string Signature => $"{Label}:{Convert.ToBase64String(Value)}:";

    public static SignatureFields Sign(CoveredComponents request, string keyId, string algorithm, DateTimeOffset created, Func<byte[], byte[]> sign)
    {
        var seconds = created.ToUnixTimeSeconds();
        Span<byte> nonce = stackalloc byte[NonceSize];
        RandomNumberGenerator.Fill(nonce);
        var parameters = string.Create(
            CultureInfo.InvariantCulture,
            $"{CoveredComponents.List};created={seconds};nonce=\"{Base64UrlText.Encode(nonce)}\";keyid=\"{keyId}\";alg=\"{algorithm}\"");
        return new SignatureFields(parameters, keyId, seconds, sign(BaseOf(request.ToLines(), parameters)));
    }

    /// <returns>False for every other form: another label, component, parameter, order or spacing, several signatures.</returns>
    public static bool TryParse(string? signatureInput, string? signature, string algorithm, int size, [NotNullWhen(true)] out SignatureFields? parsed)
    {
        parsed = null;
        const string opening = Label + CoveredComponents.List;
        if (signatureInput is null || signature is null || !signatureInput.StartsWith(opening, StringComparison.Ordinal))
            return false;

        var input = ParametersForm().Match(signatureInput[opening.Length..]);
        var value = SignatureForm().Match(signature);
        if (!input.Success
            || !value.Success
            || input.Groups["alg"].Value != algorithm
            || !Base64UrlText.TryDecode(input.Groups["nonce"].Value, out _))
            return false;

        var created = long.Parse(input.Groups["created"].Value, NumberStyles.None, CultureInfo.InvariantCulture);
        var candidate = new SignatureFields(
            signatureInput[Label.Length..], input.Groups["keyid"].Value, created, Convert.FromBase64String(value.Groups["value"].Value));
        parsed = candidate.Value.Length == size && candidate.Signature == signature ? candidate : null; // trailing bits
        return parsed is not null;
    }

    /// <summary>The bytes that are signed, for this request.</summary>
    public byte[] BaseOf(CoveredComponents request) => BaseOf(request.ToLines(), Parameters);

    /// <summary>Whether the signer's clock and this one are close enough.</summary>
    public bool IsTimely(DateTimeOffset now) => Math.Abs(now.ToUnixTimeSeconds() - Created) <= HttpMessageSignature.MaxClockOffsetSeconds;

    /// <summary>RFC 9421 section 2.5.</summary>
    internal static byte[] BaseOf(IEnumerable<(string Name, string Value)> lines, string parameters)
    {
        var text = new StringBuilder();
        foreach (var (name, value) in lines)
            text.Append('"').Append(name).Append("\": ").Append(value).Append('\n');
        return Encoding.ASCII.GetBytes(text.Append("\"@signature-params\": ").Append(parameters).ToString());
    }

    // An Integer of RFC 8941 has at most 15 digits. The key id is read by whoever knows its form.
    [GeneratedRegex(
        """^;created=(?<created>0|[1-9][0-9]{0,14});nonce="(?<nonce>[A-Za-z0-9_-]{22})";"""
        + """keyid="(?<keyid>[A-Za-z0-9_-]{1,44})";alg="(?<alg>[a-z0-9-]{1,16})"\z""",
        RegexOptions.CultureInvariant)]
    private static partial Regex ParametersForm();

    // 32 or 64 bytes.
    [GeneratedRegex("""^sig=:(?<value>[A-Za-z0-9+/]{43}=|[A-Za-z0-9+/]{86}==):\z""", RegexOptions.CultureInvariant)]
    private static partial Regex SignatureForm();
}
