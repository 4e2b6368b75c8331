using Keyladder.Cryptography;
using Keyladder.Cryptography.Heads;
using Keyladder.Hosting.Authentication;
using Keyladder.Hosting.Heads;
using Keyladder.Hosting.Objects;
using Keyladder.Hosting.OpenApi;
using Keyladder.Hosting.Problems;
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

    private static async Task<Ok<KeysResponse>> HandleAsync(
        SignedRequest caller, KeyId id, HeadNumber? since, ObjectReads<KeystoreHead, KeyMessage> reads, CancellationToken cancellation)
    {
        var found = await reads.FetchAsync(caller, [new(id.Value)], since.GetValueOrDefault().Value, cancellation);
        return found.Objects.Length > 0 ? TypedResults.Ok(FetchKeys.Answer(found)) : throw Problem.NotFound();
    }
}
