using System.Security.Cryptography;
using Keyladder.Cryptography.Oprf;
using Keyladder.Hosting.Authentication;
using Keyladder.Hosting.Requests;
using Keyladder.PassphraseStore.Records;
using Keyladder.Protocol.PassphraseStore;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Keyladder.PassphraseStore.Attempts;

internal sealed class Evaluate(FreshKeys keys, RecordGuardian guardian)
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost(PassphraseStoreRoutes.Evaluations, (JsonBody<EvaluateRequest> body, Evaluate endpoint) => endpoint.Handle(body.Value))
            .WithName(nameof(Evaluate)).WithSummary("Evaluates under a key that is new, for a record that is to be made or replaced.").Unsigned();

    // No guess: the key has evaluated nothing before and is told to the one who asks, sealed.
    private Ok<EvaluateResponse> Handle(EvaluateRequest request)
    {
        WellFormed.RequireElement(request.Blinded);
        using var key = OprfKey.Generate();
        using var scalar = key.DangerousExport();
        return TypedResults.Ok(new EvaluateResponse(
            key.BlindEvaluate(request.Blinded), keys.Seal(scalar), RandomNumberGenerator.GetBytes(RecoveryLimits.ElementBytes), guardian.Origin.ToString()));
    }
}
