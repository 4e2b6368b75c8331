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

namespace Keyladder.Keystore.Accounts;

internal static class SignUp
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost(ServiceRoutes.Accounts, HandleAsync).WithName(nameof(SignUp)).WithSummary("A new account with its first slot, key and head, and a session.")
            .Refuses(ProblemTypes.SignInFailed, ProblemTypes.NonceExpired, ProblemTypes.SignUpClosed, ProblemTypes.AccountExists, ProblemTypes.HeadRejected).Unsigned();

    private static async Task<Created<SignInResponse>> HandleAsync(
        JsonBody<SignUpRequest> body, ClientAddress address, AccountsStore accounts, CancellationToken cancellation)
    {
        WellFormed.Check(body.Value);
        return TypedResults.Created((string?)null, await accounts.SignUpAsync(body.Value, address, cancellation));
    }
}
