using System.Diagnostics;
using System.Globalization;
using Keyladder.Client;
using Keyladder.Keys.Passphrases;
using Keyladder.Testing;

namespace Keyladder.Benchmarks.Vault;

/// <summary>
/// A Vault of 10,000 items of five attributes each: its first sync by a new client, until all overviews are open; and all attributes opened on
/// all cores, against the primitives over the same lengths.
/// </summary>
internal static class ManyItems
{
    private const int Items = 10_000;
    private const int Attributes = 5;
    private const int Turns = 7;
    private const double SyncBound = 1.5;
    private const double OpenBound = 1.5;

    // The context of an attribute: a label of 18 bytes, three UUIDs, a revision and a name of 32, each behind four bytes; and the padded length of one.
    private const int ContextLength = 130;
    private const int PaddedLength = 64;

    public static async Task<int> RunAsync(string engine)
    {
        await using var service = await MeasuredVault.StartAsync(Enum.Parse<Engine>(engine, ignoreCase: true));
        using var secret = await service.FillAsync(Items, Attributes);
        var folder = Directory.CreateTempSubdirectory("keyladder-bench-");
        try
        {
            var times = new List<double>();
            for (var turn = 0; turn < Turns; turn++)
                times.Add(await SyncAsync(service, secret, store: null));
            var kept = await SyncAsync(service, secret, new LocalStore(folder.FullName));
            var (open, bare) = await OpenAsync(service, secret, folder);
            var sync = times.Order().ElementAt(Turns / 2);
            Console.WriteLine(FormattableString.Invariant(
                $"{engine}: first sync of {Items} items, all overviews open: {sync:F2} s, the first in the process {times[0]:F2} (bound {SyncBound:F1}); with a copy of everything on the disk {kept:F2}"));
            Console.WriteLine(FormattableString.Invariant(
                $"{engine}: open {Items * Attributes} attributes: {open:F0} ms, the primitives alone {bare:F0}: ratio {open / bare:F2} (bound {OpenBound:F1})"));
            return sync <= SyncBound && open / bare <= OpenBound ? 0 : 1;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>Seconds from the unlocked account on: sign-in at the Vault, the list verified, every overview open.</summary>
    private static async Task<double> SyncAsync(MeasuredVault service, UnlockSecret secret, LocalStore? store)
    {
        using var client = new KeyladderClient(service.Server.Address, new MemoryPinStore()) { Store = store };
        await using var account = await client.Account().UnlockAsync(secret);
        var watch = Stopwatch.StartNew();
        await using var vault = await account.Vaults.OpenAsync(service.Address);
        var listed = (await vault.ListAsync()).Count;
        var seconds = watch.Elapsed.TotalSeconds;
        return listed == Items ? seconds : throw new InvalidOperationException(listed.ToString(CultureInfo.InvariantCulture));
    }

    private static async Task<(double Open, double Bare)> OpenAsync(MeasuredVault service, UnlockSecret secret, DirectoryInfo folder)
    {
        using var client = new KeyladderClient(service.Server.Address, new MemoryPinStore()) { Store = new LocalStore(folder.FullName) };
        await using var account = await client.Account().UnlockAsync(secret);
        await using var vault = await account.Vaults.OpenAsync(service.Address);
        var ids = (await vault.ListAsync()).Select(item => item.Id).ToList();
        var (open, bare) = (new List<double>(), new List<double>());
        for (var turn = 0; turn < Turns; turn++)
        {
            var watch = Stopwatch.StartNew();
            var opened = await vault.GetManyAsync(ids);
            open.Add(watch.Elapsed.TotalMilliseconds);
            if (opened.Sum(item => item.Attributes.Count) != Items * Attributes)
                throw new InvalidOperationException("Not all of them.");
            watch.Restart();
            Parallel.For(0, Items * Attributes, () => new BareCalls(ContextLength, PaddedLength), (_, _, calls) => Open(calls), _ => { });
            bare.Add(watch.Elapsed.TotalMilliseconds);
        }

        return (open.Order().ElementAt(Turns / 2), bare.Order().ElementAt(Turns / 2));
    }

    private static BareCalls Open(BareCalls calls)
    {
        calls.Open();
        return calls;
    }
}
