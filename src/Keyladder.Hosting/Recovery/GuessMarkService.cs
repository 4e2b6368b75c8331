using Keyladder.Hosting.Problems;
using Microsoft.Extensions.Hosting;

namespace Keyladder.Hosting.Recovery;

/// <summary>Looks at the mark before the service listens, and has it on the disk each second and at the end.</summary>
internal sealed class GuessMarkService(GuessMark mark, Guesses guesses, TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await guesses.CheckMarkAsync(cancellationToken);
        await base.StartAsync(cancellationToken);
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        Flush();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
            Flush();
    }

    private void Flush()
    {
        try
        {
            mark.Flush();
        }
        catch (ProblemException)
        {
            // The next guess says that the file does not answer; the next second tries again.
        }
    }
}
