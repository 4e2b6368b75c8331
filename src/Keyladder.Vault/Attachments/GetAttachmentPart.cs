using Keyladder.Hosting.Authentication;
using Keyladder.Hosting.Heads;
using Keyladder.Hosting.OpenApi;
using Keyladder.Protocol;
using Keyladder.Protocol.Vault;
using Keyladder.Vault.Objects;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Keyladder.Vault.Attachments;

internal sealed class GetAttachmentPart(AttachmentReading attachments)
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet(VaultRoutes.Attachment, (
            SignedRequest caller, ObjectId id, HeadNumber offset, HeadNumber length, HttpResponse response, GetAttachmentPart endpoint, CancellationToken cancellation) =>
            endpoint.HandleAsync(caller, id.Value, offset, length, response, cancellation))
            .WithName(nameof(GetAttachmentPart)).WithSummary("Bytes of an attachment, from any place on.")
            .Produces(StatusCodes.Status200OK, contentType: AttachmentReading.MediaType).Refuses(ProblemTypes.NotFound);

    private async Task HandleAsync(SignedRequest caller, Guid id, HeadNumber offset, HeadNumber length, HttpResponse response, CancellationToken cancellation)
    {
        var parts = await caller.ReadAsync(AttachmentReading.Select(id, offset, length), rows => AttachmentReading.ReadAsync(rows, cancellation), cancellation);
        await attachments.SendAsync(parts, offset, length, response, cancellation);
    }
}
