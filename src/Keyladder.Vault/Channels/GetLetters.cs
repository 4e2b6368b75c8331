using Keyladder.Hosting.Authentication;
using Keyladder.Hosting.Heads;
using Keyladder.Protocol.Vault;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Keyladder.Vault.Channels;

internal static class GetLetters
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet(VaultRoutes.Letters, HandleAsync).WithName(nameof(GetLetters)).WithSummary("Letters that guests have left for the account; may wait for one.");

    private static async Task<Ok<ReceivedLettersResponse>> HandleAsync(
        SignedRequest caller, HeadNumber? after, HeadNumber? wait, Waits waits, CancellationToken cancellation)
    {
        var select = Letters.Select("channel_id, letter_id, number, sealed", "received_letters", "account_id = @account", after.GetValueOrDefault().Value);
        return TypedResults.Ok(new ReceivedLettersResponse(await waits.ForAsync(
            caller.Account,
            wait,
            () => caller.ReadAsync(
                select,
                async rows => (await rows.ListAsync(
                    row => new ReceivedLetterMessage(Guid.Parse(row.GetString(0)), Guid.Parse(row.GetString(1)), row.GetInt64(2), row.GetFieldValue<byte[]>(3)),
                    cancellation)).ToArray(),
                cancellation),
            cancellation)));
    }
}
