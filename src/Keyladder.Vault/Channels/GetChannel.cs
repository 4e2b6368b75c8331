using Keyladder.Cryptography;
using Keyladder.Hosting.Authentication;
using Keyladder.Hosting.Heads;
using Keyladder.Hosting.Storage;
using Keyladder.Protocol.Vault;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Keyladder.Vault.Channels;

internal sealed class GetChannel(Guests guests, Waits waits, Database database)
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet(VaultRoutes.Channel, (GuestRequest guest, HeadNumber? after, HeadNumber? wait, GetChannel endpoint, CancellationToken cancellation) =>
            endpoint.HandleAsync(guest, after.GetValueOrDefault().Value, wait, cancellation))
            .WithName(nameof(GetChannel)).WithSummary("Letters that an account has given to the channel's guest; may wait for one.").SignedByGuest(VaultRoutes.MaxGuestBodyBytes);

    private async Task<Ok<LettersResponse>> HandleAsync(GuestRequest guest, long after, HeadNumber? wait, CancellationToken cancellation) =>
        TypedResults.Ok(new LettersResponse(await waits.ForAsync(new ChannelId(guest.KeyId), wait, () => LookAsync(guest, after, cancellation), cancellation)));

    // The row of the channel says whether there can be a letter.
    private async Task<LetterMessage[]> LookAsync(GuestRequest guest, long after, CancellationToken cancellation)
    {
        var channel = await database.ReadAsync(guests.SelectChannel(guest), rows => Guests.VerifyAsync(guest, rows, cancellation), cancellation);
        if (channel.Number <= after)
            return [];
        var select = Letters.Select("letter_id, number, sealed", "given_letters", "account_id = @account AND channel_id = @channel", after)
            .Then(new Statement("") { { "account", channel.Account.ToString() }, { "channel", channel.Id.ToString() } });
        return await database.ReadAsync(
            select,
            async rows => (await rows.ListAsync(
                row => new LetterMessage(Guid.Parse(row.GetString(0)), row.GetInt64(1), row.GetFieldValue<byte[]>(2)), cancellation)).ToArray(),
            cancellation);
    }
}
