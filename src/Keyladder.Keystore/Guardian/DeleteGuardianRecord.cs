using Keyladder.Hosting.Authentication;
using Keyladder.Hosting.Recovery;
using Keyladder.Hosting.Storage;
using Keyladder.Protocol.PassphraseStore;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Keyladder.Keystore.Guardian;

internal sealed class DeleteGuardianRecord(GuardianGuests guests)
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapDelete(GuardianRoutes.Record, (GuestRequest guest, DeleteGuardianRecord endpoint, CancellationToken cancellation) => endpoint.HandleAsync(guest, cancellation))
            .WithName(nameof(DeleteGuardianRecord)).WithSummary("Nothing is left of the record.").SignedByGuest(WellFormed.MaxGuestBytes);

    private async Task<NoContent> HandleAsync(GuestRequest guest, CancellationToken cancellation)
    {
        await guests.WriteAsync(
            guest,
            async transaction => await transaction.ExecuteAllAsync(
                [
                    Guesses.Remove(await GuardianDevices.SubjectsAsync(transaction, guest.KeyId, cancellation)),
                    new Statement("DELETE FROM guardian_devices WHERE handle = @handle;") { { "handle", guest.KeyId.ToString() } },
                    new Statement("DELETE FROM guardian_records WHERE handle = @handle;") { { "handle", guest.KeyId.ToString() } },
                ],
                cancellation),
            cancellation);
        return TypedResults.NoContent();
    }
}
