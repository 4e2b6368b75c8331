namespace Keyladder.Benchmarks.Timing;

/// <summary>
/// What must take the same time whatever a secret is (attacks E15, G01, G16, H04). Beside each measurement stands one of a leak that was
/// planted: a command that would not see it has shown nothing.
/// </summary>
internal static class TimingTests
{
    public static async Task<int> RunAsync()
    {
        using var comparisons = new Comparisons();
        var good = comparisons.Run();
        await using var signIns = await SignIns.StartAsync();
        good &= await signIns.RunAsync();
        return await RunRecoveryAsync() == 0 && good ? 0 : 1;
    }

    /// <summary>The last part alone.</summary>
    public static async Task<int> RunRecoveryAsync()
    {
        await using var attempts = await RecoveryAttempts.StartAsync();
        return await attempts.RunAsync() ? 0 : 1;
    }
}
