using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Keyladder.Hosting.Observability;

/// <summary>
/// Between the signal to stop and the end: first <see cref="Health"/> says "not ready" while everything still works, then no new connection is taken, then the requests that are being
/// answered are finished.
/// </summary>
internal sealed class Draining(TimeSpan wait, TimeProvider time, ILogger<Draining> logger) : IHostedLifecycleService
{
    /// <summary>For requests in flight; a client that stops sending in the middle of one is not waited for longer.</summary>
    private static readonly TimeSpan LastRequests = TimeSpan.FromSeconds(30);

    public static void AddTo(IServiceCollection services, TimeSpan wait)
    {
        services.Configure<HostOptions>(host => host.ShutdownTimeout = wait + LastRequests);
        services.AddHostedService(provider => new Draining(wait, provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<Draining>>()));
    }

    // Comes before any other service is stopped, the listener included.
    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        if (wait == TimeSpan.Zero)
            return;
        Log.Draining(logger, (int)wait.TotalSeconds);
        await Task.Delay(wait, time, cancellationToken);
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
