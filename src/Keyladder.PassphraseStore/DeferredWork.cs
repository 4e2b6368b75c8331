using System.Threading.Channels;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Keyladder.PassphraseStore;

/// <summary>
/// What is done after the answer, because the time that it takes would tell whether a username is known, or because it waits for a mail server. It is in memory alone: what a crash
/// takes is a code that can be asked for again, or a notice of what stands among the record's events too.
/// </summary>
internal sealed class DeferredWork(ILogger<DeferredWork> logger) : BackgroundService
{
    private const int MaxWaiting = 1_000;

    // So many, that one mail server that does not answer holds up the others for less.
    private const int AtOnce = 4;

    private static readonly TimeSpan LongestGoodbye = TimeSpan.FromSeconds(10);

    private readonly Channel<Func<CancellationToken, Task>> queue = Channel.CreateUnbounded<Func<CancellationToken, Task>>();
    private int waiting;

    /// <summary>What anybody can ask for.</summary>
    /// <returns>False where so much waits that it is left out.</returns>
    public bool TryAdd(Func<CancellationToken, Task> work)
    {
        if (Volatile.Read(ref waiting) < MaxWaiting)
            return Write(work);
        PassphraseStoreLog.DeferredLeftOut(logger, MaxWaiting);
        return false;
    }

    /// <summary>What a right code or a signature has caused: who fills the queue keeps no word of it from the person.</summary>
    public void Add(Func<CancellationToken, Task> work) => Write(work);

    /// <summary>What waits is done first, if that does not take long.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        queue.Writer.TryComplete();
        try
        {
            await (ExecuteTask ?? Task.CompletedTask).WaitAsync(LongestGoodbye, cancellationToken);
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException)
        {
            // What is left is lost.
        }

        await base.StopAsync(cancellationToken);
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(Enumerable.Range(0, AtOnce).Select(_ => RunAsync(stoppingToken)));

    private bool Write(Func<CancellationToken, Task> work)
    {
        Interlocked.Increment(ref waiting);
        return queue.Writer.TryWrite(work);
    }

    private async Task RunAsync(CancellationToken cancellation)
    {
        await foreach (var work in queue.Reader.ReadAllAsync(cancellation))
        {
            Interlocked.Decrement(ref waiting);
            try
            {
                await work(cancellation);
            }
            catch (Exception e) when (!cancellation.IsCancellationRequested)
            {
                // Whatever it was: the next piece of work has nothing to do with it.
                PassphraseStoreLog.DeferredFailed(logger, e.GetType().FullName!, e.StackTrace);
            }
        }
    }
}
