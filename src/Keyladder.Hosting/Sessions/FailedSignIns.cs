using Keyladder.Hosting.Limits;
using Keyladder.Hosting.Problems;

namespace Keyladder.Hosting.Sessions;

/// <summary>
/// Failed sign-ins, counted by slot and by address in the hour: after a few the answer is a time to wait, which doubles with each further one. A locator that no slot has is counted like any
/// other, so that the answer does not say which are there.
/// </summary>
public sealed class FailedSignIns(Counters counters, ServiceOptions options)
{
    private const int LongestWaitSeconds = 900;

    /// <returns>What the one who failed is told.</returns>
    public async Task<ProblemException> CountAsync(byte[] locator, ClientAddress address, CancellationToken cancellation)
    {
        var counts = await counters.AddAsync([($"{options.Name}/failures-of-slot", locator), ($"{options.Name}/failures-of-address", address.ToArray())], cancellation);
        var over = Math.Max(counts[0] - options.Limits.FailuresPerSlot, counts[1] - options.Limits.FailuresPerAddress);
        if (over <= 0)
            return Problem.SignInFailed();
        var wait = TimeSpan.FromSeconds(Math.Min(LongestWaitSeconds, Math.Pow(2, over - 1)));
        return Problem.TooManyRequests(wait < counters.RestOfHour ? wait : counters.RestOfHour);
    }
}
