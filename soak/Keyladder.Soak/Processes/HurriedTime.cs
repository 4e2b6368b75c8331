namespace Keyladder.Soak.Processes;

/// <summary>The system's clock, whose short timers are over at once: the pauses of a client between its tries, and not its patience.</summary>
internal sealed class HurriedTime : TimeProvider
{
    private static readonly TimeSpan Short = TimeSpan.FromSeconds(1);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        base.CreateTimer(callback, state, dueTime > TimeSpan.Zero && dueTime < Short ? TimeSpan.FromMilliseconds(1) : dueTime, period);
}
