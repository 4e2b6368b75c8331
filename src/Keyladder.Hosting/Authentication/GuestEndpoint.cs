using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http.Metadata;

namespace Keyladder.Hosting.Authentication;

/// <summary>Marks the few endpoints that take the signature of a guest, and of no session.</summary>
internal sealed class GuestEndpoint(long maxBytes) : IRequestSizeLimitMetadata
{
    public long? MaxRequestBodySize => maxBytes;
}

public static class GuestEndpointExtensions
{
    /// <param name="maxBytes">That a body may have.</param>
    public static TBuilder SignedByGuest<TBuilder>(this TBuilder builder, long maxBytes)
        where TBuilder : IEndpointConventionBuilder => builder.WithMetadata(new GuestEndpoint(maxBytes));
}
