using System.Diagnostics.CodeAnalysis;
using System.Net;
using Microsoft.AspNetCore.Http;

namespace Keyladder.Hosting.Limits;

/// <summary>
/// Whose word about a client's address is taken: the proxies that the operator has named. Each of them adds, on the right, the address that it was called from, so the list is read from
/// there as far as it was written by them; what stands left of that anybody may have made up.
/// </summary>
internal sealed class TrustedProxies
{
    private const string Header = "X-Forwarded-For";

    private readonly IReadOnlyList<IPNetwork> networks;

    private TrustedProxies(IReadOnlyList<IPNetwork> networks) => this.networks = networks;

    /// <param name="setting">Addresses and networks such as <c>10.0.0.1, fd00::/8</c>; null for none.</param>
    public static bool TryParse(string? setting, [NotNullWhen(true)] out TrustedProxies? proxies)
    {
        var networks = new List<IPNetwork>();
        proxies = null;
        foreach (var part in (setting ?? "").Split([',', ' '], StringSplitOptions.RemoveEmptyEntries))
        {
            if (IPNetwork.TryParse(part, out var network))
                networks.Add(network);
            else if (IPAddress.TryParse(part, out var address))
                networks.Add(new IPNetwork(address, address.GetAddressBytes().Length * 8));
            else
                return false;
        }

        proxies = new TrustedProxies(networks);
        return true;
    }

    public ClientAddress AddressOf(HttpContext context)
    {
        var address = Plain(context.Connection.RemoteIpAddress);
        var forwarded = context.Request.Headers[Header].SelectMany(value => (value ?? "").Split(',')).ToList();
        for (var last = forwarded.Count - 1; last >= 0 && IsTrusted(address); last--)
        {
            // With a port or without; a proxy that writes something else has said nothing.
            if (!IPEndPoint.TryParse(forwarded[last].Trim(), out var named))
                break;
            address = Plain(named.Address);
        }

        return ClientAddress.Of(address);
    }

    private bool IsTrusted(IPAddress? address) => address is not null && networks.Any(network => network.Contains(address));

    private static IPAddress? Plain(IPAddress? address) => address is { IsIPv4MappedToIPv6: true } ? address.MapToIPv4() : address;
}
