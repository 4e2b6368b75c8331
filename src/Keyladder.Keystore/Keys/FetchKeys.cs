using Keyladder.Hosting.Authentication;
using Keyladder.Hosting.Requests;
using Keyladder.Protocol.Keystore;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Keyladder.Keystore.Keys;

internal static class FetchKeys
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost(KeystoreRoutes.KeysFetch, HandleAsync).WithName(nameof(FetchKeys)).WithSummary("Many keys, with one proof for all ids, those that do not exist included.");

    private static async Task<Ok<KeysResponse>> HandleAsync(SignedRequest caller, JsonBody<FetchKeysRequest> body, CancellationToken cancellation)
    {
        WellFormed.Check(body.Value);
        return TypedResults.Ok(await KeysStore.FetchAsync(caller, body.Value.Ids, body.Value.Since, cancellation));
    }
}
