using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Keyladder.Cryptography.Signing;

/// <summary>
/// Scheme, host and port of a service, as signatures name it (docs/spec/sign-in.md; RFC 6454 section 6.2): host in lower case, port only
/// if it is not the scheme's own, no trailing slash. A service has one from its configuration and a client from the person; neither takes
/// it from a message.
/// </summary>
[JsonConverter(typeof(OriginJsonConverter))]
public sealed record Origin
{
    private readonly string text;

    private Origin(string text, string authority, Uri address) => (this.text, Authority, Address) = (text, authority, address);

    /// <summary>Host and port as in the HTTP <c>Host</c> field and in <c>@authority</c> (RFC 9421 section 2.2.3).</summary>
    public string Authority { get; }

    /// <summary>The base of the service's URLs.</summary>
    public Uri Address { get; }

    /// <summary>Whether TLS protects the connection, or it does not leave this machine.</summary>
    public bool IsSecure => Address.Scheme == Uri.UriSchemeHttps || Address.IsLoopback;

    /// <summary>Brings an address that a person typed or configured into its one form.</summary>
    /// <returns>
    /// False where it is more than an origin (user, path, query, fragment, IPv6 zone), for schemes other than <c>https</c>, <c>http</c>, and
    /// for a host that has no ASCII form (RFC 5891).
    /// </returns>
    public static bool TryCreate(Uri address, [NotNullWhen(true)] out Origin? origin)
    {
        ArgumentNullException.ThrowIfNull(address);
        origin = null;
        if (!address.IsAbsoluteUri
            || (address.Scheme != Uri.UriSchemeHttps && address.Scheme != Uri.UriSchemeHttp)
            || HostOf(address) is not { } name
            || name.Contains('%', StringComparison.Ordinal)
            || address.UserInfo.Length > 0
            || address.PathAndQuery != "/"
            || address.Fragment.Length > 0)
            return false;

        var host = address.HostNameType == UriHostNameType.IPv6 ? $"[{name}]" : name.ToLowerInvariant();
        var authority = address.IsDefaultPort ? host : $"{host}:{address.Port}";
        var form = $"{address.Scheme}://{authority}";
        // The ASCII form of a name can be no host or another one: other spaces become spaces, and those at the end vanish.
        if (!Uri.TryCreate(form, UriKind.Absolute, out var own) || !name.Equals(HostOf(own), StringComparison.OrdinalIgnoreCase))
            return false;
        origin = new Origin(form, authority, own);
        return true;
    }

    /// <summary>Reads an origin from a message: only the one form of <see cref="ToString"/> is accepted.</summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out Origin? origin)
    {
        origin = null;
        if (!Uri.TryCreate(text, UriKind.Absolute, out var address) || !TryCreate(address, out var candidate) || candidate.text != text)
            return false;
        origin = candidate;
        return true;
    }

    // A name that cannot be converted passes as an address and throws when its host is asked for.
    private static string? HostOf(Uri address)
    {
        try
        {
            return address.IdnHost;
        }
        catch (UriFormatException)
        {
            return null;
        }
    }

    public bool Equals(Origin? other) => other is not null && text == other.text;

    public override int GetHashCode() => StringComparer.Ordinal.GetHashCode(text);

    public override string ToString() => text;
}

/// <summary>Origins in JSON: the one form, nothing else.</summary>
public sealed class OriginJsonConverter : JsonConverter<Origin>
{
    public override Origin Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String && Origin.TryParse(reader.GetString(), out var origin)
            ? origin
            : throw new JsonException("An origin must be in its one form.");

    public override void Write(Utf8JsonWriter writer, Origin value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.ToString());
}
