using Keyladder.Hosting.Authentication;
using Keyladder.Hosting.OpenApi;
using Keyladder.Hosting.Problems;
using Keyladder.Hosting.Storage;
using Keyladder.Protocol;
using Keyladder.Protocol.Vault;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Keyladder.Vault.Objects;

internal static class ListVersions
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet(VaultRoutes.ObjectVersions, HandleAsync).WithName(nameof(ListVersions)).WithSummary("What an object was before, the newest first.")
            .Refuses(ProblemTypes.NotFound);

    private static async Task<Ok<VersionsResponse>> HandleAsync(SignedRequest caller, ObjectId id, CancellationToken cancellation)
    {
        var (isThere, versions) = await caller.ReadAsync(
            new Statement($"""
                SELECT 1 FROM objects WHERE account_id = @account AND object_id = @object;
                SELECT {ObjectsTable.ObjectColumns} FROM versions WHERE account_id = @account AND object_id = @object ORDER BY revision DESC;
                """) { { "object", id.Value.ToString() } },
            async rows => (
                (await rows.ListAsync(_ => true, cancellation)).Count > 0,
                await rows.ListAsync(ObjectsTable.ReadObject, cancellation)),
            cancellation);
        return isThere ? TypedResults.Ok(new VersionsResponse([.. versions])) : throw Problem.NotFound();
    }
}
