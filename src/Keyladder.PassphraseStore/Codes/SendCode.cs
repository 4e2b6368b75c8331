using Keyladder.Hosting.Authentication;
using Keyladder.Hosting.Limits;
using Keyladder.Hosting.Problems;
using Keyladder.Hosting.Requests;
using Keyladder.Hosting.Storage;
using Keyladder.PassphraseStore.Events;
using Keyladder.PassphraseStore.Mail;
using Keyladder.PassphraseStore.Records;
using Keyladder.Protocol.PassphraseStore;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Keyladder.PassphraseStore.Codes;

internal sealed class SendCode(UsernameIndex index, CodesStore codes, Mails mails, Counters counters, DeferredWork deferred, Database database, PassphraseStoreOptions options, TimeProvider time)
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost(PassphraseStoreRoutes.Codes, (JsonBody<SendCodeRequest> body, ClientAddress address, SendCode endpoint, CancellationToken cancellation) =>
            endpoint.HandleAsync(body.Value, address, cancellation))
            .WithName(nameof(SendCode)).WithSummary("Sends a mail with a code, or with the word that there is none.").Unsigned();

    // Whether there is a record is looked up after the answer alone: nothing of it can show.
    private async Task<Accepted> HandleAsync(SendCodeRequest request, ClientAddress address, CancellationToken cancellation)
    {
        WellFormed.RequirePurpose(request.Purpose);
        var username = WellFormed.Username(request.Username);
        var indexed = index.Of(username);
        var counts = await counters.AddAsync(
            [($"{options.Name}/mails-of-username", indexed), ($"{options.Name}/mails-of-address", address.ToArray())], cancellation);
        if (counts[0] > options.MailsPerUsername || counts[1] > options.MailsPerAddress)
            throw Problem.TooManyRequests(counters.RestOfHour);
        return deferred.TryAdd(later => SendAsync(username, indexed, request.Purpose, later)) ? TypedResults.Accepted((string?)null) : throw Problem.Unavailable();
    }

    private async Task SendAsync(Username username, byte[] indexed, string purpose, CancellationToken cancellation)
    {
        var record = await database.ReadAsync(
            new Statement("SELECT record_id FROM records WHERE username_index = @index;") { { "index", indexed } },
            rows => rows.FirstAsync(row => row.GetString(0), cancellation),
            cancellation);
        var isRegister = purpose == CodePurposes.Register;
        if (isRegister != record is null)
        {
            await codes.CreateNoneAsync(indexed, purpose, cancellation);
            await mails.SendAsync(username, isRegister ? MailText.AlreadyRegistered : MailText.NoSuchAccount, code: null, cancellation);
            return;
        }

        var code = await codes.CreateAsync(indexed, purpose, cancellation);
        if (record is not null)
        {
            await database.WriteAsync(
                async transaction =>
                {
                    await transaction.ExecuteAllAsync([.. RecordEvents.Append(Guid.Parse(record), RecoveryEventKinds.CodeSent, time.GetUtcNow())], cancellation);
                    return true;
                },
                cancellation);
        }

        await mails.SendAsync(username, isRegister ? MailText.RegisterCode : MailText.ResetCode, code, cancellation);
    }
}
