using System.Collections.Concurrent;
using Keyladder.Hosting.Problems;

namespace Keyladder.Hosting.Limits;

/// <summary>
/// A limit that is counted in this process alone, for calls that must stay as cheap as they are: a bucket for each caller, full at first, that fills up again evenly. Of several
/// processes each has its own.
/// </summary>
internal sealed class TokenBuckets<TCaller>(int perMinute, TimeProvider time)
    where TCaller : notnull
{
    private const int MaxKept = 16_384;

    // Two halves, as in SessionKeys: when the young one is full it becomes the old one. Who drops out starts with a full bucket.
    private ConcurrentDictionary<TCaller, Bucket> young = new();
    private ConcurrentDictionary<TCaller, Bucket> old = new();

    /// <exception cref="ProblemException">The bucket is empty.</exception>
    public void Take(TCaller caller)
    {
        if (young.Count >= MaxKept)
            (old, young) = (young, new());
        var bucket = young.GetOrAdd(caller, added => old.TryGetValue(added, out var kept) ? kept : new Bucket(perMinute, time.GetUtcNow()));
        if (!bucket.TryTake(perMinute, time.GetUtcNow(), out var wait))
            throw Problem.TooManyRequests(wait);
    }

    private sealed class Bucket(double tokens, DateTimeOffset filled)
    {
        private readonly Lock gate = new();

        public bool TryTake(int perMinute, DateTimeOffset now, out TimeSpan wait)
        {
            lock (gate)
            {
                // A clock that was set back fills nothing and does not stop the filling for long.
                var passed = now > filled ? now - filled : TimeSpan.Zero;
                tokens = Math.Min(perMinute, tokens + (passed.TotalMinutes * perMinute));
                filled = now;
                wait = tokens >= 1 ? TimeSpan.Zero : TimeSpan.FromMinutes((1 - tokens) / perMinute);
                if (tokens >= 1)
                    tokens--;
                return wait == TimeSpan.Zero;
            }
        }
    }
}
