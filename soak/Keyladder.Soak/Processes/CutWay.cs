using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Text;

namespace Keyladder.Soak.Processes;

/// <summary>A port that passes connections on to a service, and cuts one at exactly the byte that it is told: of a request, head and body, or of its answer.</summary>
internal sealed class CutWay : IAsyncDisposable
{
    private static readonly byte[] EndOfHead = "\r\n\r\n"u8.ToArray();

    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource stop = new();
    private readonly int target;
    private readonly Task running;
    private volatile Place? armed;

    /// <param name="target">Of the service.</param>
    public CutWay(int target)
    {
        this.target = target;
        listener.Start();
        running = RunAsync();
    }

    public int Port => ((IPEndPoint)listener.LocalEndpoint).Port;

    /// <summary>The requests that went through since it was last asked, or that were cut, in their order.</summary>
    public List<Exchange> Exchanges { get; } = [];

    /// <summary>Until it is mended: cuts at this place of each request whose first line holds a text, so many times.</summary>
    public void Cut(Place place) => armed = place;

    /// <returns>How often it was cut.</returns>
    public int Mend() => Interlocked.Exchange(ref armed, null)?.Cuts ?? 0;

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        listener.Stop();
        await running;
        stop.Dispose();
    }

    private async Task RunAsync()
    {
        var connections = new List<Task>();
        try
        {
            while (true)
            {
                var socket = await listener.AcceptSocketAsync(stop.Token);
                connections.RemoveAll(connection => connection.IsCompleted);
                connections.Add(PassAsync(socket));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            await Task.WhenAll(connections);
        }
    }

    private async Task PassAsync(Socket socket)
    {
        using var client = new NetworkStream(socket, ownsSocket: true);
        using var service = await Devices.Wire.ConnectAsync(target, stop.Token);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop.Token);
        var exchange = new StrongBox<Exchange>();
        var ways = new[] { EndsAsync(SendAsync(client, service, exchange, either.Token)), EndsAsync(AnswerAsync(service, client, exchange, either.Token)) };
        await Task.WhenAny(ways);
        // Both ways that a line can end: a goodbye, or none at all.
        if (exchange.Value is { IsCut: true, Place.IsReset: true })
            socket.LingerState = service.Socket.LingerState = new LingerOption(enable: true, seconds: 0);
        await either.CancelAsync();
        await Task.WhenAll(ways);
    }

    // Where a service answers before it has heard a request out, the rest of that request and the head of the next one come together.
    private async Task SendAsync(NetworkStream from, NetworkStream to, StrongBox<Exchange> exchange, CancellationToken cancellation)
    {
        var buffer = new byte[64 * 1024];
        for (var held = 0; ;)
        {
            int end;
            while ((end = buffer.AsSpan(0, held).IndexOf(EndOfHead)) < 0)
            {
                if (await from.ReadAsync(buffer.AsMemory(held), cancellation) is > 0 and var length)
                    held += length;
                else
                    return;
            }

            var head = Encoding.ASCII.GetString(buffer, 0, end + EndOfHead.Length);
            exchange.Value = new Exchange(head, armed is { } place && place.TryTake(head) ? place : null);
            lock (Exchanges)
                Exchanges.Add(exchange.Value);
            for (var left = exchange.Value.Length; left > 0;)
            {
                if (held == 0 && (held = await from.ReadAsync(buffer, cancellation)) == 0)
                    return;
                var taken = (int)Math.Min(held, left);
                await to.WriteAsync(buffer.AsMemory(0, exchange.Value.Send(taken)), cancellation);
                if (exchange.Value.IsCut)
                    return;
                buffer.AsSpan(taken, held - taken).CopyTo(buffer);
                (held, left) = (held - taken, left - taken);
            }
        }
    }

    private static async Task AnswerAsync(NetworkStream from, NetworkStream to, StrongBox<Exchange> exchange, CancellationToken cancellation)
    {
        var buffer = new byte[64 * 1024];
        while (await from.ReadAsync(buffer, cancellation) is > 0 and var length)
        {
            await to.WriteAsync(buffer.AsMemory(0, exchange.Value!.Answer(length)), cancellation);
            if (exchange.Value.IsCut)
                return;
        }
    }

    private static async Task EndsAsync(Task way)
    {
        try
        {
            await way;
        }
        catch (Exception e) when (e is SocketException or IOException or OperationCanceledException)
        {
            // One of the two has gone.
        }
    }

    /// <param name="Line">A text of the request's first line.</param>
    /// <param name="Sent">Cuts as soon as so many bytes of the request have gone on; null for never.</param>
    /// <param name="Answered">The same of the answer.</param>
    /// <param name="Times">For so many requests.</param>
    /// <param name="IsReset">Whether both sides meet a reset, or an end.</param>
    public sealed record Place(string Line, long? Sent, long? Answered, int Times, bool IsReset)
    {
        private int _taken;
        private int _cuts;

        public int Cuts => _cuts;

        public bool TryTake(string head) =>
            head[..head.IndexOf('\r', StringComparison.Ordinal)].Contains(Line, StringComparison.Ordinal) && Interlocked.Increment(ref _taken) <= Times;

        public void Count() => Interlocked.Increment(ref _cuts);
    }

    /// <summary>A request and its answer, as far as they went through.</summary>
    /// <param name="head">Of the request, to the empty line.</param>
    /// <param name="place">Where it is cut.</param>
    public sealed class Exchange(string head, Place? place)
    {
        private const string ContentLength = "\r\nContent-Length: ";

        private long _sent;

        public string Line { get; } = head[..head.IndexOf('\r', StringComparison.Ordinal)];

        public Place? Place { get; } = place;

        /// <summary>Bytes of the request's head, and of the whole request.</summary>
        public int Head { get; } = head.Length;

        /// <inheritdoc cref="Head"/>
        public long Length { get; } = head.Length + (head.IndexOf(ContentLength, StringComparison.OrdinalIgnoreCase) is >= 0 and var at
            ? long.Parse(head.AsSpan(at + ContentLength.Length, head.IndexOf('\r', at + 2) - at - ContentLength.Length), NumberStyles.None, CultureInfo.InvariantCulture)
            : 0);

        /// <summary>Bytes of the answer, with its head.</summary>
        public long Answered { get; private set; }

        public bool IsCut { get; private set; }

        /// <returns>How many of so many bytes go on.</returns>
        public int Send(int length)
        {
            var passed = Left(Place?.Sent, _sent, length);
            _sent += passed;
            return passed;
        }

        /// <inheritdoc cref="Send"/>
        public int Answer(int length)
        {
            var passed = Left(Place?.Answered, Answered, length);
            Answered += passed;
            return passed;
        }

        private int Left(long? cutAt, long gone, int length)
        {
            if (cutAt is not { } at || gone + length < at)
                return length;
            IsCut = true;
            Place!.Count();
            return (int)(at - gone);
        }
    }
}
