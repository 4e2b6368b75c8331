using System.Globalization;

namespace Keyladder.Hosting.Storage;

/// <summary>Times as they are stored: no finer than what they are needed for, so that rows of two services cannot be joined by the moment they were made.</summary>
public static class StoredTime
{
    private const long Hour = 3_600_000;

    /// <returns>The full hour at or before the moment, in Unix milliseconds.</returns>
    public static long HourBefore(DateTimeOffset moment) => moment.ToUnixTimeMilliseconds() / Hour * Hour;

    /// <returns>The full hour after the moment, in Unix milliseconds.</returns>
    public static long HourAfter(DateTimeOffset moment) => HourBefore(moment) + Hour;

    /// <returns>The day in UTC, <c>YYYY-MM-DD</c>.</returns>
    public static string Day(DateTimeOffset moment) => moment.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
