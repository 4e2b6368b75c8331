using Keyladder.Hosting.Authentication;
using Keyladder.Hosting.Problems;
using Keyladder.Keystore.Heads;
using Keyladder.Protocol.Keystore;
using Keyladder.Protocol;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Keyladder.Keystore.Accounts;

internal static class GetAccountData
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet(ServiceRoutes.AccountData, HandleAsync).WithName(nameof(GetAccountData)).WithSummary("Every row that the service keeps of the account, table by table.");

    private static async Task<Ok<AccountDataResponse>> HandleAsync(SignedRequest caller, string? table, HeadNumber? skip, CancellationToken cancellation) =>
        table is null || AccountTables.Names.Contains(table)
            ? TypedResults.Ok(await AccountTables.ListAsync(caller, table ?? AccountTables.First, skip.GetValueOrDefault().Value, cancellation))
            : throw Problem.MalformedRequest();
}
