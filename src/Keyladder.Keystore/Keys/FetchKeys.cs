using Keyladder.Cryptography.Heads;
using Keyladder.Hosting.Authentication;
using Keyladder.Hosting.Objects;
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

    private static async Task<Ok<KeysResponse>> HandleAsync(
        SignedRequest caller, JsonBody<FetchKeysRequest> body, ObjectReads<KeystoreHead, KeyMessage> reads, CancellationToken cancellation)
    {
        WellFormed.Check(body.Value);
        return TypedResults.Ok(Answer(await reads.FetchAsync(caller, body.Value.Ids.Select(id => new ObjectName(id)), body.Value.Since, cancellation)));
    }

    public static KeysResponse Answer(FoundObjects<KeyMessage> found) => new(found.Objects, found.Head, found.Chain, found.Proof, found.Events);
}
