using System.Diagnostics;
using System.Globalization;
using Keyladder.Client;
using Keyladder.Keys.Envelopes;
using Keyladder.Keys.Passphrases;
using Keyladder.Testing;

namespace Keyladder.Benchmarks.Keystore;

/// <summary>
/// Unlock an account of a thousand keys and list them all, from the first request on: once in a new process, and again in the same one.
/// </summary>
internal static class UnlockTime
{
    private const int KeyCount = 1_000;
    private const int Runs = 15;
    private const int WarmUnlocks = 8;
    private const double NewBound = 250;
    private const double WarmBound = 100;

    public static async Task<int> RunAsync(string engine)
    {
        await using var database = await MeasuredServer.CreateDatabaseAsync(engine);
        await using var server = await MeasuredServer.StartAsync(database);
        using var words = Words.Generate();
        var wordsFile = Path.Combine(database.Folder.FullName, "words");
        var text = new char[Words.MaxTextLength];
        await File.WriteAllTextAsync(wordsFile, text.AsMemory(0, words.DangerousWriteTo(text)));
        using (var client = new KeyladderClient(server.Address, new MemoryPinStore()))
        using (var secret = UnlockSecret.FromWords(words))
        {
            await using var account = await client.SignUpAsync(secret);
            await account.Keys.GenerateManyAsync([.. Enumerable.Range(0, KeyCount).Select(_ => new NewKey(KeyPurpose.PersonalDek))]);
        }

        var times = (New: new List<double>(), Warm: new List<double>());
        for (var run = 0; run < Runs; run++)
        {
            var (first, warm) = await InNewProcessAsync(server.Address, wordsFile);
            times.New.Add(first);
            times.Warm.Add(warm);
        }

        return Say(engine, "in a new process", times.New, NewBound) & Say(engine, "in a warm one", times.Warm, WarmBound) ? 0 : 1;
    }

    /// <summary>In a process of its own: writes the milliseconds of the first unlock and the median of the later ones to standard output.</summary>
    public static async Task<int> MeasureAsync(string address, string wordsFile)
    {
        if (!Words.TryParse(await File.ReadAllTextAsync(wordsFile), out var words, out _))
            return 1;
        using var held = words;
        using var timer = new FirstRequest();
        using var http = new HttpClient(timer, disposeHandler: false);
        using var client = new KeyladderClient(new Uri(address), new MemoryPinStore(), http);
        using var secret = UnlockSecret.FromWords(words);
        var times = new List<double>();
        for (var unlock = 0; unlock <= WarmUnlocks; unlock++)
        {
            timer.Reset();
            await using var account = await client.Account().UnlockAsync(secret);
            var keys = await account.Keys.ListAsync();
            times.Add(timer.Since.TotalMilliseconds);
            if (keys.Count != KeyCount)
                return 1;
        }

        Console.WriteLine(FormattableString.Invariant($"{times[0]} {Median(times[1..])}"));
        return 0;
    }

    private static async Task<(double First, double Warm)> InNewProcessAsync(Uri address, string wordsFile)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!, ["unlock", address.OriginalString, wordsFile]) { RedirectStandardOutput = true };
        using var process = Process.Start(start)!;
        var times = (await process.StandardOutput.ReadToEndAsync()).Split(' ');
        await process.WaitForExitAsync();
        return process.ExitCode == 0
            ? (double.Parse(times[0], CultureInfo.InvariantCulture), double.Parse(times[1], CultureInfo.InvariantCulture))
            : throw new InvalidOperationException($"The measured process ended with {process.ExitCode}.");
    }

    private static bool Say(string engine, string where, List<double> times, double bound)
    {
        var median = Median(times);
        Console.WriteLine(FormattableString.Invariant(
            $"{engine}: unlock and list {KeyCount} keys {where}: {median:F0} ms, fastest {times.Min():F0}, slowest {times.Max():F0} of {times.Count} (bound {bound:F0})"));
        return median <= bound;
    }

    private static double Median(List<double> times) => times.Order().ElementAt(times.Count / 2);
}
