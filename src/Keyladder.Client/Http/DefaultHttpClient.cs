using System.Net;
using System.Security.Authentication;

namespace Keyladder.Client;

/// <summary>
/// The HTTP client of an app that brings none: TLS 1.3, no redirects, no cookies, no proxy credentials, connections that follow DNS.
/// </summary>
internal static class DefaultHttpClient
{
    public static HttpClient Create() => new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        AutomaticDecompression = DecompressionMethods.None,
        ConnectTimeout = TimeSpan.FromSeconds(10),
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        MaxResponseHeadersLength = 16,
        SslOptions = { EnabledSslProtocols = SslProtocols.Tls13 },
    })
    {
        // Each call has its own limit, which covers the body too.
        Timeout = Timeout.InfiniteTimeSpan,
    };
}
