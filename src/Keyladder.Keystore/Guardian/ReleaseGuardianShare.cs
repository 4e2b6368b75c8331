using Keyladder.Hosting.Authentication;
using Keyladder.Protocol.PassphraseStore;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Keyladder.Keystore.Guardian;

internal sealed class ReleaseGuardianShare(GuardianGuests guests, GuardianRecords records)
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost(GuardianRoutes.Releases, (GuestRequest guest, ReleaseGuardianShare endpoint, CancellationToken cancellation) => endpoint.HandleAsync(guest, cancellation))
            .WithName(nameof(ReleaseGuardianShare)).WithSummary("The Guardian's share, for who has the person's own: on paper, or at a known device.").SignedByGuest(WellFormed.MaxGuestBytes);

    private async Task<Ok<GuardianReleaseResponse>> HandleAsync(GuestRequest guest, CancellationToken cancellation) =>
        TypedResults.Ok(new GuardianReleaseResponse(records.OpenShare(await guests.ReleaseAsync(guest, cancellation), guest.KeyId)));
}
