using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Keyladder.Cryptography.Dids;

/// <summary>
/// Where the document of a <c>did:web</c> stands (docs/spec/dids.md): a host by its name, perhaps a port, perhaps a path. Each address has
/// one identifier.
/// </summary>
internal static class DidWebAddress
{
    private const string Scheme = "did:web:";
    private const string EncodedColon = "%3A";
    private const int UsualPort = 443;
    private const int MaxHostLength = 253;
    private const int MaxLabelLength = 63;

    public static bool TryParse(string text, [NotNullWhen(true)] out Uri? address)
    {
        address = null;
        if (!text.StartsWith(Scheme, StringComparison.Ordinal))
            return false;
        var parts = text[Scheme.Length..].Split(':');
        var authority = parts[0].Split(EncodedColon, 2);
        if (!IsHost(authority[0]) || (authority.Length == 2 && !IsPort(authority[1])) || !parts.Skip(1).All(IsSegment))
            return false;

        var path = parts.Length > 1 ? string.Join('/', parts.Skip(1)) : ".well-known";
        return Uri.TryCreate($"https://{string.Join(':', authority)}/{path}/did.json", UriKind.Absolute, out address)
            && address.AbsoluteUri == address.OriginalString;
    }

    // A name that ends in a number is read as an IPv4 address, and those have no did:web (nor have IPv6 addresses, whose brackets are no part of a DID).
    private static bool IsHost(string host)
    {
        var labels = host.Split('.');
        return host.Length <= MaxHostLength && labels.All(IsLabel) && !char.IsAsciiDigit(labels[^1][0]);
    }

    private static bool IsLabel(string label) =>
        label.Length is > 0 and <= MaxLabelLength
        && label.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-')
        && label[0] != '-'
        && label[^1] != '-';

    private static bool IsPort(string port) =>
        ushort.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
        && number is not (0 or UsualPort)
        && number.ToString(CultureInfo.InvariantCulture) == port;

    // What would have to be encoded can be written in several ways; "." and ".." lead elsewhere.
    private static bool IsSegment(string segment) =>
        segment is not ("" or "." or "..") && segment.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_');
}
