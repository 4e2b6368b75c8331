using Keyladder.Hosting.Authentication;
using Keyladder.Keystore.Heads;
using Keyladder.Protocol.Keystore;
using Keyladder.Protocol;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Keyladder.Keystore.Changes;

internal static class GetChanges
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet(ServiceRoutes.Changes, HandleAsync).WithName(nameof(GetChanges)).WithSummary("What is other than at the caller's head, with one proof for both.");

    private static async Task<Ok<ChangesResponse>> HandleAsync(SignedRequest caller, HeadNumber? since, CancellationToken cancellation) =>
        TypedResults.Ok(await Delta.GetAsync(caller, since.GetValueOrDefault().Value, cancellation));
}
