using Keyladder.Hosting.Authentication;
using Keyladder.Hosting.OpenApi;
using Keyladder.Hosting.Requests;
using Keyladder.Protocol;
using Keyladder.Protocol.Keystore;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Keyladder.Keystore.Slots;

internal static class ChangeSlots
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost(KeystoreRoutes.Slots, HandleAsync).WithName(nameof(ChangeSlots)).WithSummary("Adds and removes ways to unlock the account; ends all of its sessions.")
            .Refuses(ProblemTypes.SignInFailed, ProblemTypes.NonceExpired, ProblemTypes.HeadConflict, ProblemTypes.AccountExists, ProblemTypes.HeadRejected);

    private static async Task<NoContent> HandleAsync(SignedRequest caller, JsonBody<ChangeSlotsRequest> body, SlotsStore slots, CancellationToken cancellation)
    {
        WellFormed.Check(body.Value);
        await slots.ChangeAsync(caller, body.Value, cancellation);
        return TypedResults.NoContent();
    }
}
