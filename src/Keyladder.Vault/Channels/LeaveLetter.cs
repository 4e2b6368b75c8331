using Keyladder.Hosting.Authentication;
using Keyladder.Hosting.OpenApi;
using Keyladder.Hosting.Problems;
using Keyladder.Hosting.Requests;
using Keyladder.Hosting.Storage;
using Keyladder.Protocol;
using Keyladder.Protocol.Vault;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Keyladder.Vault.Channels;

internal sealed class LeaveLetter(Guests guests, Database database, VaultOptions options)
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost(VaultRoutes.Channel, (GuestRequest guest, JsonBody<LeaveLetterRequest> body, LeaveLetter endpoint, CancellationToken cancellation) =>
            endpoint.HandleAsync(guest, body.Value, cancellation))
            .WithName(nameof(LeaveLetter)).WithSummary("Leaves a letter for the account that the channel belongs to.")
            .SignedByGuest(VaultRoutes.MaxGuestBodyBytes).Refuses(ProblemTypes.QuotaExceeded);

    private async Task<Created> HandleAsync(GuestRequest guest, LeaveLetterRequest letter, CancellationToken cancellation)
    {
        // Who is not the guest opens no transaction: where one writes at a time, nobody waits for that.
        await database.ReadAsync(guests.SelectChannel(guest), rows => Guests.VerifyAsync(guest, rows, cancellation), cancellation);
        WellFormed.Check(letter);
        await database.WriteAsync(
            async transaction =>
            {
                var channel = await transaction.QueryAsync(guests.SelectChannel(guest), rows => Guests.VerifyAsync(guest, rows, cancellation), cancellation);
                var (same, waiting) = await transaction.QueryAsync(
                    Of(channel, letter, """
                        SELECT sealed FROM received_letters WHERE account_id = @account AND channel_id = @channel AND letter_id = @letter;
                        SELECT count(*) FROM received_letters WHERE account_id = @account AND channel_id = @channel;
                        """),
                    async rows => (
                        await rows.FirstAsync(row => row.GetFieldValue<byte[]>(0), cancellation),
                        (await rows.ListAsync(row => row.GetInt64(0), cancellation)).Single()),
                    cancellation);
                if (same is not null)
                {
                    Problem.MalformedRequestUnless(same.AsSpan().SequenceEqual(letter.Sealed));
                    return true;
                }

                if (waiting >= options.MaxWaitingLetters)
                    throw Problem.QuotaExceeded();

                // The account's row of usage is one that all who change its letters change: a letter that comes while its channel or its account is removed, or another takes the last place,
                // runs again and finds that out.
                await transaction.ExecuteAllAsync(
                    [
                        Of(channel, letter, $"UPDATE usage SET received = {Letters.Next("received")} WHERE account_id = @account;"),
                        Of(channel, letter, """
                            INSERT INTO received_letters (account_id, number, channel_id, letter_id, sealed)
                            SELECT account_id, received, @channel, @letter, @sealed FROM usage WHERE account_id = @account;
                            """),
                    ],
                    cancellation);
                return true;
            },
            cancellation);
        return TypedResults.Created();
    }

    private static Statement Of(GuestChannel channel, LeaveLetterRequest letter, string text) => new(text)
    {
        { "account", channel.Account.ToString() },
        { "channel", channel.Id.ToString() },
        { "letter", letter.Id.ToString() },
        { "sealed", letter.Sealed },
    };
}
