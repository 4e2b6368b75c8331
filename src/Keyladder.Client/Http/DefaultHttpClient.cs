using System.Net;
using System.Security.Authentication;
using Keyladder.Cryptography.Signing;

namespace Keyladder.Client;

/// <summary>
/// The HTTP client of an app that brings none: TLS 1.3, no redirects, no cookies, no proxy credentials, connections that follow DNS.
/// To a service on this machine it goes without a proxy: plain HTTP is allowed there because it does not leave the machine.
/// </summary>
internal static class DefaultHttpClient
{
    public static HttpClient Create(Origin origin) => new(CreateHandler(origin))
    {
        // Each call has its own limit, which covers the body too.
        Timeout = Timeout.InfiniteTimeSpan,
    };

    internal static SocketsHttpHandler CreateHandler(Origin origin) => new()
    {
        UseProxy = !origin.Address.IsLoopback,
        AllowAutoRedirect = false,
        UseCookies = false,
        AutomaticDecompression = DecompressionMethods.None,
        ConnectTimeout = TimeSpan.FromSeconds(10),
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        MaxResponseHeadersLength = 16,
        SslOptions = { EnabledSslProtocols = SslProtocols.Tls13 },
    };
}
