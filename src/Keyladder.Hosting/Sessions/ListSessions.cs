using Keyladder.Hosting.Authentication;
using Keyladder.Protocol;
using Keyladder.Protocol.Keystore;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Keyladder.Hosting.Sessions;

internal static class ListSessions
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet(ServiceRoutes.Sessions, HandleAsync).WithName(nameof(ListSessions)).WithSummary("The account's sessions.");

    private static async Task<Ok<SessionsResponse>> HandleAsync(SignedRequest caller, SessionsStore sessions, CancellationToken cancellation) =>
        TypedResults.Ok(await sessions.ListAsync(caller, cancellation));
}
