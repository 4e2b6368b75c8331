using System.Diagnostics;
using System.Globalization;
using System.Net;
using Keyladder.Client;
using Keyladder.Keys.Passphrases;
using Keyladder.Soak.Processes;
using Keyladder.Testing;

namespace Keyladder.Soak.Runs;

/// <summary>
/// A Vault whose writes fail, that dies at them or is killed meanwhile, or whose disk is full: in a batch of items, and in an attachment with the item that names it.
/// </summary>
internal static class VaultRuns
{
    /// <summary>
    /// Each write of a transaction after the other, in SQLite's empty log; of an attachment of one part, and of one of two after the first has arrived: those of the second part's file,
    /// and of the transactions after it, in a log that is longer than that file.
    /// </summary>
    /// <param name="dies">Whether the process is killed by the write (SIGXFSZ), or sees it fail.</param>
    /// <param name="frames">At most so many frames of the write-ahead log, for each of the four.</param>
    public static Task<Report> EveryWriteAsync(bool dies, int frames) => RunAsync(null, dies ? [] : Disk.Limitable, async (cases, vault) =>
    {
        var figures = new List<string>();
        await EachAsync("batch", Offsets(frames), isLate: false, (number, _) => cases.BatchAsync(number));
        await EachAsync("attachment of one part", [.. Offsets(frames), VaultCases.OnePart / 2, VaultCases.OnePart], isLate: false, (number, _) => cases.AttachmentAsync(number, VaultCases.OnePart));
        await EachAsync("second part", ((long[])[0, VaultCases.SecondPart / 2, VaultCases.SecondPart - 1, 16, 4096]).Take(frames + 1), isLate: true, (number, limit) => cases.AttachmentAsync(number, VaultCases.TwoParts, () => limit(0)));
        await EachAsync("after the second part", Offsets(frames), isLate: true, async (number, limit) =>
        {
            await vault.EmptyLogAsync();
            while (vault.LogLength <= VaultCases.SecondPart)
                await cases.LengthenLogAsync();
            return await cases.AttachmentAsync(number, VaultCases.TwoParts, () => limit(vault.LogLength));
        });
        return figures;

        // One offset after the other, until a few pass. What breaks late sets its own limit, as an offset from a place that it says.
        async Task EachAsync(string what, IEnumerable<long> offsets, bool isLate, Func<int, Func<long, Task>, Task<(Dictionary<string, string> Next, Func<Task> Do)>> write)
        {
            var passed = 0;
            foreach (var (number, offset) in offsets.Index())
            {
                Task LimitAsync(long from) => Disk.LimitAsync(vault.Process.Id, from + offset);
                var isBroken = await cases.OneAsync($"{what}, beyond {offset}", await write(number + 1, LimitAsync), async begin =>
                {
                    var told = vault.Process.Log.Count;
                    if (!isLate)
                    {
                        await vault.EmptyLogAsync();
                        await LimitAsync(0);
                    }

                    var task = begin();
                    var failed = await vault.WaitAsync(task, told, dies);
                    if (dies)
                        await vault.ReplaceAsync();
                    else
                        await Disk.LimitAsync(vault.Process.Id, null);
                    return (await task, failed);
                });
                passed = isBroken ? 0 : passed + 1;
                if (passed == 4 && offset > 0 && !offsets.Skip(number + 1).Any(later => later < offset))
                    break;
            }

            figures.Add(cases.Figures($"{what}: writes that {(dies ? "killed" : "failed")}"));
        }
    });

    /// <summary>SIGKILL at random moments of a batch, and of an attachment; so many times each.</summary>
    /// <param name="postgres">Connection string; null for SQLite.</param>
    /// <param name="times">For each of the two.</param>
    public static Task<Report> KilledAsync(string? postgres, int times, ulong seed) => RunAsync(postgres, [], async (cases, vault) =>
    {
        var chance = new Chance(seed);
        await EachAsync(cases.BatchAsync);
        var batches = cases.Figures("batch: SIGKILLs before its end");
        await EachAsync(number => cases.AttachmentAsync(number, VaultCases.ThreeParts));
        return [batches, cases.Figures("attachment of three parts: SIGKILLs before its end")];

        async Task EachAsync(Func<int, Task<(Dictionary<string, string> Next, Func<Task> Do)>> write)
        {
            var clock = Stopwatch.StartNew();
            await (await write(0)).Do();
            var longest = (int)clock.ElapsedMilliseconds; // that a write takes, as found out on the way
            for (var number = 1; number <= times; number++)
            {
                await cases.OneAsync($"SIGKILL {number}", await write(number), async begin =>
                {
                    var task = begin();
                    await Task.WhenAny(task, Task.Delay(chance.Next(longest)));
                    var isBroken = !task.IsCompleted;
                    longest = Math.Max(8, isBroken ? longest + (longest / 8) : longest * 3 / 4);
                    await vault.ReplaceAsync();
                    return (await task, isBroken);
                });
            }
        }
    });

    /// <summary>The disk of the files and of the database is full but for a little; so many times each.</summary>
    public static async Task<Report> FullAsync(bool onPostgres, int times, ulong seed)
    {
        if (!await Disk.CanMountAsync() || (onPostgres && !Environment.IsPrivilegedProcess))
            return new Report(["full disk: left out, for this user may not mount one"], []);
        var root = await PostgresServer.CreateRootAsync();
        try
        {
            await using var postgres = onPostgres ? await PostgresServer.CreateAsync(Path.Combine(root.FullName, "a"), onSmallDisk: true) : null;
            var data = root.CreateSubdirectory("data");
            return await RunAsync(
                postgres is null ? null : $"Host={postgres.Host};Username=keyladder;Database=keyladder",
                Disk.Mount(data.FullName, megabytes: 32 + (12 * times)), // what is deleted is kept for a day
                async (cases, vault) =>
                {
                    var chance = new Chance(seed);
                    string[] fillers = [Path.Combine(vault.Files, "filler"), .. postgres is null ? [] : (string[])[Path.Combine(postgres.SmallDisk, "filler")]];
                    await EachAsync(cases.BatchAsync, 20);
                    var batches = cases.Figures("batch: full disks that it met");
                    await EachAsync(number => cases.AttachmentAsync(number, VaultCases.ThreeParts), (VaultCases.ThreeParts / 4096 * 5 / 4) + 20);
                    return [batches, cases.Figures("attachment of three parts: full disks that it met")];

                    async Task EachAsync(Func<int, Task<(Dictionary<string, string> Next, Func<Task> Do)>> write, int pages)
                    {
                        for (var number = 1; number <= times; number++)
                        {
                            var room = chance.Next(pages) * 4096L;
                            await cases.OneAsync($"Room for {room}", await write(number), async begin =>
                            {
                                foreach (var filler in fillers)
                                {
                                    Disk.Fill(filler);
                                    using var file = File.OpenWrite(filler);
                                    file.SetLength(Math.Max(0, file.Length - room));
                                }

                                var isAcknowledged = await begin();
                                foreach (var filler in fillers)
                                    File.Delete(filler);
                                if (!await vault.GetReadyAsync())
                                    cases.Findings.Add("There is room again, and the Vault is still not ready.");
                                return (isAcknowledged, !isAcknowledged);
                            });
                        }
                    }
                },
                data);
        }
        finally
        {
            root.Delete(recursive: true);
        }
    }

    private static IEnumerable<long> Offsets(int frames) => Enumerable.Range(0, frames).SelectMany(DiskRuns.FailingOffsets);

    private static async Task<Report> RunAsync(string? postgres, string[] before, Func<VaultCases, FaultyVault, Task<IReadOnlyList<string>>> run, DirectoryInfo? data = null)
    {
        await using var keystore = await KeystoreHost.StartAsync(Engine.Sqlite);
        var folder = data ?? Directory.CreateTempSubdirectory("keyladder-soak-");
        try
        {
            await using var vault = await FaultyVault.StartAsync(folder, postgres, before);
            using var device = DeviceSecret.Generate();
            using var secret = UnlockSecret.FromDevice(device);
            using var client = new KeyladderClient(keystore.Origin, new MemoryPinStore());
            using var outages = new Outages();
            using var http = new HttpClient(outages) { Timeout = Timeout.InfiniteTimeSpan };
            await using var account = await client.SignUpAsync(secret);
            await using var here = await account.Vaults.CreateAsync(vault.Address, http: http);
            await here.PutManyAsync([VaultCases.Draft("first", "0"), VaultCases.Draft("second", "0")]);
            var cases = new VaultCases(keystore.Origin, secret, here, vault.Address);
            var figures = await run(cases, vault);
            return new Report(
                [.. figures, string.Create(CultureInfo.InvariantCulture, $"503 with Retry-After: {outages.Told} times")],
                [.. cases.Findings, .. outages.Findings, .. vault.Process.Log.Where(line => line.Contains(" failed: ", StringComparison.Ordinal)).Distinct()]);
        }
        finally
        {
            if (data is null)
                folder.Delete(recursive: true);
        }
    }

    /// <summary>A service that cannot do what it is asked says 503, and when to come back.</summary>
    private sealed class Outages() : DelegatingHandler(new SocketsHttpHandler { UseProxy = false, UseCookies = false, AllowAutoRedirect = false })
    {
        public List<string> Findings { get; } = [];

        public int Told { get; private set; }

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var answer = await base.SendAsync(request, cancellationToken);
            if (answer is { StatusCode: HttpStatusCode.ServiceUnavailable, Headers.RetryAfter: not null })
                Told++;
            else if (answer.StatusCode >= HttpStatusCode.InternalServerError)
                Findings.Add($"{request.Method} {request.RequestUri!.AbsolutePath} was answered {(int)answer.StatusCode}{(answer.Headers.RetryAfter is null ? " without Retry-After" : "")}.");
            return answer;
        }
    }
}
