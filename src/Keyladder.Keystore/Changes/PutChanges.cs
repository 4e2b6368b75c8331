using Keyladder.Cryptography.Heads;
using Keyladder.Hosting.Authentication;
using Keyladder.Hosting.Objects;
using Keyladder.Hosting.OpenApi;
using Keyladder.Hosting.Requests;
using Keyladder.Protocol;
using Keyladder.Protocol.Keystore;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Keyladder.Keystore.Changes;

internal static class PutChanges
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost(ServiceRoutes.Changes, HandleAsync).WithName(nameof(PutChanges)).WithSummary("Puts and deletes keys under the next head, all or nothing.")
            .Refuses(ProblemTypes.QuotaExceeded, ProblemTypes.HeadConflict, ProblemTypes.HeadRejected);

    private static async Task<Ok<WriteResponse>> HandleAsync(
        SignedRequest caller, JsonBody<WriteRequest> body, ObjectWrites<KeystoreHead, KeyMessage> writes, CancellationToken cancellation)
    {
        var request = body.Value;
        WellFormed.Check(request);
        var write = new ObjectWrite<KeyMessage>(
            request.Head,
            [.. request.Put.Select(put => new PutObject<KeyMessage>(put.Key, put.Replaces))],
            [.. request.Delete.Select(delete => new DeleteObject(new(delete.Id), delete.Replaces))]);
        return TypedResults.Ok(await writes.PutAsync(caller, write, also: null, (number, _) => Task.FromResult(new WriteResponse(number)), cancellation));
    }
}
