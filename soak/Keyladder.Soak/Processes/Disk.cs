using System.Globalization;

namespace Keyladder.Soak.Processes;

/// <summary>Disks that are full and writes that fail, by the kernel's own means: a small tmpfs in a mount namespace of the process, and RLIMIT_FSIZE.</summary>
internal static class Disk
{
    /// <summary>Whether this machine lets processes mount in a namespace of their own.</summary>
    public static async Task<bool> CanMountAsync() => OperatingSystem.IsLinux() && (await Command.TryRunAsync("unshare", Unshare, "true")).Code == 0;

    /// <summary>A command that becomes the one written after it, which finds a small disk at a folder; nobody else sees it, and it is gone with the process.</summary>
    /// <param name="owner">Of the disk; null for who mounts it.</param>
    public static string[] Mount(string folder, int megabytes, string? owner = null) =>
    [
        "unshare", Unshare, "sh", "-c", """mount -t tmpfs -o "size=$1" none "$2" && { [ -z "$3" ] || chown "$3" "$2"; } && shift 3 && exec "$@" """, "sh",
        string.Create(CultureInfo.InvariantCulture, $"{megabytes}m"), folder, owner ?? "",
    ];

    /// <summary>A command that becomes the one written after it, which then outlives a write beyond its limit.</summary>
    public static string[] Limitable => ["sh", "-c", """trap '' XFSZ; exec "$@" """, "sh"];

    /// <summary>Writes beyond this offset of any file fail, one that crosses it in part: at first it is too short, then it fails (setrlimit(2), RLIMIT_FSIZE).</summary>
    /// <param name="bytes">Null for no limit.</param>
    public static Task LimitAsync(int process, long? bytes) =>
        Command.RunAsync("prlimit", "--pid", process.ToString(CultureInfo.InvariantCulture), string.Create(CultureInfo.InvariantCulture, $"--fsize={(bytes is null ? "unlimited" : bytes)}:unlimited"));

    /// <summary>Writes a file until the disk takes no more.</summary>
    public static void Fill(string file)
    {
        using var filler = new FileStream(file, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        var block = new byte[4096];
        try
        {
            while (true)
                filler.Write(block);
        }
        catch (IOException)
        {
            // Full.
        }
    }

    // Who is root already needs no user namespace, and keeps other users apart.
    private static string Unshare => Environment.IsPrivilegedProcess ? "-m" : "-rm";
}
