using System.Runtime.InteropServices;

namespace Keyladder.Cli.Terminal;

/// <summary>A terminal that closes stops a command as Ctrl-C does, so that it cleans up: the system's way to end it would leave half a file of plaintext.</summary>
internal sealed class HangUp : IDisposable
{
    private static readonly TimeSpan TimeToCleanUp = TimeSpan.FromSeconds(2);

    private readonly CancellationTokenSource _stop;
    private readonly PosixSignalRegistration _registration;

    public HangUp(CancellationToken alsoStoppedBy)
    {
        _stop = CancellationTokenSource.CreateLinkedTokenSource(alsoStoppedBy);
        _registration = PosixSignalRegistration.Create(PosixSignal.SIGHUP, Stop);
    }

    public CancellationToken Token => _stop.Token;

    public void Dispose()
    {
        _registration.Dispose();
        _stop.Dispose();
    }

    private void Stop(PosixSignalContext context)
    {
        context.Cancel = true;
        // A prompt hears no cancellation, and on a closed terminal nobody answers it.
        _ = Task.Delay(TimeToCleanUp).ContinueWith(static _ => Environment.Exit((int)ExitCode.Cancelled), TaskScheduler.Default);
        _stop.Cancel();
    }
}
