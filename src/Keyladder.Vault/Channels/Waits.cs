using Keyladder.Hosting.Heads;
using Keyladder.Hosting.Problems;
using Keyladder.Protocol.Vault;
using Microsoft.Extensions.Hosting;

namespace Keyladder.Vault.Channels;

/// <summary>
/// Long polling. An instance knows nothing of what others are told: it looks into the database again and again, and holds no connection in between. A wait ends with the process's
/// work, and one account or channel has so many of them at once at an instance, that nobody makes it look without end.
/// </summary>
internal sealed class Waits(IHostApplicationLifetime lifetime, TimeProvider time)
{
    private const int AtOnce = 16;

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);

    private readonly Lock gate = new();
    private readonly Dictionary<object, int> waiting = [];

    /// <param name="whose">An account or a channel.</param>
    /// <param name="wait">Seconds, from the request.</param>
    /// <param name="look">Looks once.</param>
    /// <returns>What the first look found that found anything; empty once the time is over, or there is no waiting.</returns>
    /// <exception cref="ProblemException">The time is longer than any.</exception>
    public async Task<T[]> ForAsync<T>(object whose, HeadNumber? wait, Func<Task<T[]>> look, CancellationToken cancellation)
    {
        var longest = TimeSpan.FromSeconds(wait is { Value: > VaultRoutes.MaxWaitSeconds } ? throw Problem.MalformedRequest() : wait.GetValueOrDefault().Value);
        var (started, ending) = (time.GetTimestamp(), lifetime.ApplicationStopping);
        var found = await look();
        if (found.Length > 0 || longest == TimeSpan.Zero || !Enter(whose))
            return found;
        try
        {
            using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellation, ending);
            while (found.Length == 0 && !ending.IsCancellationRequested && time.GetElapsedTime(started) < longest)
            {
                await Task.Delay(Interval, time, ended.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                cancellation.ThrowIfCancellationRequested();
                found = await look();
            }

            return found;
        }
        finally
        {
            Leave(whose);
        }
    }

    private bool Enter(object whose)
    {
        lock (gate)
        {
            var before = waiting.GetValueOrDefault(whose);
            if (before < AtOnce)
                waiting[whose] = before + 1;
            return before < AtOnce;
        }
    }

    private void Leave(object whose)
    {
        lock (gate)
        {
            if (--waiting[whose] == 0)
                waiting.Remove(whose);
        }
    }
}
