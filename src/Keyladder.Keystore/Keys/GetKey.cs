using Keyladder.Cryptography;
using Keyladder.Hosting.Authentication;
using Keyladder.Hosting.OpenApi;
using Keyladder.Hosting.Problems;
using Keyladder.Keystore.Heads;
using Keyladder.Protocol;
using Keyladder.Protocol.Keystore;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Keyladder.Keystore.Keys;

internal static class GetKey
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet(KeystoreRoutes.Key, HandleAsync).WithName(nameof(GetKey)).WithSummary("One key, with its proof.")
            .Refuses(ProblemTypes.NotFound);

    private static async Task<Ok<KeysResponse>> HandleAsync(SignedRequest caller, KeyId id, HeadNumber? since, CancellationToken cancellation)
    {
        var found = await KeysStore.FetchAsync(caller, [id.Value], since.GetValueOrDefault().Value, cancellation);
        return found.Keys.Length > 0 ? TypedResults.Ok(found) : throw Problem.NotFound();
    }
}
