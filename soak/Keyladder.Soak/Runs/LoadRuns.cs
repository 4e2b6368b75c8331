using System.Diagnostics;
using System.Globalization;
using Keyladder.Soak.Load;
using Keyladder.Soak.Processes;

namespace Keyladder.Soak.Runs;

/// <summary>Runs in which the clients write, and processes are taken away from under them.</summary>
internal static class LoadRuns
{
    private const int Clients = 16;

    /// <summary>Writing and nothing else, until so many writes are acknowledged or the time is over.</summary>
    public static async Task<Report> ClientsAsync(string? postgres, int writes, TimeSpan limit, ulong seed)
    {
        await using var service = await Service.StartAsync(postgres, postgres is null ? 1 : 3);
        await using var crowd = await Crowd.GatherAsync(service.Instances, Clients, seed);
        var clock = Stopwatch.StartNew();
        crowd.Start();
        while (crowd.Acknowledged < writes && clock.Elapsed < limit)
            await Task.Delay(20);
        var rate = crowd.Acknowledged / clock.Elapsed.TotalSeconds;
        await crowd.StopAsync();
        return await Report.OfAsync(crowd, service, string.Create(CultureInfo.InvariantCulture, $"{rate:F0} acknowledged writes per second"));
    }

    /// <summary>SIGKILL to a process at a random moment, and another in its place, as soon as writes get through again; so many times. At the end everybody must get through.</summary>
    public static async Task<Report> KillAsync(string? postgres, int kills, TimeSpan limit, ulong seed)
    {
        await using var service = await Service.StartAsync(postgres, postgres is null ? 1 : 3);
        await using var crowd = await Crowd.GatherAsync(service.Instances, Clients, seed);
        var chance = new Chance(seed);
        var clock = Stopwatch.StartNew();
        var killed = 0;
        crowd.Start();
        for (; killed < kills && clock.Elapsed < limit; killed++)
        {
            await Task.Delay(50 + chance.Next(950));
            await service.ReplaceAsync(chance.Next(service.Processes.Count));
            if (!await crowd.GoOnAsync())
                break;
        }

        await crowd.GetThroughAsync();
        await crowd.StopAsync();
        return await Report.OfAsync(crowd, service, string.Create(CultureInfo.InvariantCulture, $"{killed} SIGKILLs"));
    }

    /// <summary>The primary is lost, its synchronous standby takes over, and a new standby follows that; so many times.</summary>
    public static async Task<Report> FailoverAsync(int failovers, TimeSpan limit, ulong seed)
    {
        var root = await PostgresServer.CreateRootAsync();
        string[] hosts = [Path.Combine(root.FullName, "a"), Path.Combine(root.FullName, "b")];
        var primary = await PostgresServer.CreateAsync(hosts[0]);
        var standby = await primary.FollowAsync(hosts[1]);
        try
        {
            await using var service = await Service.StartAsync($"Host={string.Join(',', hosts)};Username=keyladder;Database=keyladder;Timeout=5;Command Timeout=10", 3);
            await using var crowd = await Crowd.GatherAsync(service.Instances, Clients, seed);
            var chance = new Chance(seed);
            var clock = Stopwatch.StartNew();
            var pauses = new List<double>();
            crowd.Start();
            while (pauses.Count < failovers && clock.Elapsed < limit)
            {
                await Task.Delay(500 + chance.Next(2000));
                var lost = Stopwatch.StartNew();
                await primary.KillAsync();
                await Task.Delay(chance.Next(1500)); // who watches the cluster takes a moment to decide
                await standby.PromoteAsync();
                if (!await crowd.GetThroughAsync())
                    break;
                pauses.Add(lost.Elapsed.TotalSeconds);
                var path = primary.Host;
                await primary.DisposeAsync();
                primary = standby;
                standby = await primary.FollowAsync(path);
            }

            await crowd.StopAsync();
            return await Report.OfAsync(crowd, service, string.Create(
                CultureInfo.InvariantCulture, $"{pauses.Count} failovers; from the loss until all sixteen clients have got through again: {string.Join(", ", pauses.Select(pause => $"{pause:F1} s"))}"));
        }
        finally
        {
            await primary.DisposeAsync();
            await standby.DisposeAsync();
            root.Delete(recursive: true);
        }
    }
}
