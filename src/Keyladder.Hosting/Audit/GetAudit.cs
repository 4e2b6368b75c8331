using Keyladder.Hosting.Authentication;
using Keyladder.Hosting.Heads;
using Keyladder.Protocol;
using Keyladder.Protocol.Keystore;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Keyladder.Hosting.Audit;

internal static class GetAudit
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet(ServiceRoutes.Audit, HandleAsync).WithName(nameof(GetAudit)).WithSummary("What happened to the account, in order.");

    private static async Task<Ok<AuditResponse>> HandleAsync(SignedRequest caller, HeadNumber? after, CancellationToken cancellation) =>
        TypedResults.Ok(await AuditLog.GetAsync(caller, after.GetValueOrDefault().Value, cancellation));
}
