using System.Net;
using System.Net.Sockets;

namespace Keyladder.Soak.Load;

/// <summary>
/// Stands in for the load balancer: connections go to one server process after the other, and the processes may come and go and change their ports. Clients know one origin, behind
/// which nothing listens.
/// </summary>
internal sealed class Instances
{
    private volatile IReadOnlyList<Uri> addresses = [];
    private int next;

    public static Uri Origin { get; } = new("http://127.0.0.1:5410");

    public void Are(IEnumerable<Uri> present) => addresses = [.. present];

    public SocketsHttpHandler CreateHandler() => new()
    {
        UseProxy = false,
        UseCookies = false,
        AllowAutoRedirect = false,
        PooledConnectionLifetime = TimeSpan.FromSeconds(1), // so that one client meets all processes
        ConnectCallback = async (_, cancellation) =>
        {
            var present = addresses;
            if (present.Count == 0)
                throw new IOException("No instance runs.");
            var address = present[(int)((uint)Interlocked.Increment(ref next) % present.Count)];
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                await socket.ConnectAsync(IPAddress.Loopback, address.Port, cancellation);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        },
    };
}
