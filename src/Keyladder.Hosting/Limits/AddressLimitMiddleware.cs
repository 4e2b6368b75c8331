using Keyladder.Hosting.Authentication;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Keyladder.Hosting.Limits;

/// <summary>Counts the calls that carry no signature by the address they come from, before anything of them is read.</summary>
internal sealed class AddressLimitMiddleware(RequestDelegate next, RequestLimits limits, TrustedProxies proxies)
{
    public Task InvokeAsync(HttpContext context)
    {
        if (context.GetEndpoint() is RouteEndpoint endpoint && endpoint.Metadata.GetMetadata<UnsignedEndpoint>() is { IsLimited: true })
            limits.TakeUnsigned(proxies.AddressOf(context));
        return next(context);
    }
}
