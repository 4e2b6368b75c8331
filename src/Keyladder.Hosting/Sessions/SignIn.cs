using Keyladder.Hosting.Authentication;
using Keyladder.Hosting.Limits;
using Keyladder.Hosting.OpenApi;
using Keyladder.Hosting.Requests;
using Keyladder.Protocol;
using Keyladder.Protocol.Keystore;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Keyladder.Hosting.Sessions;

internal static class SignIn
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost(ServiceRoutes.Sessions, HandleAsync).WithName(nameof(SignIn)).WithSummary("A session for who holds the login key of a slot.")
            .Refuses(ProblemTypes.SignInFailed, ProblemTypes.NonceExpired).Unsigned();

    private static async Task<Created<SignInResponse>> HandleAsync(
        JsonBody<SignInRequest> body, ClientAddress address, SessionsStore sessions, CancellationToken cancellation) =>
        TypedResults.Created((string?)null, await sessions.SignInAsync(body.Value.Assertion, address, cancellation));
}
