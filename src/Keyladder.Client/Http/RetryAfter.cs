using System.Net.Http.Headers;

namespace Keyladder.Client;

/// <summary>
/// When a service or a proxy wants to be asked again (RFC 9110 section 10.2.3). It is a wish: what is longer than a day is taken for a day,
/// so that no answer keeps an app away for good.
/// </summary>
internal static class RetryAfter
{
    private static readonly TimeSpan Longest = TimeSpan.FromDays(1);

    /// <summary>What a person hardly notices. Whoever is asked to wait longer than this hears of it instead.</summary>
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    public static bool IsShort(TimeSpan? wait) => wait is null || wait <= LongestPause;

    /// <returns>Null where the header is not there or cannot be read.</returns>
    public static TimeSpan? Read(RetryConditionHeaderValue? header, TimeProvider time)
    {
        var wait = header?.Delta ?? header?.Date - time.GetUtcNow();
        if (wait is null)
            return null;
        return wait < TimeSpan.Zero ? TimeSpan.Zero : wait > Longest ? Longest : wait;
    }
}
