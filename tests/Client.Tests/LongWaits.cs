using System.Collections.Concurrent;

namespace Keyladder.Client.Tests;

/// <summary>A clock on which a wait of half a minute and more ends when the test says so, and everything else as ever.</summary>
public sealed class LongWaits : TimeProvider, IDisposable
{
    private const int Tries = 20_000;

    private static readonly TimeSpan Long = TimeSpan.FromSeconds(31);

    private readonly ConcurrentDictionary<Waiting, bool> _waiting = new();
    private long _offset;

    public override long GetTimestamp() => base.GetTimestamp() + Interlocked.Read(ref _offset);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        if (dueTime < Long)
            return base.CreateTimer(callback, state, dueTime, period);
        var waiting = new Waiting(this, callback, state);
        _waiting.TryAdd(waiting, true);
        return waiting;
    }

    /// <summary>Lets a minute pass, and waits for what comes of it.</summary>
    public async Task PassAsync(Func<bool> until)
    {
        await UntilAsync(() => !_waiting.IsEmpty || until());
        Interlocked.Add(ref _offset, 61 * TimestampFrequency);
        foreach (var waiting in _waiting.Keys)
            waiting.End();
        await UntilAsync(until);
    }

    // An end for what never comes.
    private static async Task UntilAsync(Func<bool> until)
    {
        for (var tries = 0; !until(); tries++)
        {
            Assert.True(tries < Tries, "It did not come.");
            await Task.Delay(1, Person.Cancellation);
        }
    }

    public void Dispose() => _waiting.Clear();

    private sealed class Waiting(LongWaits owner, TimerCallback callback, object? state) : ITimer
    {
        public void End()
        {
            if (owner._waiting.TryRemove(this, out _))
                callback(state);
        }

        public bool Change(TimeSpan dueTime, TimeSpan period) => false;

        public void Dispose() => owner._waiting.TryRemove(this, out _);

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
