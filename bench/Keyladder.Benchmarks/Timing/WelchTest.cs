namespace Keyladder.Benchmarks.Timing;

/// <summary>
/// Whether two classes of inputs take different times, after dudect (Reparaz, Balasch, Verbauwhede 2017): Welch's t over the samples, and
/// over those below some percentiles, because what interrupts a measurement only ever makes it longer. The largest |t| counts.
/// </summary>
internal sealed class WelchTest(int samples)
{
    /// <summary>From here on the classes differ: by chance once in a hundred thousand.</summary>
    public const double Threshold = 4.5;

    private static readonly double[] Percentiles = [1, 0.99, 0.95, 0.9, 0.75, 0.5];

    private readonly List<(bool Second, double Time)> measured = new(samples);

    public void Add(bool second, double time) => measured.Add((second, time));

    public double Median(bool second) => Sorted(measured.Where(sample => sample.Second == second))[measured.Count / 4];

    public double LargestT()
    {
        var sorted = Sorted(measured);
        return Percentiles.Select(part => T(sorted[(int)((sorted.Length - 1) * part)])).MaxBy(Math.Abs);
    }

    private double T(double longest)
    {
        var (first, second) = (new Moments(), new Moments());
        foreach (var sample in measured.Where(sample => sample.Time <= longest))
            (sample.Second ? second : first).Add(sample.Time);
        var error = Math.Sqrt((first.Variance / first.Count) + (second.Variance / second.Count));
        return error > 0 ? (first.Mean - second.Mean) / error : 0;
    }

    private static double[] Sorted(IEnumerable<(bool Second, double Time)> samples) => [.. samples.Select(sample => sample.Time).Order()];

    // Welford's way: no sum of squares that would swallow what is looked for.
    private sealed class Moments
    {
        private double squares;

        public int Count { get; private set; }

        public double Mean { get; private set; }

        public double Variance => Count > 1 ? squares / (Count - 1) : 0;

        public void Add(double value)
        {
            Count++;
            var before = value - Mean;
            Mean += before / Count;
            squares += before * (value - Mean);
        }
    }
}
