using Keyladder.Hosting.Authentication;
using Keyladder.Hosting.Requests;
using Keyladder.Protocol.PassphraseStore;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Keyladder.Keystore.Guardian;

internal sealed class AttemptAtGuardian(GuardianRecords records)
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost(GuardianRoutes.Attempts, (JsonBody<GuardianAttemptRequest> body, AttemptAtGuardian endpoint, CancellationToken cancellation) =>
            endpoint.HandleAsync(body.Value, cancellation))
            .WithName(nameof(AttemptAtGuardian)).WithSummary("A guess at the password of a record. It is counted before it is evaluated.").Unsigned();

    private async Task<Ok<GuardianEvaluationResponse>> HandleAsync(GuardianAttemptRequest request, CancellationToken cancellation)
    {
        WellFormed.RequireElement(request.Blinded);
        return TypedResults.Ok(new GuardianEvaluationResponse(
            await records.EvaluateAsync(GuardianRecords.SubjectOf(request.Handle), request.Handle, request.Blinded, cancellation)));
    }
}
