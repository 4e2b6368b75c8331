using System.Net.Sockets;
using System.Text;

namespace Keyladder.Server;

/// <summary>Tells systemd, where it asks for that (<c>Type=notify</c>), how far the process is: sd_notify(3).</summary>
internal static class ServiceManager
{
    public const string Ready = "READY=1";
    public const string Stopping = "STOPPING=1";

    public static void Notify(string state)
    {
        if (Environment.GetEnvironmentVariable("NOTIFY_SOCKET") is not { Length: > 1 } path || !OperatingSystem.IsLinux())
            return;
        try
        {
            using var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
            socket.Connect(new UnixDomainSocketEndPoint(path[0] == '@' ? $"\0{path[1..]}" : path));
            socket.Send(Encoding.UTF8.GetBytes(state));
        }
        catch (SocketException)
        {
            // Nobody listens: a variable that was inherited from somebody else's start.
        }
    }
}
