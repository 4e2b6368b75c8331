using Keyladder.Hosting.Authentication;
using Keyladder.PassphraseStore.Events;
using Keyladder.PassphraseStore.Records;
using Keyladder.Protocol.PassphraseStore;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Keyladder.PassphraseStore.Attempts;

internal sealed class ReportSuccess(Signers signers, RecordGuesses guesses)
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost(PassphraseStoreRoutes.Successes, (GuestRequest caller, ReportSuccess endpoint, CancellationToken cancellation) => endpoint.HandleAsync(caller, cancellation))
            .WithName(nameof(ReportSuccess)).WithSummary("The password was right: guesses count from none again. Answers with what happened to the record.")
            .SignedByGuest(PassphraseStoreRoutes.MaxGuestBodyBytes);

    private async Task<Ok<RecoveryEventsResponse>> HandleAsync(GuestRequest caller, CancellationToken cancellation) => TypedResults.Ok(await signers.WriteAsync(
        caller,
        async (record, transaction) =>
        {
            await guesses.ForgetAsync(transaction, record, cancellation);
            return await transaction.QueryAsync(RecordEvents.Select(record.Id), rows => RecordEvents.ReadAsync(rows, cancellation), cancellation);
        },
        cancellation));
}
