using Microsoft.AspNetCore.Http.Metadata;

namespace Keyladder.Hosting.Authentication;

/// <summary>
/// Marks an endpoint whose body is too large to be held in memory: it reads the body itself, after the signature has been verified, and calls
/// <see cref="SignedRequest.RequireBody"/> before anything of it counts.
/// </summary>
/// <param name="maxBytes">That the body may have.</param>
public sealed class StreamedBody(long maxBytes) : IRequestSizeLimitMetadata
{
    public long? MaxRequestBodySize => maxBytes;
}
