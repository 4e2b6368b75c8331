using Keyladder.Cryptography.Signing;
using Keyladder.Hosting.Limits;
using Keyladder.Hosting.Problems;
using Keyladder.Hosting.Requests;
using Keyladder.Hosting.Storage;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;

namespace Keyladder.Hosting.Authentication;

/// <summary>
/// Asks every endpoint's request for a signature (docs/spec/sign-in.md sections 4 and 7) unless the endpoint says otherwise, and checks all of it that needs no database: form, time, and the
/// body against its digest, but for a <see cref="StreamedBody"/>.
/// </summary>
internal sealed class SignatureMiddleware(
    RequestDelegate next, ServiceOrigin origin, Database database, SessionKeys sessionKeys, RequestLimits limits, TrustedProxies proxies, TimeProvider time)
{
    public async Task InvokeAsync(HttpContext context)
    {
        // What the router itself answers with (404, 405) is no route endpoint.
        if (context.GetEndpoint() is RouteEndpoint endpoint && endpoint.Metadata.GetMetadata<UnsignedEndpoint>() is null)
        {
            if (endpoint.Metadata.GetMetadata<GuestEndpoint>() is null)
                context.Features.Set(await ReadAsync(context));
            else
                context.Features.Set(await ReadGuestAsync(context));
        }

        await next(context);
    }

    private async Task<SignedRequest> ReadAsync(HttpContext context)
    {
        if (!HttpMessageSignature.TryParse(Field(context, "Signature-Input"), Field(context, "Signature"), out var signature))
            throw Problem.SignInRequired();
        var covered = await CoverAsync(context, signature.IsTimely);
        return new SignedRequest(signature, covered, covered.ContentDigest, database, sessionKeys, limits, time);
    }

    // Anybody may call as a guest: what fails is counted as a call without a signature is, here and when the key is known.
    private async Task<GuestRequest> ReadGuestAsync(HttpContext context)
    {
        var address = proxies.AddressOf(context);
        try
        {
            if (!GuestSignature.TryParse(Field(context, "Signature-Input"), Field(context, "Signature"), out var signature))
                throw Problem.SignInRequired();
            return new GuestRequest(signature, await CoverAsync(context, signature.IsTimely), address, limits);
        }
        catch (ProblemException)
        {
            limits.TakeUnsigned(address);
            throw;
        }
    }

    private async Task<CoveredComponents> CoverAsync(HttpContext context, Predicate<DateTimeOffset> isTimely)
    {
        if (!ContentDigest.TryParse(Field(context, "Content-Digest"), out var digest))
            throw Problem.SignInRequired();
        var now = time.GetUtcNow();
        if (!isTimely(now))
            throw Problem.ClockSkew(now);
        if (context.GetEndpoint()!.Metadata.GetMetadata<StreamedBody>() is null && ContentDigest.Of(await RequestBody.ReadAsync(context)) != digest)
            throw Problem.SignInRequired();

        // The target as it came: what the router has decoded may stand for several.
        var target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        return CoveredComponents.AreCoverable(context.Request.Method, target)
            ? new CoveredComponents(context.Request.Method, origin.Value, target, digest)
            : throw Problem.SignInRequired();
    }

    private static string? Field(HttpContext context, string name) => context.Request.Headers[name] is { Count: 1 } values ? values[0] : null;
}
