using Keyladder.Hosting.Authentication;
using Keyladder.Hosting.Limits;
using Keyladder.Hosting.OpenApi;
using Keyladder.Hosting.Problems;
using Keyladder.Hosting.Requests;
using Keyladder.Protocol;
using Keyladder.Protocol.PassphraseStore;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Keyladder.Keystore.Guardian;

internal sealed class CreateGuardianRecord(GuardianRecords records, Counters counters, KeystoreOptions options)
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost(GuardianRoutes.Records, (JsonBody<CreateGuardianRecordRequest> body, ClientAddress address, CreateGuardianRecord endpoint, CancellationToken cancellation) =>
            endpoint.HandleAsync(body.Value, address, cancellation))
            .WithName(nameof(CreateGuardianRecord)).WithSummary("A record under a handle of the client's, with a key that is made for it and evaluates for the first time.")
            .Refuses(ProblemTypes.AccountExists).Unsigned();

    private async Task<Created<GuardianEvaluationResponse>> HandleAsync(CreateGuardianRecordRequest request, ClientAddress address, CancellationToken cancellation)
    {
        WellFormed.Check(request);
        if ((await counters.AddAsync([($"{options.Name}/recovery-records", address.ToArray())], cancellation))[0] > options.Limits.RecoveryRecords)
            throw Problem.TooManyRequests(counters.RestOfHour);
        return TypedResults.Created((string?)null, new GuardianEvaluationResponse(await records.CreateAsync(request, cancellation)));
    }
}
