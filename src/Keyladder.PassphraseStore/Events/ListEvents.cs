using Keyladder.Hosting.Authentication;
using Keyladder.Hosting.Storage;
using Keyladder.PassphraseStore.Records;
using Keyladder.Protocol.PassphraseStore;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Keyladder.PassphraseStore.Events;

internal sealed class ListEvents(Signers signers, Database database)
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost(PassphraseStoreRoutes.Events, (GuestRequest caller, ListEvents endpoint, CancellationToken cancellation) => endpoint.HandleAsync(caller, cancellation))
            .WithName(nameof(ListEvents)).WithSummary("What happened to the record of a known device, the last hundred of it.").SignedByGuest(PassphraseStoreRoutes.MaxGuestBodyBytes);

    private async Task<Ok<RecoveryEventsResponse>> HandleAsync(GuestRequest caller, CancellationToken cancellation)
    {
        var record = await signers.RequireDeviceAsync(caller, cancellation);
        return TypedResults.Ok(await database.ReadAsync(RecordEvents.Select(record.Id), rows => RecordEvents.ReadAsync(rows, cancellation), cancellation));
    }
}
