using Keyladder.Hosting.Authentication;
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

    private static async Task<Ok<WriteResponse>> HandleAsync(SignedRequest caller, JsonBody<WriteRequest> body, ChangesStore changes, CancellationToken cancellation)
    {
        WellFormed.Check(body.Value);
        return TypedResults.Ok(new WriteResponse(await changes.PutAsync(caller, body.Value, cancellation)));
    }
}
