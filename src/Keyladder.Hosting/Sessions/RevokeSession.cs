using Keyladder.Cryptography;
using Keyladder.Hosting.Authentication;
using Keyladder.Hosting.OpenApi;
using Keyladder.Protocol;
using Keyladder.Protocol.Keystore;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Keyladder.Hosting.Sessions;

internal static class RevokeSession
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapDelete(ServiceRoutes.Session, HandleAsync).WithName(nameof(RevokeSession)).WithSummary("Ends a session at once.").Refuses(ProblemTypes.NotFound);
        routes.MapDelete(ServiceRoutes.CurrentSession, HandleCurrentAsync).WithName("RevokeCurrentSession").WithSummary("Ends the caller's own session at once.");
    }

    private static async Task<NoContent> HandleAsync(SignedRequest caller, SessionId id, SessionsStore sessions, CancellationToken cancellation)
    {
        await sessions.RevokeAsync(caller, id, cancellation);
        return TypedResults.NoContent();
    }

    private static Task<NoContent> HandleCurrentAsync(SignedRequest caller, SessionsStore sessions, CancellationToken cancellation) =>
        HandleAsync(caller, caller.Session, sessions, cancellation);
}
