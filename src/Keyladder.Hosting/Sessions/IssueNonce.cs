using Keyladder.Hosting.Authentication;
using Keyladder.Protocol;
using Keyladder.Protocol.Keystore;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Keyladder.Hosting.Sessions;

internal static class IssueNonce
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost(ServiceRoutes.Nonces, Handle).WithName(nameof(IssueNonce)).WithSummary("A nonce for one assertion or proof, and the service's time.").Unsigned();

    private static Ok<NonceResponse> Handle(Nonces nonces, TimeProvider time) =>
        TypedResults.Ok(new NonceResponse(nonces.Issue(), time.GetUtcNow().ToUnixTimeMilliseconds()));
}
