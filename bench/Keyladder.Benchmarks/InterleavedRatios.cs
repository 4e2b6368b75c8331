using System.Diagnostics;

namespace Keyladder.Benchmarks;

/// <summary>
/// The same pairs as the benchmarks, in turns of a few milliseconds within one process: on a machine that others load, both sides of a
/// ratio meet the same load. The fastest turn of each side is what the code costs.
/// </summary>
internal static class InterleavedRatios
{
    private const int Turns = 400;
    private const double SmallBound = 1.3;
    private const double LargeBound = 1 / 0.75;

    public static int Print()
    {
        using var small = new SmallEnvelopes();
        using var large = new LargeEnvelopes();
        using var aes = new AesImplementations();
        var kept = Pair("64 bytes, seal", 500, small.BareSeal, () => small.Seal(), SmallBound)
            & Pair("64 bytes, open", 500, small.BareOpen, () => small.Open(), SmallBound)
            & Pair("1 MiB, seal", 4, large.RawSeal, () => large.Seal(), LargeBound)
            & Pair("1 MiB, open", 4, large.RawOpen, () => large.Open(), LargeBound);
        Pair("1 MiB, seal, new array", 4, () => large.RawSealNew(), () => large.SealNew());
        Pair("1 MiB, open, new array", 4, () => large.RawOpenNew(), () => large.OpenNew());
        Pair("1 MiB, seal as a stream", 4, large.RawSeal, large.SealStream);
        Pair("1 MiB, open as a stream", 4, large.RawOpen, large.OpenStream);
        Pair("AES: new key, 128 bytes", 500, aes.FrameworkKey, aes.LibsodiumKey);
        Pair("AES: 64 chunks", 4, aes.FrameworkChunks, aes.LibsodiumChunks);
        return kept ? 0 : 1;
    }

    private static bool Pair(string name, int calls, Action baseline, Action measured, double? bound = null)
    {
        WarmUp(calls, baseline, measured);
        var best = (Baseline: double.MaxValue, Measured: double.MaxValue);
        for (var turn = 0; turn < Turns; turn++)
        {
            best.Baseline = Math.Min(best.Baseline, Microseconds(calls, baseline));
            best.Measured = Math.Min(best.Measured, Microseconds(calls, measured));
        }

        var ratio = best.Measured / best.Baseline;
        var line = FormattableString.Invariant($"{name,-24} {best.Baseline,8:F2} µs  {best.Measured,8:F2} µs  ratio {ratio:F2}");
        Console.WriteLine(bound is null ? line : line + FormattableString.Invariant($" (bound {bound:F2})"));
        return bound is null || ratio <= bound;
    }

    // The optimizing compiler works behind, on a thread that a loaded machine may keep waiting.
    private static void WarmUp(int calls, Action baseline, Action measured)
    {
        var start = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(1))
        {
            Microseconds(calls, baseline);
            Microseconds(calls, measured);
        }
    }

    private static double Microseconds(int calls, Action action)
    {
        var start = Stopwatch.GetTimestamp();
        for (var call = 0; call < calls; call++)
            action();
        return Stopwatch.GetElapsedTime(start).TotalMicroseconds / calls;
    }
}
