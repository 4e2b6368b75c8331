using Keyladder.Hosting.Authentication;
using Keyladder.Hosting.Problems;
using Keyladder.Hosting.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Hosting;

namespace Keyladder.Hosting.Observability;

/// <summary>For load balancers: whether the process runs, and whether it can do its work.</summary>
internal static class Health
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/health/live", Live).WithName("HealthLive").WithSummary("The process runs.").Unsigned(isLimited: false);
        routes.MapGet("/health/ready", ReadyAsync).WithName("HealthReady").WithSummary("The database answers, and the service is not about to stop.").Unsigned(isLimited: false);
    }

    private static Ok Live() => TypedResults.Ok();

    private static async Task<Ok> ReadyAsync(Database database, IHostApplicationLifetime lifetime, CancellationToken cancellation)
    {
        if (lifetime.ApplicationStopping.IsCancellationRequested)
            throw Problem.Unavailable();
        await database.CheckAsync(cancellation);
        return TypedResults.Ok();
    }
}
