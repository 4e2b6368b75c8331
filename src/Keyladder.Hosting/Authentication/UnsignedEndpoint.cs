using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http.Metadata;

namespace Keyladder.Hosting.Authentication;

/// <summary>Marks the few endpoints that take no signature; every other one asks for it without being told. What anyone may send is small, and how often is limited.</summary>
internal sealed class UnsignedEndpoint(bool isLimited) : IRequestSizeLimitMetadata
{
    /// <summary>Whether <see cref="Limits.AddressLimitMiddleware"/> counts calls of it.</summary>
    public bool IsLimited { get; } = isLimited;

    public long? MaxRequestBodySize => 64 * 1024;
}

public static class UnsignedEndpointExtensions
{
    /// <param name="isLimited">False for what the operator's own machines ask every few seconds.</param>
    public static TBuilder Unsigned<TBuilder>(this TBuilder builder, bool isLimited = true)
        where TBuilder : IEndpointConventionBuilder => builder.WithMetadata(new UnsignedEndpoint(isLimited));
}
