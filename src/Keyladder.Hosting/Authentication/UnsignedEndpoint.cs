using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http.Metadata;

namespace Keyladder.Hosting.Authentication;

/// <summary>Marks the few endpoints that take no signature; every other one asks for it without being told. What anyone may send is small.</summary>
internal sealed class UnsignedEndpoint : IRequestSizeLimitMetadata
{
    public long? MaxRequestBodySize => 64 * 1024;
}

public static class UnsignedEndpointExtensions
{
    public static TBuilder Unsigned<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder => builder.WithMetadata(new UnsignedEndpoint());
}
