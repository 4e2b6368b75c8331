using Keyladder.Cryptography.Heads;
using Keyladder.Hosting.Authentication;
using Keyladder.Hosting.OpenApi;
using Keyladder.Hosting.Requests;
using Keyladder.Protocol;
using Keyladder.Protocol.Keystore;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Keyladder.Hosting.Accounts;

internal static class DeleteAccount
{
    public static void Map<THead, TObject>(IEndpointRouteBuilder routes)
        where THead : Head, IHead<THead>
        where TObject : class =>
        routes.MapPost(ServiceRoutes.AccountDeletion, HandleAsync<THead, TObject>).WithName(nameof(DeleteAccount)).WithSummary("Deletes the account and every row of it.")
            .Refuses(ProblemTypes.SignInFailed, ProblemTypes.NonceExpired, ProblemTypes.HeadConflict, ProblemTypes.HeadRejected);

    private static async Task<Ok<DeleteAccountResponse>> HandleAsync<THead, TObject>(
        SignedRequest caller, JsonBody<DeleteAccountRequest> body, Deletions<THead, TObject> deletions, CancellationToken cancellation)
        where THead : Head, IHead<THead>
        where TObject : class => TypedResults.Ok(await deletions.DeleteAsync(caller, body.Value, cancellation));
}
