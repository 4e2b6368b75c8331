using Keyladder.Hosting.Authentication;
using Keyladder.Hosting.OpenApi;
using Keyladder.Hosting.Problems;
using Keyladder.Hosting.Recovery;
using Keyladder.Hosting.Requests;
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

internal sealed class PutDevice(Signers signers, Notices notices, TimeProvider time)
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPut(PassphraseStoreRoutes.Device, (GuestRequest caller, DeviceId id, JsonBody<PutRecoveryDeviceRequest> body, PutDevice endpoint, CancellationToken cancellation) =>
            endpoint.HandleAsync(caller, id, body.Value, cancellation))
            .WithName(nameof(PutDevice)).WithSummary("Makes a device known to the record.")
            .SignedByGuest(PassphraseStoreRoutes.MaxGuestBodyBytes).Refuses(ProblemTypes.NotFound, ProblemTypes.QuotaExceeded);

    private async Task<Ok> HandleAsync(GuestRequest caller, DeviceId id, PutRecoveryDeviceRequest request, CancellationToken cancellation)
    {
        var changed = await signers.WriteAsync(
            caller,
            async (record, transaction) =>
            {
                WellFormed.RequirePublicKey(request.PublicKey);
                await transaction.ExecuteAsync(
                    Of("INSERT INTO devices (record_id, device_id, public_key) VALUES (@record, @device, @key) ON CONFLICT DO NOTHING;"), cancellation);
                if (await transaction.ExecuteAsync(Of("UPDATE devices SET public_key = @key WHERE record_id = @record AND device_id = @device;"), cancellation) == 0)
                    throw Problem.NotFound(); // another record's
                var devices = await transaction.QueryAsync(
                    Of("SELECT count(*) FROM devices WHERE record_id = @record;"), rows => rows.ListAsync(row => row.GetInt64(0), cancellation), cancellation);
                if (devices[0] > RecoveryLimits.MaxDevices)
                    throw Problem.QuotaExceeded();
                await transaction.ExecuteAllAsync([.. RecordEvents.Append(record.Id, RecoveryEventKinds.DeviceAdded, time.GetUtcNow())], cancellation);
                return record;

                Statement Of(string text) => new(text) { { "record", record.Id.ToString() }, { "device", id.Value.ToString() }, { "key", request.PublicKey } };
            },
            cancellation);
        notices.Send(changed, MailText.Changed);
        return TypedResults.Ok();
    }
}
