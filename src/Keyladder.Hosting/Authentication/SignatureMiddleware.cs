using Keyladder.Cryptography.Signing;
using Keyladder.Hosting.Limits;
using Keyladder.Hosting.Problems;
using Keyladder.Hosting.Requests;
using Keyladder.Hosting.Storage;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Primitives;

namespace Keyladder.Hosting.Authentication;

/// <summary>
/// Asks every endpoint's request for a signature (docs/spec/sign-in.md section 4) unless the endpoint says otherwise, and checks all of it that needs no database: form, time, and the
/// body against its digest, but for a <see cref="StreamedBody"/>.
/// </summary>
internal sealed class SignatureMiddleware(
    RequestDelegate next, ServiceOrigin origin, Database database, SessionKeys sessionKeys, RequestLimits limits, TimeProvider time)
{
    public async Task InvokeAsync(HttpContext context)
    {
        // What the router itself answers with (404, 405) is no route endpoint.
        if (context.GetEndpoint() is RouteEndpoint endpoint && endpoint.Metadata.GetMetadata<UnsignedEndpoint>() is null)
            context.Features.Set(await ReadAsync(context));
        await next(context);
    }

    private async Task<SignedRequest> ReadAsync(HttpContext context)
    {
        var headers = context.Request.Headers;
        if (!HttpMessageSignature.TryParse(Single(headers["Signature-Input"]), Single(headers["Signature"]), out var signature)
            || !ContentDigest.TryParse(Single(headers["Content-Digest"]), out var digest))
            throw Problem.SignInRequired();

        var now = time.GetUtcNow();
        if (!signature.IsTimely(now))
            throw Problem.ClockSkew(now);
        if (context.GetEndpoint()!.Metadata.GetMetadata<StreamedBody>() is null && ContentDigest.Of(await RequestBody.ReadAsync(context)) != digest)
            throw Problem.SignInRequired();

        // The target as it came: what the router has decoded may stand for several.
        var target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        if (!CoveredComponents.AreCoverable(context.Request.Method, target))
            throw Problem.SignInRequired();
        var covered = new CoveredComponents(context.Request.Method, origin.Value, target, digest);
        return new SignedRequest(signature, covered, digest, database, sessionKeys, limits, time);
    }

    private static string? Single(StringValues values) => values.Count == 1 ? values[0] : null;
}
