using Keyladder.Hosting.Authentication;
using Keyladder.Hosting.OpenApi;
using Keyladder.Hosting.Problems;
using Keyladder.Hosting.Requests;
using Keyladder.Hosting.Storage;
using Keyladder.PassphraseStore.Events;
using Keyladder.PassphraseStore.Mail;
using Keyladder.Protocol;
using Keyladder.Protocol.PassphraseStore;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Keyladder.PassphraseStore.Records;

internal sealed class ReplaceRecord(Signers signers, FreshKeys keys, RecordSealing sealing, RecordGuesses guesses, RecordGuardian guardian, Notices notices, TimeProvider time)
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPut(PassphraseStoreRoutes.Record, (GuestRequest caller, JsonBody<ReplaceRecordRequest> body, ReplaceRecord endpoint, CancellationToken cancellation) =>
            endpoint.HandleAsync(caller, body.Value, cancellation))
            .WithName(nameof(ReplaceRecord)).WithSummary("Another password: all that the record held is replaced, and its devices are forgotten.")
            .SignedByGuest(PassphraseStoreRoutes.MaxGuestBodyBytes).Refuses(ProblemTypes.RevisionConflict);

    private async Task<Ok<ReplaceRecordResponse>> HandleAsync(GuestRequest caller, ReplaceRecordRequest request, CancellationToken cancellation)
    {
        var replaced = await signers.WriteAsync(caller, (record, transaction) => ReplaceAsync(record, request, transaction, cancellation), cancellation);
        notices.Send(replaced, MailText.Changed);
        return TypedResults.Ok(new ReplaceRecordResponse(replaced.Revision));
    }

    private async Task<StoredRecord> ReplaceAsync(StoredRecord record, ReplaceRecordRequest request, Transaction transaction, CancellationToken cancellation)
    {
        WellFormed.Check(request.Record);
        WellFormed.RequireRevision(request.Revision);
        if (request.Revision != record.Revision)
            throw Problem.RevisionConflict();
        using var scalar = keys.Open(request.Record.Key);
        var next = record with
        {
            Key = sealing.SealKey(record.Id, scalar),
            PasswordSlot = request.Record.PasswordSlot,
            ResetSlot = request.Record.ResetSlot,
            Kit = request.Record.Kit,
            Share = sealing.SealShare(record.Id, request.Record.Share),
            Guardian = guardian.Origin.ToString(),
            Handle = sealing.SealHandle(record.Id, request.Record.Handle),
            Revision = record.Revision + 1,
            Signer = request.Record.PublicKey,
        };
        await guesses.ForgetAsync(transaction, record, cancellation);
        await RecordGuesses.RemoveOfDevicesAsync(transaction, record, cancellation);
        await transaction.ExecuteAllAsync(
            [
                next.Bind("""
                    UPDATE records SET oprf_key = @oprf_key, password_slot = @password_slot, reset_slot = @reset_slot, kit = @kit, share = @share, guardian = @guardian, handle = @handle,
                        public_key = @signer, revision = @revision WHERE record_id = @record_id;
                    """),
                new Statement("DELETE FROM devices WHERE record_id = @record;") { { "record", record.Id.ToString() } },
                .. RecordEvents.Append(record.Id, RecoveryEventKinds.Replaced, time.GetUtcNow()),
            ],
            cancellation);
        return next;
    }
}
