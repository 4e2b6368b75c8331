using Keyladder.Hosting.Authentication;
using Keyladder.Hosting.Limits;
using Keyladder.Hosting.Requests;
using Keyladder.Hosting.Storage;
using Keyladder.PassphraseStore.Records;
using Keyladder.Protocol.PassphraseStore;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Keyladder.PassphraseStore.Attempts;

internal sealed class Attempt(UsernameIndex index, RecordGuesses guesses, Decoys decoys, RecordSealing sealing, Database database)
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost(PassphraseStoreRoutes.Attempts, (JsonBody<AttemptRequest> body, ClientAddress address, Attempt endpoint, CancellationToken cancellation) =>
            endpoint.HandleAsync(body.Value, address, cancellation))
            .WithName(nameof(Attempt)).WithSummary("A guess at the password: evaluates under the record's key, and shows what the password opens.").Unsigned();

    private async Task<Ok<AttemptResponse>> HandleAsync(AttemptRequest request, ClientAddress address, CancellationToken cancellation)
    {
        WellFormed.RequireElement(request.Blinded);
        var indexed = index.Of(WellFormed.Username(request.Username));
        await guesses.CountAsync(indexed, address, cancellation);
        var record = await database.ReadAsync(StoredRecord.SelectByIndex(indexed, decoys.Of(indexed)), rows => StoredRecord.ReadAsync(rows, cancellation), cancellation);
        return TypedResults.Ok(Answer(record, request.Blinded, sealing));
    }

    internal static AttemptResponse Answer(StoredRecord record, byte[] blinded, RecordSealing sealing)
    {
        using var key = sealing.OpenKey(record);
        return new AttemptResponse(record.Id, key.BlindEvaluate(blinded), record.PasswordSlot, record.Kit, record.Guardian, sealing.OpenHandle(record), record.Revision);
    }
}
