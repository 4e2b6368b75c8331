namespace Keyladder.Benchmarks.Timing;

/// <summary>A line for each measurement, and whether it says what it must.</summary>
internal static class Verdict
{
    /// <returns>Whether the two classes look the same.</returns>
    public static bool Real(string name, WelchTest test) => Print(name, test, leaks: false);

    /// <returns>Whether the leak was seen. Where it is not, the measurement proves nothing about the code either.</returns>
    public static bool Planted(string name, WelchTest test) => Print($"{name}, with a leak", test, leaks: true);

    /// <returns>True: the two may differ.</returns>
    public static bool Shown(string name, WelchTest test)
    {
        Print(name, test, test.LargestT(), "may differ");
        return true;
    }

    private static bool Print(string name, WelchTest test, bool leaks)
    {
        var t = test.LargestT();
        var good = Math.Abs(t) >= WelchTest.Threshold == leaks;
        Print(name, test, t, good ? "as it must be" : leaks ? "LEAK NOT SEEN" : "LEAKS");
        return good;
    }

    private static void Print(string name, WelchTest test, double t, string verdict) => Console.WriteLine(FormattableString.Invariant(
        $"{name,-54} medians {test.Median(false),8:F0} {test.Median(true),8:F0} ns  t {t,8:F2}  {verdict}"));
}
