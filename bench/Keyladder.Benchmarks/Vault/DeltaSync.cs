using System.Diagnostics;
using System.Globalization;
using Keyladder.Client;
using Keyladder.Keys.Passphrases;
using Keyladder.Keys.Vault;
using Keyladder.Testing;

namespace Keyladder.Benchmarks.Vault;

/// <summary>
/// One item is changed elsewhere, and a running client whose copy is open syncs: with 100,000 items against 100, in turns. End to end, and the
/// processor time of the two processes.
/// </summary>
internal static class DeltaSync
{
    private const int Small = 100;
    private const int Large = 100_000;
    private const int WarmUp = 50;
    private const int Turns = 300;
    private const double Bound = 2;

    public static async Task<int> RunAsync(string engine)
    {
        await using var service = await MeasuredVault.StartAsync(Enum.Parse<Engine>(engine, ignoreCase: true));
        var folder = Directory.CreateTempSubdirectory("keyladder-bench-");
        try
        {
            await using var small = await Devices.OpenAsync(service, Small, folder);
            await using var large = await Devices.OpenAsync(service, Large, folder);
            for (var turn = -WarmUp; turn < Turns; turn++)
            {
                await small.TurnAsync(isMeasured: turn >= 0);
                await large.TurnAsync(isMeasured: turn >= 0);
            }

            return Say(engine, "end to end", small.Elapsed, large.Elapsed)
                & Say(engine, "processor of the client", small.Client, large.Client)
                & Say(engine, "processor of the service", small.Service, large.Service) ? 0 : 1;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static bool Say(string engine, string what, List<double> small, List<double> large)
    {
        var (one, other) = (small.Order().ElementAt(Turns / 2), large.Order().ElementAt(Turns / 2));
        Console.WriteLine(FormattableString.Invariant(
            $"{engine}: sync after one change, {what}: {one:F2} ms with {Small} items, {other:F2} with {Large}, ratio {other / one:F2} (bound {Bound:F0})"));
        return other / one <= Bound;
    }

    /// <summary>One person: a device that keeps a copy, and another that changes an item.</summary>
    private sealed class Devices(ServerProcess server, KeyladderClient client, UnlockedAccount account, Client.Vault mine, Client.Vault other, OpenedItem item) : IAsyncDisposable
    {
        private OpenedItem _item = item;
        private int _turn;

        public List<double> Elapsed { get; } = [];

        public List<double> Client { get; } = [];

        public List<double> Service { get; } = [];

        public static async Task<Devices> OpenAsync(MeasuredVault service, int items, DirectoryInfo folder)
        {
            using var secret = await service.FillAsync(items, attributes: 1);
            var client = new KeyladderClient(service.Server.Address, new MemoryPinStore()) { Store = new LocalStore(Path.Combine(folder.FullName, $"{items}")) };
            var account = await client.Account().UnlockAsync(secret);
            var mine = await account.Vaults.OpenAsync(service.Address);
            using var without = new KeyladderClient(service.Server.Address, new MemoryPinStore());
            var other = await (await without.Account().UnlockAsync(secret)).Vaults.OpenAsync(service.Address);
            return new Devices(service.Server, client, account, mine, other, await other.GetAsync((await mine.ListAsync())[0].Id));
        }

        public async Task TurnAsync(bool isMeasured)
        {
            await other.PutAsync(_item.Edit().With(ItemAttribute.Text("attribute 0", $"value {++_turn}")));
            _item = await other.GetAsync(_item.Id);
            var (theirs, ours) = (ProcessorOf(server.Id), ProcessorOf(Environment.ProcessId));
            var start = Stopwatch.GetTimestamp();
            var changed = await mine.SyncAsync();
            var elapsed = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            if (changed.Count != 1)
                throw new InvalidOperationException(changed.Count.ToString(CultureInfo.InvariantCulture));
            if (!isMeasured)
                return;
            Elapsed.Add(elapsed);
            Client.Add(ProcessorOf(Environment.ProcessId) - ours);
            Service.Add(ProcessorOf(server.Id) - theirs);
        }

        public async ValueTask DisposeAsync()
        {
            await mine.DisposeAsync();
            await other.DisposeAsync();
            await account.DisposeAsync();
            client.Dispose();
        }

        // In nanoseconds, where a process's own count goes in steps of 10 ms: more than a turn takes. A thread that ends takes its time along; the median does not mind.
        private static double ProcessorOf(int id) => Directory.GetDirectories($"/proc/{id}/task")
            .Sum(task => long.Parse(File.ReadAllText(Path.Combine(task, "schedstat")).Split(' ')[0], CultureInfo.InvariantCulture)) / 1e6;
    }
}
