using Keyladder.Hosting.Authentication;
using Keyladder.Hosting.Recovery;
using Keyladder.Hosting.Storage;
using Keyladder.PassphraseStore.Mail;
using Keyladder.Protocol.PassphraseStore;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Keyladder.PassphraseStore.Records;

internal sealed class DeleteRecord(Signers signers, Notices notices)
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapDelete(PassphraseStoreRoutes.Record, (GuestRequest caller, DeleteRecord endpoint, CancellationToken cancellation) => endpoint.HandleAsync(caller, cancellation))
            .WithName(nameof(DeleteRecord)).WithSummary("Removes the record: nothing is left of it.").SignedByGuest(PassphraseStoreRoutes.MaxGuestBodyBytes);

    private async Task<NoContent> HandleAsync(GuestRequest caller, CancellationToken cancellation)
    {
        var removed = await signers.WriteAsync(
            caller,
            async (record, transaction) =>
            {
                await RecordGuesses.RemoveOfDevicesAsync(transaction, record, cancellation);
                await transaction.ExecuteAllAsync(
                    [
                        Guesses.Remove(record.GuessSubject),
                        Of(record, "DELETE FROM codes WHERE username_index = @index;"),
                        Of(record, "DELETE FROM devices WHERE record_id = @record;"),
                        Of(record, "DELETE FROM events WHERE record_id = @record;"),
                        Of(record, "DELETE FROM records WHERE record_id = @record;"),
                    ],
                    cancellation);
                return record;
            },
            cancellation);
        notices.Send(removed, MailText.Removed);
        return TypedResults.NoContent();
    }

    private static Statement Of(StoredRecord record, string text) => new(text) { { "record", record.Id.ToString() }, { "index", record.Index } };
}
