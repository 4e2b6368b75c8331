using Keyladder.Cryptography.Heads;
using Keyladder.Hosting.Audit;
using Keyladder.Hosting.Authentication;
using Keyladder.Hosting.Objects;
using Keyladder.Hosting.OpenApi;
using Keyladder.Hosting.Requests;
using Keyladder.Protocol;
using Keyladder.Protocol.Vault;
using Keyladder.Vault.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Keyladder.Vault.Changes;

internal static class PutChanges
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost(ServiceRoutes.Changes, HandleAsync).WithName(nameof(PutChanges)).WithSummary("Puts and deletes objects, and changes channels, under the next head, all or nothing.")
            .Refuses(ProblemTypes.QuotaExceeded, ProblemTypes.NotFound, ProblemTypes.HeadConflict, ProblemTypes.HeadRejected, ProblemTypes.AttachmentMissing);

    private static async Task<Ok<ObjectWriteResponse>> HandleAsync(
        SignedRequest caller, JsonBody<ObjectWriteRequest> body, ObjectWrites<VaultHead, ObjectMessage> writes, ChannelWrites channels, CancellationToken cancellation)
    {
        var request = body.Value;
        WellFormed.Check(request);
        var write = new ObjectWrite<ObjectMessage>(
            request.Head,
            [.. request.Put.Select(put => new PutObject<ObjectMessage>(put.Object, put.Replaces))],
            [.. request.Delete.Select(delete => new DeleteObject(new(delete.Id, delete.Kind), delete.Replaces))]);
        return TypedResults.Ok(await writes.PutAsync(
            caller,
            write,
            transaction => channels.StoreAsync(caller.Account, request, transaction, cancellation),
            async (number, transaction) => new ObjectWriteResponse(number, await transaction.QueryAsync(
                AuditLog.SelectUnsignedBy(caller.Account, number), rows => AuditLog.ReadAsync(rows, cancellation), cancellation)),
            cancellation));
    }
}
