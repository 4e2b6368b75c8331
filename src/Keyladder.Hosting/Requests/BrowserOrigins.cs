using Microsoft.Extensions.DependencyInjection;

namespace Keyladder.Hosting.Requests;

/// <summary>
/// Which web pages a browser lets call the service (Fetch, "CORS protocol"): those that the operator lists, with the headers that a signed request needs. Never with credentials: there
/// are none that a browser would add by itself.
/// </summary>
internal static class BrowserOrigins
{
    private static readonly TimeSpan PreflightMaxAge = TimeSpan.FromMinutes(10);

    public static void AddTo(IServiceCollection services, string[] origins) =>
        services.AddCors(cors => cors.AddDefaultPolicy(policy => policy
            .WithOrigins(origins)
            .WithMethods("GET", "POST", "PUT", "DELETE")
            .WithHeaders("Content-Type", "Content-Digest", "Signature-Input", "Signature")
            .DisallowCredentials()
            .SetPreflightMaxAge(PreflightMaxAge)));
}
