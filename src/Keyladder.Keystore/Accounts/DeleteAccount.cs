using Keyladder.Hosting.Authentication;
using Keyladder.Hosting.OpenApi;
using Keyladder.Hosting.Requests;
using Keyladder.Protocol;
using Keyladder.Protocol.Keystore;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Keyladder.Keystore.Accounts;

internal static class DeleteAccount
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost(ServiceRoutes.AccountDeletion, HandleAsync).WithName(nameof(DeleteAccount)).WithSummary("Deletes the account and every row of it.")
            .Refuses(ProblemTypes.SignInFailed, ProblemTypes.NonceExpired, ProblemTypes.HeadConflict, ProblemTypes.HeadRejected);

    private static async Task<Ok<DeleteAccountResponse>> HandleAsync(
        SignedRequest caller, JsonBody<DeleteAccountRequest> body, AccountsStore accounts, CancellationToken cancellation)
    {
        WellFormed.Check(body.Value);
        return TypedResults.Ok(await accounts.DeleteAsync(caller, body.Value, cancellation));
    }
}
