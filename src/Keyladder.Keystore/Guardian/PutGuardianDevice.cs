using Keyladder.Hosting.Authentication;
using Keyladder.Hosting.OpenApi;
using Keyladder.Hosting.Recovery;
using Keyladder.Hosting.Requests;
using Keyladder.Protocol;
using Keyladder.Protocol.PassphraseStore;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Keyladder.Keystore.Guardian;

internal sealed class PutGuardianDevice(GuardianGuests guests)
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPut(GuardianRoutes.Device, (GuestRequest guest, DeviceId id, JsonBody<PutRecoveryDeviceRequest> body, PutGuardianDevice endpoint, CancellationToken cancellation) =>
            endpoint.HandleAsync(guest, id, body.Value, cancellation))
            .WithName(nameof(PutGuardianDevice)).WithSummary("A device that the record knows, or another key of it.")
            .SignedByGuest(WellFormed.MaxGuestBytes).Refuses(ProblemTypes.NotFound, ProblemTypes.QuotaExceeded);

    private async Task<Ok> HandleAsync(GuestRequest guest, DeviceId id, PutRecoveryDeviceRequest request, CancellationToken cancellation)
    {
        await guests.VerifyAsync(guest, cancellation);
        WellFormed.RequirePublicKey(request.PublicKey);
        await guests.WriteAsync(guest, transaction => GuardianDevices.PutAsync(transaction, guest.KeyId, id, request.PublicKey, cancellation), cancellation);
        return TypedResults.Ok();
    }
}
