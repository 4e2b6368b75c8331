using Keyladder.Hosting.Authentication;
using Keyladder.Hosting.OpenApi;
using Keyladder.Hosting.Recovery;
using Keyladder.Hosting.Storage;
using Keyladder.PassphraseStore.Events;
using Keyladder.PassphraseStore.Mail;
using Keyladder.PassphraseStore.Records;
using Keyladder.Protocol;
using Keyladder.Protocol.PassphraseStore;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Keyladder.PassphraseStore.Devices;

internal sealed class DeleteDevice(Signers signers, Notices notices, TimeProvider time)
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapDelete(PassphraseStoreRoutes.Device, (GuestRequest caller, DeviceId id, DeleteDevice endpoint, CancellationToken cancellation) =>
            endpoint.HandleAsync(caller, id, cancellation))
            .WithName(nameof(DeleteDevice)).WithSummary("Forgets a device; one that is not there is forgotten already.")
            .SignedByGuest(PassphraseStoreRoutes.MaxGuestBodyBytes).Refuses(ProblemTypes.NotFound);

    private async Task<NoContent> HandleAsync(GuestRequest caller, DeviceId id, CancellationToken cancellation)
    {
        var changed = await signers.WriteAsync(
            caller,
            async (record, transaction) =>
            {
                var deleted = await transaction.ExecuteAsync(
                    new Statement("DELETE FROM devices WHERE record_id = @record AND device_id = @device;") { { "record", record.Id.ToString() }, { "device", id.Value.ToString() } }, cancellation);
                if (deleted == 0)
                    return null;
                await transaction.ExecuteAllAsync(
                    [Guesses.Remove(StoredRecord.SubjectOf(id.Value)), .. RecordEvents.Append(record.Id, RecoveryEventKinds.DeviceRemoved, time.GetUtcNow())], cancellation);
                return record;
            },
            cancellation);
        if (changed is not null)
            notices.Send(changed, MailText.Changed);
        return TypedResults.NoContent();
    }
}
