using System.Diagnostics;
using System.Globalization;
using Keyladder.Protocol;
using Keyladder.Soak.Load;
using Keyladder.Soak.Processes;
using Microsoft.Data.Sqlite;

namespace Keyladder.Soak.Runs;

/// <summary>Runs in which the disk is full or takes no writes. The service runs all the time: nothing is restarted.</summary>
internal static class DiskRuns
{
    private const int Clients = 16;
    private const int Page = 4096;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    /// <summary>The disk of the database fills up while everybody writes, until the service says that it is not ready; then there is room again. So many times.</summary>
    public static async Task<Report> FullAsync(bool onPostgres, int times, TimeSpan limit, ulong seed)
    {
        var root = await PostgresServer.CreateRootAsync();
        await using var postgres = onPostgres ? await PostgresServer.CreateAsync(Path.Combine(root.FullName, "a"), onSmallDisk: true) : null;
        var data = root.CreateSubdirectory("data");
        await using var service = await Service.StartAsync(
            postgres is null ? null : $"Host={postgres.Host};Username=keyladder;Database=keyladder", 1, data, postgres is null ? Disk.Mount(data.FullName, megabytes: 256) : []);
        await using var crowd = await Crowd.GatherAsync(service.Instances, Clients, seed);
        var filler = Path.Combine(postgres?.SmallDisk ?? Path.GetDirectoryName(service.SqliteFile)!, "filler");
        var chance = new Chance(seed);
        var clock = Stopwatch.StartNew();
        var findings = new List<string>();
        var filled = 0;
        crowd.Start();
        for (; filled < times && clock.Elapsed < limit && findings.Count == 0; filled++)
        {
            await Task.Delay(chance.Next(1000));
            Disk.Fill(filler);
            if (await WaitAsync(service, 503) is not { } said)
                findings.Add("The disk is full, and the service says that it is ready.");
            else if (!said.Contains(ProblemTypes.Unavailable, StringComparison.Ordinal) || !said.Contains("retryAfter", StringComparison.Ordinal))
                findings.Add($"Not ready is said like this: {said}");
            File.Delete(filler);
            if (await WaitAsync(service, 200) is null)
                findings.Add("There is room again, and the service is still not ready.");
            await crowd.GetThroughAsync();
        }

        await crowd.StopAsync();
        if (!service.Log.Any(line => line.Contains("free space", StringComparison.Ordinal)))
            findings.Add("The log does not say to free space.");
        var report = await Report.OfAsync(crowd, service, string.Create(CultureInfo.InvariantCulture, $"{filled} times full"), Outages(service));
        return report with { Findings = [.. findings, .. report.Findings] };
    }

    /// <summary>
    /// Each write of one transaction after the other fails: with an empty write-ahead log, what lies beyond an offset is not written; the offset moves on by half a page's frame, until
    /// a transaction passes. The client's own next try must land once writes are taken again.
    /// </summary>
    /// <param name="frames">At most so many frames of the log.</param>
    public static async Task<Report> EveryWriteAsync(int frames, ulong seed)
    {
        await using var service = await Service.StartAsync(null, 1, null, Disk.Limitable);
        await using var crowd = await Crowd.GatherAsync(service.Instances, 1, seed);
        var process = service.Processes[0];
        var (failed, passed) = (0, 0);
        var findings = new List<string>();
        foreach (var offset in Enumerable.Range(0, frames).SelectMany(frame => FailingOffsets(frame)))
        {
            await EmptyLogAsync(service);
            var outages = service.Log.Count();
            await Disk.LimitAsync(process.Id, offset);
            var write = crowd.Actors[0].WriteAsync();
            while (!write.IsCompleted && service.Log.Count() == outages)
                await Task.Delay(10);
            await Disk.LimitAsync(process.Id, null);
            var outcome = await write;
            if (outcome == Outcome.Unanswered)
                findings.Add($"The write that failed at {offset} did not get through afterwards.");
            if (service.Log.Count() > outages)
                (failed, passed) = (failed + 1, 0);
            else if (outcome == Outcome.Acknowledged && ++passed == 4)
                break;
        }

        var report = await Report.OfAsync(crowd, service, $"{failed} failing writes, one transaction each", Outages(service));
        return report with { Findings = [.. findings, .. report.Findings] };
    }

    /// <summary>Writes beyond random offsets fail for random times while everybody writes: in the log, in the database at a checkpoint. So many times.</summary>
    public static async Task<Report> FlappingAsync(int times, TimeSpan limit, ulong seed)
    {
        await using var service = await Service.StartAsync(null, 1, null, Disk.Limitable);
        await using var crowd = await Crowd.GatherAsync(service.Instances, Clients, seed);
        var chance = new Chance(seed);
        var clock = Stopwatch.StartNew();
        var broken = 0;
        crowd.Start();
        for (; broken < times && clock.Elapsed < limit; broken++)
        {
            await Task.Delay(20 + chance.Next(400));
            await Disk.LimitAsync(service.Processes[0].Id, chance.Next(1200) * (long)Page);
            await Task.Delay(20 + chance.Next(400));
            await Disk.LimitAsync(service.Processes[0].Id, null);
        }

        await crowd.GetThroughAsync();
        await crowd.StopAsync();
        return await Report.OfAsync(crowd, service, $"{broken} times broken", Outages(service));
    }

    // The log's header is 32 bytes long; a frame is a header of 24 bytes and a page (sqlite.org/fileformat2.html, section 4). Before each, and in the middle of each.
    internal static IEnumerable<long> FailingOffsets(int frame)
    {
        var start = frame == 0 ? 0 : 32 + ((frame - 1) * (24L + Page));
        return frame == 0 ? [0, 16] : [start, start + 12, start + 24, start + 24 + (Page / 2)];
    }

    private static async Task EmptyLogAsync(Service service)
    {
        await using var connection = new SqliteConnection($"Data Source={service.SqliteFile};Pooling=False");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA busy_timeout = 10000; PRAGMA wal_checkpoint(TRUNCATE);";
        await command.ExecuteNonQueryAsync();
    }

    private static async Task<string?> WaitAsync(Service service, int status)
    {
        for (var clock = Stopwatch.StartNew(); clock.Elapsed < Patience; await Task.Delay(50))
        {
            if (await service.ReadyAsync() is var (said, body) && said == status)
                return body;
        }

        return null;
    }

    private static string Outages(Service service)
    {
        var kinds = from line in service.Log
                    where line.Contains("does not answer", StringComparison.Ordinal)
                    group line by line[line.IndexOf("answer: ", StringComparison.Ordinal)..].Split(' ')[1..3] is [var type, var code] ? $"{type} {code.TrimEnd('.')}" : line into kind
                    select string.Create(CultureInfo.InvariantCulture, $"{kind.Count()} × {kind.Key}");
        return $"the log tells of {string.Join(", ", kinds.DefaultIfEmpty("no outage"))}";
    }
}
