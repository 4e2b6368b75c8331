using System.Net;
using System.Net.Sockets;
using System.Text;
using Keyladder.Protocol;

namespace Keyladder.Soak.Devices;

/// <summary>
/// The way of one device to one service: a port that passes connections on, and that breaks them: in the middle of a request or an answer, after a write
/// has arrived and before its answer comes back, or all of them for a while.
/// </summary>
internal sealed class Forwarder : IAsyncDisposable
{
    private const int Longest = 16 * 1024; // bytes: a few messages

    private static readonly byte[] Write = Encoding.ASCII.GetBytes($"POST {ServiceRoutes.Changes}");

    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource stop = new();
    private readonly Chance chance;
    private readonly Task running;
    private long offlineUntil;
    private int offlineAfterNextWrite = -1;
    private int cut;

    public Forwarder(Chance chance)
    {
        this.chance = chance;
        listener.Start();
        running = RunAsync();
    }

    public int Port => ((IPEndPoint)listener.LocalEndpoint).Port;

    /// <summary>Of the service, as long as it runs; 0 for none.</summary>
    public int Target { get; set; }

    /// <summary>From then on nothing is broken.</summary>
    public bool IsCalm { get; set; }

    /// <summary>Connections that were broken at a byte.</summary>
    public int Cut => cut;

    /// <summary>Nothing gets through for a while; what is under way breaks off with the next byte.</summary>
    public void GoOffline(TimeSpan time) => Interlocked.Exchange(ref offlineUntil, Environment.TickCount64 + (long)time.TotalMilliseconds);

    /// <summary>The next write arrives, its answer does not, nor does anything for a while.</summary>
    public void LoseAnswer(TimeSpan time) => Interlocked.Exchange(ref offlineAfterNextWrite, (int)time.TotalMilliseconds);

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        listener.Stop();
        await running;
        stop.Dispose();
    }

    private bool IsOffline => !IsCalm && Environment.TickCount64 < Interlocked.Read(ref offlineUntil);

    private async Task RunAsync()
    {
        var connections = new List<Task>();
        try
        {
            while (true)
            {
                var socket = await listener.AcceptSocketAsync(stop.Token);
                var (kind, bytes) = (chance.Next(6), chance.Next(Longest));
                connections.RemoveAll(connection => connection.IsCompleted);
                connections.Add(PassAsync(socket, kind == 0 ? bytes : int.MaxValue, kind == 1 ? bytes : int.MaxValue));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            await Task.WhenAll(connections);
        }
    }

    private async Task PassAsync(Socket socket, int upwards, int downwards)
    {
        // No goodbye: whoever is cut off hears nothing.
        socket.LingerState = new LingerOption(enable: true, seconds: 0);
        using var client = new NetworkStream(socket, ownsSocket: true);
        if (IsOffline || Target == 0)
            return;
        try
        {
            using var service = await Wire.ConnectAsync(Target, stop.Token);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(stop.Token);
            var offlineAfter = -1;
            var ways = new[]
            {
                PumpAsync(client, service, upwards, NoteWrite, either.Token),
                PumpAsync(service, client, downwards, KeepAnswer, either.Token),
            };
            await Task.WhenAny(ways);
            await either.CancelAsync();
            await Task.WhenAll(ways);

            bool NoteWrite(ReadOnlyMemory<byte> request)
            {
                if (request.Span.StartsWith(Write))
                    offlineAfter = Interlocked.Exchange(ref offlineAfterNextWrite, -1);
                return true;
            }

            bool KeepAnswer(ReadOnlyMemory<byte> answer)
            {
                if (offlineAfter < 0 || IsCalm)
                    return true;
                GoOffline(TimeSpan.FromMilliseconds(offlineAfter));
                return false;
            }
        }
        catch (Exception e) when (e is SocketException or IOException or OperationCanceledException)
        {
            // The service does not run, or one of the two has gone.
        }
    }

    private async Task PumpAsync(NetworkStream from, NetworkStream to, int most, Func<ReadOnlyMemory<byte>, bool> goesOn, CancellationToken cancellation)
    {
        var buffer = new byte[16 * 1024];
        try
        {
            for (long passed = 0; await from.ReadAsync(buffer, cancellation) is > 0 and var length; passed += length)
            {
                if (IsOffline || !goesOn(buffer.AsMemory(0, length)))
                    return;
                var left = IsCalm ? length : (int)Math.Min(length, most - passed);
                await to.WriteAsync(buffer.AsMemory(0, Math.Max(0, left)), cancellation);
                if (left == length)
                    continue;
                Interlocked.Increment(ref cut);
                return;
            }
        }
        catch (Exception e) when (e is SocketException or IOException or OperationCanceledException)
        {
            // One of the two has gone.
        }
    }
}
