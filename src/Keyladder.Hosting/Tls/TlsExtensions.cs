using System.Security.Authentication;
using Keyladder.Hosting.Observability;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Keyladder.Hosting.Tls;

internal static class TlsExtensions
{
    /// <summary>TLS for every https address of the server: version 1.3, or 1.2 too where the operator has said so.</summary>
    public static void UseCertificateFiles(this KestrelServerOptions kestrel, CertificateFiles files, bool tls12) => kestrel.ConfigureHttpsDefaults(https =>
    {
        var logger = kestrel.ApplicationServices.GetRequiredService<ILogger<CertificateFiles>>();
        https.SslProtocols = tls12 ? SslProtocols.Tls12 | SslProtocols.Tls13 : SslProtocols.Tls13;

        // The server wants one to start with; each handshake asks again.
        https.ServerCertificate = files.Present(logger).TargetCertificate;
        https.OnAuthenticate = (_, handshake) => handshake.ServerCertificateContext = files.Present(logger);
    });
}
