using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Reflection;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Keyladder.Hosting.Limits;

/// <summary>Whom a limit per address is about: an IPv4 address, or the /64 that one household or host gets of IPv6. It is held in memory for a while and stored nowhere.</summary>
public readonly record struct ClientAddress
{
    private readonly UInt128 bits;

    private ClientAddress(UInt128 bits) => this.bits = bits;

    public static ValueTask<ClientAddress> BindAsync(HttpContext context, ParameterInfo parameter)
    {
        ArgumentNullException.ThrowIfNull(context);
        return ValueTask.FromResult(context.RequestServices.GetRequiredService<TrustedProxies>().AddressOf(context));
    }

    public static ClientAddress Of(IPAddress? address)
    {
        // A socket without an address is one of this machine.
        var known = address ?? IPAddress.Loopback;
        if (known.IsIPv4MappedToIPv6)
            known = known.MapToIPv4();
        var bits = BinaryPrimitives.ReadUInt128BigEndian(known.MapToIPv6().GetAddressBytes());
        return new(known.AddressFamily == AddressFamily.InterNetworkV6 ? bits >> 64 << 64 : bits);
    }

    /// <summary>16 bytes.</summary>
    public byte[] ToArray()
    {
        var bytes = new byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, bits);
        return bytes;
    }

    /// <summary>Says nothing: addresses stand in no log.</summary>
    public override string ToString() => nameof(ClientAddress);
}
