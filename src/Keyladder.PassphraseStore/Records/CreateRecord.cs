using Keyladder.Cryptography;
using Keyladder.Hosting.Authentication;
using Keyladder.Hosting.Limits;
using Keyladder.Hosting.OpenApi;
using Keyladder.Hosting.Problems;
using Keyladder.Hosting.Requests;
using Keyladder.Hosting.Storage;
using Keyladder.PassphraseStore.Codes;
using Keyladder.PassphraseStore.Events;
using Keyladder.Protocol;
using Keyladder.Protocol.PassphraseStore;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Keyladder.PassphraseStore.Records;

internal sealed class CreateRecord(UsernameIndex index, CodesStore codes, FreshKeys keys, RecordSealing sealing, RecordGuardian guardian, Database database, TimeProvider time)
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost(PassphraseStoreRoutes.Records, (JsonBody<CreateRecordRequest> body, ClientAddress address, CreateRecord endpoint, CancellationToken cancellation) =>
            endpoint.HandleAsync(body.Value, address, cancellation))
            .WithName(nameof(CreateRecord)).WithSummary("Registers a username with a code by mail.").Unsigned().Refuses(ProblemTypes.SignInFailed, ProblemTypes.AccountExists);

    private async Task<Created> HandleAsync(CreateRecordRequest request, ClientAddress address, CancellationToken cancellation)
    {
        WellFormed.Check(request.Record);
        WellFormed.RequireCode(request.Code);
        WellFormed.RequireSeed(request.Seed);
        var username = WellFormed.Username(request.Username);
        var indexed = index.Of(username);
        using var scalar = keys.Open(request.Record.Key);

        // Whether an id is taken learns only who made it: one that an attempt has shown may be nobody's.
        var id = RecoveryRecordId.FromSeed(request.Seed).Value;
        var record = new StoredRecord(
            id, indexed, sealing.SealUsername(id, username), sealing.SealKey(id, scalar), request.Record.PasswordSlot, request.Record.ResetSlot, request.Record.Kit,
            sealing.SealShare(id, request.Record.Share), guardian.Origin.ToString(), sealing.SealHandle(id, request.Record.Handle), Revision: 1, request.Record.PublicKey);
        var code = await codes.CheckAsync(indexed, CodePurposes.Register, request.Code, address, cancellation);
        await database.WriteAsync(
            async transaction =>
            {
                await code.SpendAsync(transaction, cancellation);

                // Somebody with another code for the same mailbox was first, or the id is taken: who reads the mailbox may know.
                if (await transaction.ExecuteAsync(record.Bind(Insert), cancellation) == 0)
                    throw Problem.AccountExists();
                await transaction.ExecuteAllAsync([.. RecordEvents.Append(record.Id, RecoveryEventKinds.Registered, time.GetUtcNow())], cancellation);
                return true;
            },
            cancellation);
        return TypedResults.Created();
    }

    private const string Insert = """
        INSERT INTO records (record_id, username_index, username, oprf_key, password_slot, reset_slot, kit, share, guardian, handle, public_key, revision, events)
        VALUES (@record_id, @username_index, @username, @oprf_key, @password_slot, @reset_slot, @kit, @share, @guardian, @handle, @signer, @revision, 0) ON CONFLICT DO NOTHING;
        """;
}
