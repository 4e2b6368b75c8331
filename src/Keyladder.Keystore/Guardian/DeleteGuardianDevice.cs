using Keyladder.Hosting.Authentication;
using Keyladder.Hosting.OpenApi;
using Keyladder.Hosting.Recovery;
using Keyladder.Protocol;
using Keyladder.Protocol.PassphraseStore;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Keyladder.Keystore.Guardian;

internal sealed class DeleteGuardianDevice(GuardianGuests guests)
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapDelete(GuardianRoutes.Device, (GuestRequest guest, DeviceId id, DeleteGuardianDevice endpoint, CancellationToken cancellation) =>
            endpoint.HandleAsync(guest, id, cancellation))
            .WithName(nameof(DeleteGuardianDevice)).WithSummary("The record knows the device no more.").SignedByGuest(WellFormed.MaxGuestBytes).Refuses(ProblemTypes.NotFound);

    private async Task<NoContent> HandleAsync(GuestRequest guest, DeviceId id, CancellationToken cancellation)
    {
        await guests.WriteAsync(guest, transaction => GuardianDevices.DeleteAsync(transaction, guest.KeyId, id, cancellation), cancellation);
        return TypedResults.NoContent();
    }
}
