using System.Diagnostics;
using System.Globalization;
using Keyladder.Fuzz.Engine;
using Keyladder.Fuzz.Parsers;

namespace Keyladder.Fuzz;

/// <summary>Runs the parsers one after the other and prints a line for each; a finding gets its own lines, with the command that shows it again.</summary>
internal sealed class Campaign(Options options)
{
    private volatile Fuzzer? running;
    private volatile string runningName = "";

    /// <returns>Whether nothing was found.</returns>
    public bool Run()
    {
        using var watch = new Timer(_ => EndIfHanging(), null, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1));
        var parsers = Registry.All.Where(parser => options.Parsers.Count == 0 || options.Parsers.Contains(parser.Name));
        var (inputs, findings, started) = (0L, 0, Stopwatch.GetTimestamp());
        foreach (var parser in parsers)
        {
            var fuzzer = new Fuzzer(parser, options.Seed);
            (runningName, running) = (parser.Name, fuzzer);
            var result = fuzzer.Run(options.First, options.Inputs, options.Limit);
            running = null;
            (inputs, findings) = (inputs + result.Inputs, findings + result.Findings.Count);
            Console.WriteLine(Line(result));
            foreach (var finding in result.Findings)
                Console.WriteLine(finding);
        }

        using var self = Process.GetCurrentProcess();
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{inputs} inputs, {findings} findings, {Stopwatch.GetElapsedTime(started).TotalSeconds:F0} s, peak memory {self.PeakWorkingSet64 / 1048576.0:F0} MiB"));
        return findings == 0;
    }

    private static string Line(Result result) => string.Create(
        CultureInfo.InvariantCulture,
        $"{result.Parser,-26} {result.Inputs,9} inputs {result.Accepted,8} accepted {result.Elapsed.TotalSeconds,7:F1} s, "
        + $"at most {result.MostAllocated,9} bytes, {result.Findings.Count} findings");

    // A parser that never returns cannot be left behind: the process ends, and says where.
    private void EndIfHanging()
    {
        if (running?.Current is not { } current || Stopwatch.GetElapsedTime(current.Started) < Fuzzer.HangCeiling)
            return;
        Console.WriteLine(new Finding(runningName, options.Seed, current.Number, current.Input, "It has not returned."));
        Environment.Exit(1);
    }
}
