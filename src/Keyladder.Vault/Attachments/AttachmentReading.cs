using Keyladder.Hosting.Heads;
using Keyladder.Hosting.Problems;
using Keyladder.Hosting.Storage;
using Keyladder.Protocol.Vault;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Keyladder.Vault.Attachments;

/// <summary>How bytes of an attachment are found and sent, whoever asks.</summary>
internal sealed class AttachmentReading(AttachmentFiles files, ILogger<AttachmentReading> logger)
{
    public const string MediaType = "application/octet-stream";

    /// <summary>For <see cref="SendAsync"/>; <c>@account</c> is the caller's to add.</summary>
    /// <param name="condition">That the attachment must meet beside being the account's and complete.</param>
    /// <exception cref="ProblemException">The length is none, or too many bytes are asked for.</exception>
    public static Statement Select(Guid id, HeadNumber offset, HeadNumber length, string condition = "true")
    {
        Problem.MalformedRequestUnless(length.Value is >= 1 and <= VaultRoutes.MaxPartBytes);
        return new Statement($"""
            SELECT 1 FROM attachments WHERE account_id = @account AND attachment_id = @attachment AND complete = 1 AND {condition};
            SELECT start, length, file FROM attachment_parts
            WHERE account_id = @account AND attachment_id = @attachment AND start < @end AND start + length > @offset ORDER BY start;
            """) { { "attachment", id.ToString() }, { "offset", offset.Value }, { "end", offset.Value + length.Value } };
    }

    /// <returns>Null if there is none that may be read.</returns>
    public static async Task<IReadOnlyList<AttachmentPart>?> ReadAsync(Rows rows, CancellationToken cancellation)
    {
        var isThere = (await rows.ListAsync(_ => true, cancellation)).Count > 0;
        var parts = await rows.ListAsync(row => new AttachmentPart(row.GetInt64(0), row.GetInt64(1), Guid.Parse(row.GetString(2))), cancellation);
        return isThere ? parts : null;
    }

    /// <exception cref="ProblemException">There is no such attachment, or its bytes are lost.</exception>
    public async Task SendAsync(IReadOnlyList<AttachmentPart>? parts, HeadNumber offset, HeadNumber length, HttpResponse response, CancellationToken cancellation)
    {
        if (parts is null)
            throw Problem.NotFound();
        if (parts.Any(part => new FileInfo(files.PathOf(part.File)) is var file && (!file.Exists || file.Length != part.Length)))
        {
            VaultLog.AttachmentLost(logger);
            throw Problem.NotFound();
        }

        var end = offset.Value + length.Value;
        var slices = parts.Select(part => (part.File, From: Math.Max(0, offset.Value - part.Start), To: Math.Min(part.Length, end - part.Start))).ToList();
        response.ContentType = MediaType;
        response.ContentLength = slices.Sum(slice => slice.To - slice.From);
        foreach (var (file, from, to) in slices)
            await response.SendFileAsync(files.PathOf(file), from, to - from, cancellation);
    }
}
