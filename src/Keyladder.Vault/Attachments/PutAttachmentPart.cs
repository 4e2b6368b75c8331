using Keyladder.Hosting.Authentication;
using Keyladder.Hosting.Heads;
using Keyladder.Hosting.OpenApi;
using Keyladder.Hosting.Problems;
using Keyladder.Hosting.Sessions;
using Keyladder.Hosting.Storage;
using Keyladder.Protocol;
using Keyladder.Protocol.Vault;
using Keyladder.Vault.Objects;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Keyladder.Vault.Attachments;

internal sealed class PutAttachmentPart(AttachmentFiles files, VaultOptions options, TimeProvider time)
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPut(VaultRoutes.Attachment, (
            SignedRequest caller, ObjectId id, HeadNumber offset, string? last, HttpRequest request, PutAttachmentPart endpoint, CancellationToken cancellation) =>
            endpoint.HandleAsync(caller, id.Value, offset.Value, last, request, cancellation))
            .WithName(nameof(PutAttachmentPart)).WithSummary("The next bytes of an attachment.")
            .WithMetadata(new StreamedBody(VaultRoutes.MaxPartBytes)).Refuses(ProblemTypes.QuotaExceeded, ProblemTypes.UnsupportedMediaType);

    private async Task<Ok<AttachmentPartResponse>> HandleAsync(
        SignedRequest caller, Guid id, long offset, string? last, HttpRequest request, CancellationToken cancellation)
    {
        Problem.MalformedRequestUnless(last is null or "1");
        if (request.ContentType != AttachmentReading.MediaType)
            throw Problem.UnsupportedMediaType();

        // Before a byte is written: who may not, or has nothing to bring, leaves no file.
        var (state, bytes) = await caller.ReadAsync(Select(id), rows => ReadAsync(rows, cancellation), cancellation);
        if (!IsNext(state, offset))
            return Answer(state);
        if (bytes + AttachmentRows.Counted(request.ContentLength ?? 1) > options.MaxAttachmentBytes)
            throw Problem.QuotaExceeded();

        var written = await files.WriteAsync(request.Body, cancellation);
        try
        {
            caller.RequireBody(written.Sha256);
            Problem.MalformedRequestUnless(written.Length > 0);
            var part = new AttachmentPart(offset, written.Length, written.File);
            var (stored, isNew) = await caller.WriteAsync<(AttachmentState State, long Bytes), (AttachmentState, bool)>(
                Select(id),
                rows => ReadAsync(rows, cancellation),
                async (present, transaction) =>
                {
                    if (!IsNext(present.State, offset))
                        return (present.State, false);
                    if (present.Bytes + AttachmentRows.Counted(part.Length) > options.MaxAttachmentBytes)
                        throw Problem.QuotaExceeded();
                    await transaction.ExecuteAllAsync(
                        [SessionsStore.Hold(caller), .. AttachmentRows.Append(caller.Account, id, part, last is not null, time.GetUtcNow())], cancellation);
                    return (new AttachmentState(offset + part.Length, last is not null), true);
                },
                cancellation);
            if (!isNew)
                files.Delete(written.File);
            return Answer(stored);
        }
        catch (ProblemException e) when (e.Problem.Type != ProblemTypes.Unavailable)
        {
            // Where it is not known whether the row is there, the file stays, and the sweeper finds out.
            files.Delete(written.File);
            throw;
        }
    }

    private static Statement Select(Guid id) =>
        new($"{AttachmentRows.SelectState}{AttachmentRows.SelectBytes}") { { "attachment", id.ToString() } };

    private static async Task<(AttachmentState State, long Bytes)> ReadAsync(Rows rows, CancellationToken cancellation) => (
        await AttachmentRows.ReadStateAsync(rows, cancellation),
        (await rows.ListAsync(row => row.GetInt64(0), cancellation)).Single());

    private static bool IsNext(AttachmentState state, long offset) => !state.IsComplete && state.Stored == offset;

    private static Ok<AttachmentPartResponse> Answer(AttachmentState state) => TypedResults.Ok(new AttachmentPartResponse(state.Stored, state.IsComplete));
}
