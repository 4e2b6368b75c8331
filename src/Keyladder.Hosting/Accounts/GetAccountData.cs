using Keyladder.Hosting.Authentication;
using Keyladder.Hosting.Heads;
using Keyladder.Hosting.Problems;
using Keyladder.Protocol;
using Keyladder.Protocol.Keystore;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Keyladder.Hosting.Accounts;

internal static class GetAccountData
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet(ServiceRoutes.AccountData, HandleAsync).WithName(nameof(GetAccountData)).WithSummary("Every row that the service keeps of the account, table by table.");

    private static async Task<Ok<AccountDataResponse>> HandleAsync(
        SignedRequest caller, AccountTables tables, string? table, HeadNumber? skip, CancellationToken cancellation) =>
        table is null || tables.Has(table)
            ? TypedResults.Ok(await tables.ListAsync(caller, table ?? tables.First, skip.GetValueOrDefault().Value, cancellation))
            : throw Problem.MalformedRequest();
}
