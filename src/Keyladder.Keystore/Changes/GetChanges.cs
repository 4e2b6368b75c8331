using Keyladder.Cryptography.Heads;
using Keyladder.Hosting.Authentication;
using Keyladder.Hosting.Heads;
using Keyladder.Hosting.Objects;
using Keyladder.Hosting.Storage;
using Keyladder.Protocol;
using Keyladder.Protocol.Keystore;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Keyladder.Keystore.Changes;

internal static class GetChanges
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet(ServiceRoutes.Changes, HandleAsync).WithName(nameof(GetChanges)).WithSummary("What is other than at the caller's head, with one proof for both.");

    private static async Task<Ok<ChangesResponse>> HandleAsync(
        SignedRequest caller, HeadNumber? since, ObjectChanges<KeystoreHead, KeyMessage> changes, ObjectTable<KeystoreHead, KeyMessage> table, CancellationToken cancellation)
    {
        var found = await changes.GetAsync(
            caller,
            since.GetValueOrDefault().Value,
            changed => new($"SELECT {table.Columns} FROM {table.Name} WHERE {changed} LIMIT @limit;") { { "limit", KeystoreRoutes.MaxDeltaObjects + 1 } },
            cancellation);
        return TypedResults.Ok(new ChangesResponse(
            [.. found.Changes.Select(change => new ChangeMessage(change.Name.Id, change.Old, change.New))],
            found.Changes.Count <= KeystoreRoutes.MaxDeltaObjects ? [.. found.Objects] : [],
            found.Head,
            found.Chain,
            found.Proof));
    }
}
