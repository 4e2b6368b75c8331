using Keyladder.Hosting.Authentication;
using Keyladder.Hosting.Heads;
using Keyladder.Protocol.Keystore;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Keyladder.Keystore.Accounts;

internal static class GetAccount
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet(KeystoreRoutes.Account, HandleAsync).WithName(nameof(GetAccount)).WithSummary("What unlocks the account: the session's slot, the identity keypair, the newest head.");

    private static async Task<Ok<AccountResponse>> HandleAsync(SignedRequest caller, HeadNumber? since, AccountsStore accounts, CancellationToken cancellation) =>
        TypedResults.Ok(await accounts.GetAsync(caller, since.GetValueOrDefault().Value, cancellation));
}
