using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Keyladder.Cli.Agent;

/// <summary>Who is at the other end of a socket, where the system tells (SO_PEERCRED on Linux). Both ends ask.</summary>
internal static partial class SocketPeer
{
    private const int SolSocket = 1;
    private const int SoPeerCred = 17;

    public static bool IsSameUser(Socket socket)
    {
        if (!OperatingSystem.IsLinux())
            return true;
        // struct ucred: pid, uid, gid, 4 bytes each.
        Span<byte> credentials = stackalloc byte[12];
        return socket.GetRawSocketOption(SolSocket, SoPeerCred, credentials) == credentials.Length
            && MemoryMarshal.Read<uint>(credentials[4..]) == EffectiveUser();
    }

    [LibraryImport("libc", EntryPoint = "geteuid")]
    private static partial uint EffectiveUser();
}
