using System.Runtime.InteropServices;

namespace Keyladder.Cli.Terminal;

/// <summary>
/// What Ctrl-C and SIGTERM do: the command is told and may tidy up, and ends when it has, or after <see cref="Patience"/>. At a prompt there is
/// nothing to tidy, and only a key would end the wait for one: the process ends at once.
/// </summary>
internal sealed class Stopping : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private static int _prompts;

    private readonly CancellationTokenSource _stop = new();
    private readonly PosixSignalRegistration _interrupt;
    private readonly PosixSignalRegistration _terminate;

    public Stopping() => (_interrupt, _terminate) = (PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop), PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop));

    public CancellationToken Token => _stop.Token;

    /// <summary>Until it is disposed of, a signal ends the process at once.</summary>
    public static IDisposable AtOnce()
    {
        Interlocked.Increment(ref _prompts);
        return new Prompting();
    }

    public void Dispose()
    {
        _interrupt.Dispose();
        _terminate.Dispose();
        _stop.Dispose();
    }

    private void Stop(PosixSignalContext context)
    {
        context.Cancel = true;
        if (Volatile.Read(ref _prompts) == 0)
        {
            _stop.Cancel();
            Thread.Sleep(Patience);
        }
        else
        {
            Console.Error.WriteLine();
        }

        Environment.Exit(Failures.Report(Failures.From(new OperationCanceledException())));
    }

    private sealed class Prompting : IDisposable
    {
        public void Dispose() => Interlocked.Decrement(ref _prompts);
    }
}
