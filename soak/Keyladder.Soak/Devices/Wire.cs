using System.Net;
using System.Net.Sockets;

namespace Keyladder.Soak.Devices;

/// <summary>Connections to a port of loopback, whatever the address says: devices know one origin of a service, and reach it each by a way of its own.</summary>
internal static class Wire
{
    public static HttpClient Connect(Func<int> port) => new(new SocketsHttpHandler
    {
        UseProxy = false,
        UseCookies = false,
        AllowAutoRedirect = false,
        ConnectCallback = async (_, cancellation) => await ConnectAsync(port(), cancellation),
    })
    {
        Timeout = Timeout.InfiniteTimeSpan,
    };

    public static async Task<NetworkStream> ConnectAsync(int port, CancellationToken cancellation)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(IPAddress.Loopback, port, cancellation);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
