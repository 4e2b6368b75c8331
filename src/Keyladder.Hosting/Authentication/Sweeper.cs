using System.Data.Common;
using Keyladder.Hosting.Observability;
using Keyladder.Hosting.Problems;
using Keyladder.Hosting.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Keyladder.Hosting.Authentication;

/// <summary>Removes what has ended: it counts for nothing already, and need not be kept. The only statements that go over all accounts.</summary>
internal sealed class Sweeper(Database database, IEnumerable<SweptTable> tables, TimeProvider time, ILogger<Sweeper> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(15);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        do
        {
            try
            {
                await SweepAsync(stoppingToken);
            }
            catch (Exception e) when (e is ProblemException or DbException)
            {
                // The database does not answer, or not well: requests say so, and the next round tries again.
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task SweepAsync(CancellationToken cancellation)
    {
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        foreach (var table in tables.Select(swept => swept.Name))
        {
            var removed = await database.WriteAsync(
                transaction => transaction.ExecuteAsync(new Statement($"DELETE FROM {table} WHERE expires <= @now;") { { "now", now } }, cancellation), cancellation);
            if (removed > 0)
                Log.Swept(logger, removed, table);
        }
    }
}

/// <summary>A table whose rows end at <c>expires</c>.</summary>
/// <param name="Name">Written by this program, never by a request.</param>
public sealed record SweptTable(string Name);
