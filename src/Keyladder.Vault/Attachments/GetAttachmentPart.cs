using Keyladder.Hosting.Authentication;
using Keyladder.Hosting.Heads;
using Keyladder.Hosting.OpenApi;
using Keyladder.Hosting.Problems;
using Keyladder.Hosting.Storage;
using Keyladder.Protocol;
using Keyladder.Protocol.Vault;
using Keyladder.Vault.Objects;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;

namespace Keyladder.Vault.Attachments;

internal sealed class GetAttachmentPart(AttachmentFiles files, ILogger<GetAttachmentPart> logger)
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet(VaultRoutes.Attachment, (
            SignedRequest caller, ObjectId id, HeadNumber offset, HeadNumber length, HttpResponse response, GetAttachmentPart endpoint, CancellationToken cancellation) =>
            endpoint.HandleAsync(caller, id.Value, offset.Value, length.Value, response, cancellation))
            .WithName(nameof(GetAttachmentPart)).WithSummary("Bytes of an attachment, from any place on.")
            .Produces(StatusCodes.Status200OK, contentType: "application/octet-stream").Refuses(ProblemTypes.NotFound);

    private async Task HandleAsync(SignedRequest caller, Guid id, long offset, long length, HttpResponse response, CancellationToken cancellation)
    {
        Problem.MalformedRequestUnless(length is >= 1 and <= VaultRoutes.MaxPartBytes);
        var end = offset + length;
        var (isComplete, parts) = await caller.ReadAsync(
            new Statement("""
                SELECT 1 FROM attachments WHERE account_id = @account AND attachment_id = @attachment AND complete = 1;
                SELECT start, length, file FROM attachment_parts
                WHERE account_id = @account AND attachment_id = @attachment AND start < @end AND start + length > @offset ORDER BY start;
                """) { { "attachment", id.ToString() }, { "offset", offset }, { "end", end } },
            async rows => (
                (await rows.ListAsync(_ => true, cancellation)).Count > 0,
                await rows.ListAsync(row => new AttachmentPart(row.GetInt64(0), row.GetInt64(1), Guid.Parse(row.GetString(2))), cancellation)),
            cancellation);
        if (!isComplete)
            throw Problem.NotFound();
        if (parts.Exists(part => new FileInfo(files.PathOf(part.File)) is var file && (!file.Exists || file.Length != part.Length)))
        {
            VaultLog.AttachmentLost(logger);
            throw Problem.NotFound();
        }

        var slices = parts.ConvertAll(part => (part.File, From: Math.Max(0, offset - part.Start), To: Math.Min(part.Length, end - part.Start)));
        response.ContentType = "application/octet-stream";
        response.ContentLength = slices.Sum(slice => slice.To - slice.From);
        foreach (var (file, from, to) in slices)
            await response.SendFileAsync(files.PathOf(file), from, to - from, cancellation);
    }
}
