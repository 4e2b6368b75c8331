using Keyladder.Hosting.Authentication;
using Keyladder.Hosting.Limits;
using Keyladder.Hosting.OpenApi;
using Keyladder.Hosting.Problems;
using Keyladder.Hosting.Requests;
using Keyladder.Hosting.Storage;
using Keyladder.PassphraseStore.Codes;
using Keyladder.PassphraseStore.Events;
using Keyladder.PassphraseStore.Mail;
using Keyladder.PassphraseStore.Records;
using Keyladder.Protocol;
using Keyladder.Protocol.PassphraseStore;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Keyladder.PassphraseStore.Releases;

internal sealed class Release(UsernameIndex index, CodesStore codes, RecordSealing sealing, Decoys decoys, Notices notices, Database database, TimeProvider time)
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost(PassphraseStoreRoutes.Releases, (JsonBody<ReleaseRequest> body, ClientAddress address, Release endpoint, CancellationToken cancellation) =>
            endpoint.HandleAsync(body.Value, address, cancellation))
            .WithName(nameof(Release)).WithSummary("Gives the Store's share for a code by mail. Alone it opens nothing.").Unsigned().Refuses(ProblemTypes.SignInFailed);

    private async Task<Ok<ReleaseResponse>> HandleAsync(ReleaseRequest request, ClientAddress address, CancellationToken cancellation)
    {
        WellFormed.RequireCode(request.Code);
        var indexed = index.Of(WellFormed.Username(request.Username));
        var code = await codes.CheckAsync(indexed, CodePurposes.Reset, request.Code, address, cancellation);
        var decoy = decoys.Of(indexed);
        var released = await database.WriteAsync(
            async transaction =>
            {
                await code.SpendAsync(transaction, cancellation);
                var record = await transaction.QueryAsync(StoredRecord.SelectByIndex(indexed, decoy), rows => StoredRecord.ReadAsync(rows, cancellation), cancellation);
                if (record.Id == decoy.Id)
                    throw Problem.SignInFailed(); // removed since the code was sent
                await transaction.ExecuteAllAsync([.. RecordEvents.Append(record.Id, RecoveryEventKinds.Released, time.GetUtcNow())], cancellation);
                return record;
            },
            cancellation);
        notices.Send(released, MailText.Released);
        return TypedResults.Ok(new ReleaseResponse(
            released.Id, sealing.OpenShare(released), released.ResetSlot, released.Kit, released.Guardian, sealing.OpenHandle(released), released.Revision));
    }
}
