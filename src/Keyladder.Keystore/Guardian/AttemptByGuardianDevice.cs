using Keyladder.Hosting.Authentication;
using Keyladder.Hosting.Requests;
using Keyladder.Protocol.PassphraseStore;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Keyladder.Keystore.Guardian;

internal sealed class AttemptByGuardianDevice(GuardianGuests guests, GuardianRecords records)
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost(GuardianRoutes.DeviceAttempts, (GuestRequest guest, JsonBody<EvaluateRequest> body, AttemptByGuardianDevice endpoint, CancellationToken cancellation) =>
            endpoint.HandleAsync(guest, body.Value, cancellation))
            .WithName(nameof(AttemptByGuardianDevice)).WithSummary("A guess by a known device, whose guesses count apart: nobody else can use them up.").SignedByGuest(WellFormed.MaxGuestBytes);

    private async Task<Ok<GuardianEvaluationResponse>> HandleAsync(GuestRequest guest, EvaluateRequest request, CancellationToken cancellation)
    {
        var handle = await guests.VerifyDeviceAsync(guest, cancellation);
        WellFormed.RequireElement(request.Blinded);
        return TypedResults.Ok(new GuardianEvaluationResponse(
            await records.EvaluateAsync(GuardianRecords.SubjectOfDevice(guest.KeyId.ToString()), handle, request.Blinded, cancellation)));
    }
}
