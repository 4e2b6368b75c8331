using Keyladder.Hosting.Authentication;
using Keyladder.Hosting.Heads;
using Keyladder.Hosting.OpenApi;
using Keyladder.Hosting.Storage;
using Keyladder.Protocol;
using Keyladder.Protocol.Vault;
using Keyladder.Vault.Attachments;
using Keyladder.Vault.Objects;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Keyladder.Vault.Channels;

internal sealed class GetChannelAttachmentPart(Guests guests, AttachmentReading attachments, Database database)
{
    private const string IsNamed = """
        EXISTS (SELECT 1 FROM letter_attachments WHERE letter_attachments.account_id = @account AND channel_id = @channel AND letter_attachments.attachment_id = @attachment)
        """;

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet(VaultRoutes.ChannelAttachment, (
            GuestRequest guest, ObjectId id, HeadNumber offset, HeadNumber length, HttpResponse response, GetChannelAttachmentPart endpoint, CancellationToken cancellation) =>
            endpoint.HandleAsync(guest, id.Value, offset, length, response, cancellation))
            .WithName(nameof(GetChannelAttachmentPart)).WithSummary("Bytes of an attachment that a letter in the guest's channel names.")
            .Produces(StatusCodes.Status200OK, contentType: AttachmentReading.MediaType).Refuses(ProblemTypes.NotFound).SignedByGuest(VaultRoutes.MaxGuestBodyBytes);

    private async Task HandleAsync(GuestRequest guest, Guid id, HeadNumber offset, HeadNumber length, HttpResponse response, CancellationToken cancellation)
    {
        var channel = await database.ReadAsync(guests.SelectChannel(guest), rows => Guests.VerifyAsync(guest, rows, cancellation), cancellation);
        var select = AttachmentReading.Select(id, offset, length, IsNamed)
            .Then(new Statement("") { { "account", channel.Account.ToString() }, { "channel", channel.Id.ToString() } });
        var parts = await database.ReadAsync(select, rows => AttachmentReading.ReadAsync(rows, cancellation), cancellation);
        await attachments.SendAsync(parts, offset, length, response, cancellation);
    }
}
