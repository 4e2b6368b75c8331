using Keyladder.Hosting.Authentication;
using Keyladder.Hosting.Recovery;
using Keyladder.Protocol.PassphraseStore;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Keyladder.Keystore.Guardian;

internal sealed class SucceedAtGuardian(GuardianGuests guests, Guesses guesses)
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost(GuardianRoutes.Successes, (GuestRequest guest, SucceedAtGuardian endpoint, CancellationToken cancellation) => endpoint.HandleAsync(guest, cancellation))
            .WithName(nameof(SucceedAtGuardian)).WithSummary("The password was right: the guesses of the record and its devices count no more.").SignedByGuest(WellFormed.MaxGuestBytes);

    private async Task<NoContent> HandleAsync(GuestRequest guest, CancellationToken cancellation)
    {
        await guests.WriteAsync(
            guest,
            async transaction => await transaction.ExecuteAsync(guesses.Forget(await GuardianDevices.SubjectsAsync(transaction, guest.KeyId, cancellation)), cancellation),
            cancellation);
        return TypedResults.NoContent();
    }
}
