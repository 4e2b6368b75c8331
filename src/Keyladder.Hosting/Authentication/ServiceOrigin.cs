using Keyladder.Cryptography.Signing;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace Keyladder.Hosting.Authentication;

/// <summary>
/// The origin that assertions and signatures must name. It comes from the configuration, or where that names none from the one loopback address that the service listens on; never
/// from a request.
/// </summary>
public sealed class ServiceOrigin(Origin? configured, IServer server)
{
    private Origin? value = configured;

    /// <summary>Known once the service listens: the port may have been chosen by the system.</summary>
    public Origin Value => value ??= FromListener();

    private Origin FromListener()
    {
        var address = server.Features.Get<IServerAddressesFeature>()?.Addresses.FirstOrDefault();
        return Uri.TryCreate(address, UriKind.Absolute, out var uri) && uri.IsLoopback && uri.Port != 0 && Origin.TryCreate(uri, out var origin)
            ? origin
            : throw new InvalidOperationException("The service does not listen yet.");
    }
}
