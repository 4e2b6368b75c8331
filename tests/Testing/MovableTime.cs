namespace Keyladder.Testing;

/// <summary>The system's clock, moved as a test says: time still passes and timers still run, an hour later or a day earlier.</summary>
public sealed class MovableTime : TimeProvider
{
    private long _offsetTicks;

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow().AddTicks(Volatile.Read(ref _offsetTicks));

    public void Move(TimeSpan by) => Interlocked.Add(ref _offsetTicks, by.Ticks);
}
