using System.Data.Common;
using Keyladder.Hosting.Authentication;
using Keyladder.Hosting.Heads;
using Keyladder.Hosting.Problems;
using Keyladder.Hosting.Requests;
using Keyladder.Hosting.Sessions;
using Keyladder.Hosting.Storage;
using Keyladder.Protocol;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Keyladder.Hosting.Witnesses;

/// <summary>
/// What a client leaves here about the heads of another service (docs/spec/witness.md section 2): one row of an account, beside the tree and under no head.
/// The service sees a number that only grows and an envelope of one length.
/// </summary>
internal static class WitnessEndpoints
{
    private const int SealedSize = 585;
    private const string Select = "SELECT sequence, sealed FROM witnesses WHERE account_id = @account;";

    private static readonly WitnessResponse None = new(0);

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet(ServiceRoutes.Witness, GetAsync).WithName("GetWitness").WithSummary("What the account left here about another service.");
        routes.MapPut(ServiceRoutes.Witness, PutAsync).WithName("PutWitness").WithSummary("Replaces it by the next one; answers with what is there then.");
    }

    private static async Task<Ok<WitnessResponse>> GetAsync(SignedRequest caller, CancellationToken cancellation) =>
        TypedResults.Ok(await caller.ReadAsync(new Statement(Select), rows => rows.FirstAsync(Read, cancellation), cancellation) ?? None);

    private static async Task<Ok<WitnessResponse>> PutAsync(SignedRequest caller, JsonBody<PutWitnessRequest> body, CancellationToken cancellation)
    {
        var (sequence, @sealed) = body.Value;
        Problem.MalformedRequestUnless(sequence is >= 1 and <= HeadNumber.Max && @sealed.Length == SealedSize && Form.IsEnvelope(@sealed));
        var own = new WitnessResponse(sequence, @sealed);
        return TypedResults.Ok(await caller.WriteAsync(
            new Statement(Select),
            async rows => await rows.FirstAsync(Read, cancellation) ?? None,
            async (present, transaction) =>
            {
                if (present.Sequence != 0 && present.Sequence + 1 != sequence)
                    return present;
                // Another one that put the same number meanwhile makes this run again, on either engine.
                await transaction.ExecuteAllAsync([SessionsStore.Hold(caller), Upsert(caller, own)], cancellation);
                return own;
            },
            cancellation));
    }

    private static Statement Upsert(SignedRequest caller, WitnessResponse own) => new("""
        INSERT INTO witnesses (account_id, sequence, sealed) VALUES (@account, @sequence, @sealed)
        ON CONFLICT (account_id) DO UPDATE SET sequence = excluded.sequence, sealed = excluded.sealed;
        """)
    {
        { "account", caller.Account.ToString() },
        { "sequence", own.Sequence },
        { "sealed", own.Sealed },
    };

    private static WitnessResponse Read(DbDataReader row) => new(row.GetInt64(0), row.GetFieldValue<byte[]>(1));
}
