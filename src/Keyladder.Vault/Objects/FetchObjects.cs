using Keyladder.Cryptography.Heads;
using Keyladder.Hosting.Authentication;
using Keyladder.Hosting.Objects;
using Keyladder.Hosting.Requests;
using Keyladder.Protocol.Vault;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Keyladder.Vault.Objects;

internal static class FetchObjects
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost(VaultRoutes.ObjectsFetch, HandleAsync).WithName(nameof(FetchObjects)).WithSummary("Many objects, with one proof for all names, those that do not exist included.");

    private static async Task<Ok<ObjectsResponse>> HandleAsync(
        SignedRequest caller, JsonBody<FetchObjectsRequest> body, ObjectReads<VaultHead, ObjectMessage> reads, CancellationToken cancellation)
    {
        WellFormed.Check(body.Value);
        var found = await reads.FetchAsync(caller, body.Value.Names.Select(name => new ObjectName(name.Id, name.Kind)), body.Value.Since, cancellation);
        return TypedResults.Ok(new ObjectsResponse(found.Objects, found.Head, found.Chain, found.Proof, found.Events));
    }
}
