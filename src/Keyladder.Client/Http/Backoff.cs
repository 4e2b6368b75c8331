using System.Security.Cryptography;

namespace Keyladder.Client;

/// <summary>Pauses between tries: doubling, and random, so that devices that met once do not meet again.</summary>
internal static class Backoff
{
    private const int FirstMilliseconds = 100;

    /// <param name="failures">How many tries have failed so far, from 1.</param>
    public static Task WaitAsync(int failures, TimeProvider time, CancellationToken cancellationToken) =>
        WaitAsync(failures, atLeast: null, time, cancellationToken);

    /// <summary>For who has all day: from a second to half a minute.</summary>
    /// <param name="failures">How many tries have failed so far, from 1.</param>
    /// <param name="atLeast">What the service asked for.</param>
    /// <param name="atMost">Whatever it asked for.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static Task WaitLongAsync(int failures, TimeSpan? atLeast, TimeSpan atMost, TimeProvider time, CancellationToken cancellationToken)
    {
        var longest = Math.Min(1_000 << Math.Min(failures - 1, 5), 30_000);
        var pause = TimeSpan.FromMilliseconds(RandomNumberGenerator.GetInt32(longest / 2, longest + 1));
        if (pause < atLeast.GetValueOrDefault())
            pause = atLeast.GetValueOrDefault();
        return Task.Delay(pause < atMost ? pause : atMost, time, cancellationToken);
    }

    /// <param name="failures">How many tries have failed so far, from 1.</param>
    /// <param name="atLeast">What the service asked for.</param>
    public static Task WaitAsync(int failures, TimeSpan? atLeast, TimeProvider time, CancellationToken cancellationToken)
    {
        var longest = FirstMilliseconds << Math.Min(failures - 1, 3);
        var pause = TimeSpan.FromMilliseconds(RandomNumberGenerator.GetInt32(longest / 2, longest + 1));
        return Task.Delay(pause + (atLeast ?? TimeSpan.Zero), time, cancellationToken);
    }
}
