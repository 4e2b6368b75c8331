using Keyladder.Cryptography.Heads;
using Keyladder.Hosting.Authentication;
using Keyladder.Hosting.Heads;
using Keyladder.Hosting.Objects;
using Keyladder.Hosting.Problems;
using Keyladder.Hosting.Storage;
using Keyladder.Protocol;
using Keyladder.Protocol.Vault;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Keyladder.Vault.Changes;

internal static class GetChanges
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet(ServiceRoutes.Changes, HandleAsync).WithName(nameof(GetChanges)).WithSummary("What is other than at the caller's head, with one proof for both.");

    private static async Task<Ok<ObjectChangesResponse>> HandleAsync(
        SignedRequest caller,
        HeadNumber? since,
        string? attributes,
        ObjectChanges<VaultHead, ObjectMessage> changes,
        ObjectTable<VaultHead, ObjectMessage> table,
        CancellationToken cancellation)
    {
        Problem.MalformedRequestUnless(attributes is null or "1");
        var found = await changes.GetAsync(
            caller, since.GetValueOrDefault().Value, changed => Inline(table.Columns, attributes is null ? $"{changed} AND kind = @item" : changed), cancellation);
        return TypedResults.Ok(new ObjectChangesResponse(
            [.. found.Changes.Select(change => new ObjectChangeMessage(change.Name.Kind!, change.Name.Id, change.Old, change.New))],
            [.. found.Objects],
            found.Head,
            found.Chain,
            found.Proof,
            found.Events));
    }

    // Items first, and as many as fit. What each adds up to is computed without reading the envelopes.
    private static Statement Inline(string columns, string condition) => new($"""
        SELECT {columns} FROM objects WHERE account_id = @account AND object_id IN (
            SELECT object_id FROM (
                SELECT object_id, sum(length(sealed)) OVER (ORDER BY kind DESC, object_id) AS total FROM objects WHERE {condition}
            ) AS sized WHERE total <= @bytes
        );
        """) { { "bytes", VaultRoutes.MaxDeltaBytes }, { "item", ObjectKind.Item } };
}
