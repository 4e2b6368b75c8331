using Keyladder.Hosting.Authentication;
using Keyladder.Hosting.OpenApi;
using Keyladder.Hosting.Requests;
using Keyladder.PassphraseStore.Records;
using Keyladder.Protocol;
using Keyladder.Protocol.PassphraseStore;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Keyladder.PassphraseStore.Attempts;

internal sealed class DeviceAttempt(Signers signers, RecordGuesses guesses, RecordSealing sealing)
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost(PassphraseStoreRoutes.DeviceAttempts, (GuestRequest caller, JsonBody<EvaluateRequest> body, DeviceAttempt endpoint, CancellationToken cancellation) =>
            endpoint.HandleAsync(caller, body.Value, cancellation))
            .WithName(nameof(DeviceAttempt)).WithSummary("A guess at the password by a known device, which has a count of its own.")
            .SignedByGuest(PassphraseStoreRoutes.MaxGuestBodyBytes).Refuses(ProblemTypes.TooManyRequests);

    private async Task<Ok<AttemptResponse>> HandleAsync(GuestRequest caller, EvaluateRequest request, CancellationToken cancellation)
    {
        var record = await signers.RequireDeviceAsync(caller, cancellation);
        WellFormed.RequireElement(request.Blinded);
        await guesses.CountAsync(caller.KeyId, cancellation);
        return TypedResults.Ok(Attempt.Answer(record, request.Blinded, sealing));
    }
}
