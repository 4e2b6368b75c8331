using Keyladder.Client;
using Keyladder.Keys.Envelopes;
using Keyladder.Keys.Passphrases;
using Keyladder.Testing;

namespace Keyladder.Benchmarks.Keystore;

/// <summary>Signed reads at three server processes over one PostgreSQL, each with a third of the connections, against all of them at one; in turns.</summary>
internal static class Scaling
{
    private const int Connections = 33;
    private const int Requests = 300;
    private const int Turns = 5;
    private const int Seconds = 5;

    // Less than this is a loss and not the noise of a turn.
    private const double Bound = 0.95;

    public static async Task<int> RunAsync()
    {
        await using var database = await MeasuredServer.CreateDatabaseAsync("postgres");
        await using var first = await MeasuredServer.StartAsync(database);
        var origin = first.Address.GetLeftPart(UriPartial.Authority);
        await using var second = await MeasuredServer.StartAsync(database, origin);
        await using var third = await MeasuredServer.StartAsync(database, origin);
        using var captured = new CapturedRequests();
        using var http = new HttpClient(captured, disposeHandler: false);
        using var client = new KeyladderClient(first.Address, new MemoryPinStore(), http);
        using var words = Words.Generate();
        using var secret = UnlockSecret.FromWords(words);
        await using var account = await client.SignUpAsync(secret);
        using var key = await account.Keys.GeneratePersonalAsync();
        var script = Path.Combine(database.Folder.FullName, "requests.lua");

        var ratios = new List<double>();
        for (var turn = -1; turn < Turns; turn++) // the first warms them up
        {
            var one = await RateAsync([first.Address]);
            var three = await RateAsync([first.Address, second.Address, third.Address]);
            if (turn < 0)
                continue;
            ratios.Add(three / one);
            Console.WriteLine(FormattableString.Invariant($"one process {one,7:F0}/s  three {three,7:F0}/s  ratio {three / one:F2}"));
        }

        var median = ratios.Order().ElementAt(Turns / 2);
        Console.WriteLine(FormattableString.Invariant(
            $"three server processes at {median:F2} of the rate of one, on {Environment.ProcessorCount} cores that they share with PostgreSQL and wrk (bound {Bound})"));
        return median >= Bound ? 0 : 1;

        async Task<double> RateAsync(Uri[] addresses)
        {
            captured.Clear(); // signatures are good for a minute
            for (var request = 0; request < Requests; request++)
                await account.Keys.GetAsync(key.Id);
            await File.WriteAllTextAsync(script, captured.ToScript());
            var rates = await Task.WhenAll(addresses.Select(address => Wrk.RunAsync(address, script, Seconds, Connections / addresses.Length)));
            return rates.Sum();
        }
    }
}
